internal import ControllerRuntime
internal import FoundationEssentials
internal import KubernetesModel
internal import MartletAPI
internal import MartletDecisions

extension ScalingSnapshot {
    /// Gathers what a decision may depend on from what is known at this instant, without asking anybody.
    init(
        _ endpoint: InferenceEndpoint, _ admitted: Admitted, bounds: ScalingBounds, memory: inout EndpointMemory,
        observation: QueueObservation?, workers: [Pod], roster: WorkerRoster, honoursDeletionCost: Bool,
        time: any TimeSource
    ) {
        let now = time.now
        let resolved = admitted.resolved
        let prefix = resolved.queue.source.keyPrefix
        let evidence = roster.evidence(for: workers, keyPrefix: prefix, at: now)
        let deletion = endpoint.metadata.deletionTimestamp.map {
            ScalingBounds.deleted(resolved.workers, since: $0.date)
        }
        self.init(
            now: now, endpoint: resolved, bounds: deletion ?? bounds,
            target: TargetSnapshot(
                kind: TargetKind(admitted.target, honoursDeletionCost: honoursDeletionCost),
                replicas: memory.replicas(of: admitted.target, at: time.uptime),
                created: admitted.target.currentReplicas,
                gpusPerReplica: admitted.target.gpusPerReplica),
            pods: zip(workers, evidence).map { pod, evidence in
                PodSnapshot(
                    pod, evidence: evidence,
                    work: observation?.pods[pod.key.name].map { PodWork($0, now: now) })
            },
            reading: ReadingState(observation, startedAt: memory.history.startedAt, now: now),
            listeningSince: roster.listeningSince(keyPrefix: prefix), refusal: admitted.refusal)
    }

    /// Under which prefix the workers of this endpoint announce themselves.
    var keyPrefix: String { endpoint.queue.source.keyPrefix }
}

extension MartletAPI.QueueSource {
    /// `global_keyprefix` of a Celery application; empty for the rest.
    var keyPrefix: String {
        switch self {
        case .celery(let celery): celery.keyPrefix
        case .list, .stream, .sortedSet: ""
        }
    }
}

extension QueueQuery {
    /// The keys that a spec names.
    init(_ endpoint: ResolvedScaling) {
        switch endpoint.queue.source {
        case .celery(let celery):
            self = .celery(
                queues: celery.queues, priorities: celery.priorities, keyPrefix: celery.keyPrefix,
                unackedKey: celery.unackedKey)
        case .list(let list): self = .list(key: list.key, inFlightKeys: list.inFlightKeys)
        case .stream(let stream):
            self = .stream(key: stream.key, group: stream.group, countingTo: endpoint.mostTasks)
        case .sortedSet(let set):
            self = .sortedSet(key: set.key, inFlightKeys: set.inFlightKeys, due: set.dueScore)
        }
    }
}

extension ResolvedScaling {
    /// More tasks than this are decided over as this many are.
    fileprivate var mostTasks: Int {
        max(workers.maxReplicas * queue.tasksPerReplica, queue.activationTasks + 1)
    }
}

extension PodWork {
    fileprivate init(_ tasks: PodTasks, now: Date) {
        switch tasks {
        case .unread: self = .unread
        case .some(let count): self = .tasks(count)
        case .none(let since, let confirmedAt):
            self = .empty(
                since: now - since.duration(to: .now).seconds,
                confirmedAt: confirmedAt.map { now - $0.duration(to: .now).seconds } ?? now)
        }
    }
}

extension TargetKind {
    fileprivate init(_ target: ScaleTarget, honoursDeletionCost: Bool) {
        switch target.key.kind {
        case .deployment: self = .deployment(honoursDeletionCost: honoursDeletionCost)
        case .statefulSet: self = .statefulSet(firstOrdinal: target.firstOrdinal)
        }
    }
}

extension PodSnapshot {
    fileprivate init(_ pod: Pod, evidence: WorkerEvidence, work: PodWork?) {
        let labels = pod.metadata.labels
        self.init(
            name: pod.key.name, phase: pod.phase, isScheduled: pod.nodeName != nil, isReady: pod.isReady,
            isTerminating: pod.isTerminating, startedAt: pod.startedAt?.date,
            template: labels?["pod-template-hash"] ?? labels?["controller-revision-hash"],
            deletionCost: pod.deletionCost ?? 0, evidence: evidence, work: work)
    }
}

extension ReadingState {
    /// No reading is not zero: until the first one, the queue counts as lost since the operator began.
    fileprivate init(_ observation: QueueObservation?, startedAt: Date, now: Date) {
        if let failure = observation?.failure {
            self = .lost(since: now - failure.since.duration(to: .now).seconds)
            return
        }
        guard let reading = observation?.reading else {
            self = .lost(since: startedAt)
            return
        }
        self = .current(
            QueueReading(
                waiting: reading.waiting, inFlight: reading.inFlight, isEstimate: reading.inFlightIsEstimate,
                unattributed: reading.unattributed, unassigned: reading.unassigned, estimate: reading.estimate,
                touchedAt: (observation?.touchedAt).map { now - $0.duration(to: .now).seconds }))
    }
}

extension Duration {
    /// In seconds, for arithmetic with dates.
    var seconds: Double { self / .seconds(1) }
}
