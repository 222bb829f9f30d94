internal import FoundationEssentials
internal import Kubernetes
internal import KubernetesModel
internal import MartletAPI
internal import MartletDecisions

/// Turns the result of one reconcile into the status that people read. Pure.
struct StatusReport {
    /// How far the reconcile came.
    enum Content {
        case rejected(Rejection)
        case decided(Decided)
    }
    /// A reconcile that came to a decision.
    struct Decided {
        var admitted: Admitted
        var snapshot: ScalingSnapshot
        var decision: ScalingDecision
        var outcome: ScaleOutcome
        var observation: QueueObservation?
        /// Why the server does not let heartbeats be heard.
        var workersRefused: QueueFailure?
    }

    let endpoint: InferenceEndpoint
    let content: Content
    let schedule: EndpointScheduleReport
    let now: Date

    init(
        endpoint: InferenceEndpoint, rejection: Rejection, schedule: EndpointScheduleReport = .ungoverned, now: Date
    ) {
        self.endpoint = endpoint
        self.schedule = schedule
        content = .rejected(rejection)
        self.now = now
    }

    init(
        endpoint: InferenceEndpoint, admitted: Admitted, snapshot: ScalingSnapshot, decision: ScalingDecision,
        outcome: ScaleOutcome, observation: QueueObservation?, workersRefused: QueueFailure?,
        schedule: EndpointScheduleReport = .ungoverned, now: Date
    ) {
        self.endpoint = endpoint
        self.schedule = schedule
        content = .decided(
            Decided(
                admitted: admitted, snapshot: snapshot, decision: decision, outcome: outcome, observation: observation,
                workersRefused: workersRefused))
        self.now = now
    }

    /// The whole status; conditions keep their transition time while they stay what they were.
    func status(after memory: EndpointMemory) -> InferenceEndpointStatus {
        var conditions = memory.conditions
        var status = InferenceEndpointStatus(
            observedGeneration: endpoint.metadata.generation, schedule: schedule.status)
        let findings: [Finding]
        switch content {
        case .rejected(let rejection):
            findings = [
                Finding("Accepted", .no, rejection.reason, rejection.message),
                Finding(
                    "QueueReadable", .unknown, "NotAccepted",
                    "The queue is not read while the endpoint is not accepted."),
                Finding(
                    "WorkersScaled", .unknown, "NotAccepted", "Nothing is scaled while the endpoint is not accepted."),
            ]
            conditions.removeAll { ["BusynessKnown", "GracePeriodSufficient"].contains($0.type) }
        case .decided(let decided):
            findings = decided.findings
            status.workers = decided.workers(endpoint, memory, now)
            status.queue = decided.queue
        }
        for finding in findings + [Finding(readinessFrom: findings)] {
            conditions.set(finding.condition(at: now, generation: endpoint.metadata.generation))
        }
        schedule.replace(in: &conditions, at: now, generation: endpoint.metadata.generation)
        status.conditions = conditions
        return status
    }
}

/// A condition before it is dated.
struct Finding {
    var type: String
    var status: ConditionStatus
    var reason: String
    var message: String

    init(_ type: String, _ status: ConditionStatus, _ reason: String, _ message: String) {
        self.type = type
        self.status = status
        self.reason = reason
        self.message = message
    }

    /// `Ready` sums up what an endpoint needs to do its work; the first that is missing gives the reason.
    init(readinessFrom findings: [Finding]) {
        let needed = ["Accepted", "QueueReadable", "WorkersScaled"]
        if let missing = findings.first(where: { needed.contains($0.type) && $0.status != .yes }) {
            self.init("Ready", .no, missing.reason, missing.message)
        } else {
            self.init("Ready", .yes, "Ready", "The queue is read and the workers are scaled to it.")
        }
    }

    func condition(at now: Date, generation: Int64?) -> Condition {
        Condition(
            type: type, status: status, reason: reason, message: message,
            lastTransitionTime: Timestamp(now.wholeSeconds),
            observedGeneration: generation)
    }
}

extension StatusReport.Decided {
    /// Every condition but `Ready`.
    fileprivate var findings: [Finding] {
        var findings = [accepted, queueReadable, workersScaled]
        switch decision.inputs.busynessKnown {
        case .known:
            findings.append(Finding("BusynessKnown", .yes, "Heard", "The workers tell whether they are busy."))
        case .undecided: break
        case .unknown(let reason, let message):
            let refused = workersRefused.map { " \($0.message)" } ?? ""
            findings.append(Finding("BusynessKnown", .no, reason, message + refused))
        }
        let drain = admitted.resolved.workers.drainSeconds
        findings.append(
            admitted.target.graceSeconds < drain
                ? Finding(
                    "GracePeriodSufficient", .no, "GraceShorterThanDrain",
                    "The Pods' terminationGracePeriodSeconds is \(admitted.target.graceSeconds), shorter than "
                        + "closing.drainSeconds \(drain): a task that outlives the drain is cut off. Raise it.")
                : Finding("GracePeriodSufficient", .yes, "GraceCoversDrain", "A draining worker has time to finish."))
        return findings
    }

    /// A host that may not be spoken to, or does not exist, is a mistake of the spec.
    private var accepted: Finding {
        if let failure = observation?.failure, failure.reason == .hostNotFound || failure.reason == .hostRefused {
            return Finding("Accepted", .no, failure.reason.rawValue, failure.message)
        }
        if let refusal = admitted.refusal { return Finding("Accepted", .no, refusal.reason, refusal.message) }
        return Finding("Accepted", .yes, "Accepted", "The spec is in order.")
    }

    private var queueReadable: Finding {
        if let failure = observation?.failure {
            return Finding("QueueReadable", .no, failure.reason.rawValue, failure.message)
        }
        guard let observation, observation.reading != nil else {
            return Finding("QueueReadable", .unknown, "NotReadYet", "The queue has not been read yet.")
        }
        if let group, observation.reading?.estimate == .groupMissing {
            return Finding(
                "QueueReadable", .yes, "GroupMissing",
                "The stream has no consumer group \"\(group)\" yet, so nobody can tell how much of it waits; one replica "
                    + "is wanted while it has entries, to create the group.")
        }
        let remark = remark(on: observation.reading?.estimate)
        switch observation.source {
        case .push:
            return Finding("QueueReadable", .yes, "Pushed", "The server tells of each change at once.\(remark)")
        case .poll(let why): return Finding("QueueReadable", .yes, "Polled", why + remark)
        }
    }

    /// The consumer group that reads the queue, if it is a stream's.
    private var group: String? {
        guard case .stream(let stream) = admitted.resolved.queue.source else { return nil }
        return stream.group
    }

    private func remark(on estimate: WaitingEstimate?) -> String {
        guard group != nil else { return "" }
        let seconds = admitted.resolved.queue.server.pollSeconds
        let paced = " What the group's consumers take and acknowledge is read every \(seconds) s."
        guard estimate == .atLeast else { return paced }
        return paced + " It does not tell the group's lag (Redis before 7, or entries were deleted): the entries were "
            + "counted as far as they matter, and at least so many wait."
    }

    private var workersScaled: Finding {
        if let refusal = admitted.refusal { return Finding("WorkersScaled", .no, refusal.reason, refusal.message) }
        if admitted.resolved.suspend {
            return Finding("WorkersScaled", .no, "Suspended", "spec.suspend is true: nothing is written.")
        }
        switch outcome {
        case .failed(let error):
            let reason = error.isForbidden ? "Forbidden" : "WriteFailed"
            return Finding("WorkersScaled", .no, reason, "The last write failed: \(error)")
        case .held, .scaled, .costsWritten, .paced, .withheld:
            return Finding("WorkersScaled", .yes, "Scaled", "The target has the replicas that the last decision set.")
        }
    }

    fileprivate func workers(_ endpoint: InferenceEndpoint, _ memory: EndpointMemory, _ now: Date) -> WorkersStatus {
        let inputs = decision.inputs
        return WorkersStatus(
            replicas: admitted.target.currentReplicas, desiredReplicas: decision.desired, busyReplicas: inputs.busy,
            reason: decision.reason, lastScaleTime: memory.lastScaleTime,
            lastActiveTime: Timestamp(memory.history.lastActive.wholeSeconds),
            decision: DecisionStatus(
                time: Timestamp(now.wholeSeconds), demand: inputs.demand, waiting: inputs.waiting,
                inFlight: inputs.inFlight, busy: inputs.busy, idle: inputs.idle, unknown: inputs.unknown,
                current: inputs.current, desired: decision.desired, steps: decision.steps))
    }

    /// What was read last, kept while nothing newer can be read.
    fileprivate var queue: QueueStatus? {
        guard let observation, let reading = observation.reading else { return nil }
        let source: ReadingSource =
            switch observation.source {
            case .push: .push
            case .poll: .poll
            }
        return QueueStatus(
            waiting: reading.waiting, inFlight: decision.inputs.inFlight ?? reading.inFlight, source: source,
            estimate: reading.estimate)
    }
}

extension Date {
    /// Cut to what the API keeps, so that a value read back equals the one written.
    var wholeSeconds: Date { Date(timeIntervalSince1970: timeIntervalSince1970.rounded(.down)) }
}
