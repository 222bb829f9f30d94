internal import ControllerRuntime
internal import FoundationEssentials
internal import Kubernetes
internal import KubernetesModel
internal import Logging
internal import MartletAPI
internal import MartletDecisions

/// Scales the workers of one endpoint to what its queue asks for.
///
/// Each reconcile looks at the world as it is now, decides once and does one thing; nothing depends on having seen an
/// event. The order is: admission, observation, snapshot, decision, action, status. An operator that stands by goes the
/// same way up to the decision, so that it can act at once when it comes to lead.
struct WorkersController: Sendable {
    /// The mark by which a deleted endpoint waits for its workers to be scaled to their minimum.
    static let finalizer: Finalizer = "martlet.dev/workers"

    /// An idle endpoint is looked at again after this time: consents and Secrets are not watched.
    private static let resync = Duration.seconds(300)
    /// The same while something is wrong that no watch would tell the end of.
    private static let retryOfRejection = Duration.seconds(10)

    /// A failover or a restart of Redis is over by then. Told of at once, each would cost two writes an object.
    private static let patienceWithLoss = Duration.seconds(5)

    let endpoints: Cache<InferenceEndpoint>
    let resources: Resources<InferenceEndpoint>
    let admission: Admission
    let servers: QueueServers
    let pods: WorkerPodLoader
    let capacities: CapacitySource
    let memories: EndpointMemories
    let index: TargetIndex
    let scaler: Scaler
    let statuses: StatusWriter
    let board: EndpointStatusBoard
    let announcer: Announcer
    let honoursDeletionCost: Bool
    let leadership: @Sendable () -> Leadership
    let scheduleMetrics = ScheduleMetrics()
    let time: any TimeSource

    /// Brings one endpoint up to date.
    func reconcile(_ key: ObjectKey) async throws -> ReconcileResult {
        guard let endpoint = endpoints[key] else {
            forget(key)
            return .done
        }
        var memory = memories.recall(endpoint, now: time.now)
        defer { memories.keep(memory, for: key) }
        if case .leading(let term) = leadership() { memory.enter(term: term, with: endpoint) }
        let schedule = ScheduleLook(endpoint, capacities, &memory, now: time.now)
        switch try await admission.check(endpoint, memory.resolution) {
        case .rejected(let rejection): return try await reject(endpoint, rejection, schedule, &memory)
        case .unreadable(let admitted, let rejection):
            try await closeUnread(endpoint, admitted, schedule, &memory)
            return try await reject(endpoint, rejection, schedule, &memory)
        case .absent:
            servers.stopObserving(key)
            board.withdrawWorkers(key)
            if endpoint.metadata.isBeingDeleted { return try await release(endpoint) }
            return .done
        case .admitted(let admitted): return try await scale(endpoint, admitted, schedule, &memory)
        }
    }

    /// Everything that was kept for an endpoint that is gone.
    private func forget(_ key: ObjectKey) {
        servers.stopObserving(key)
        statuses.forget(key)
        capacities.forget(key)
        board.forget(key)
        guard let memory = memories.forget(key) else { return }
        memory.metrics.remove()
        if let target = memory.followed, index.endpoints(of: target).isEmpty { pods.stopFollowing(target) }
    }

    private func reject(
        _ endpoint: InferenceEndpoint, _ rejection: Rejection, _ schedule: ScheduleLook, _ memory: inout EndpointMemory
    ) async throws -> ReconcileResult {
        servers.stopObserving(endpoint.key)
        if endpoint.metadata.isBeingDeleted { return try await release(endpoint) }
        let wait = rejection.mayPass ? Self.retryOfRejection : Self.resync
        guard leads else { return .again(after: schedule.nextLook(within: wait, now: time.now)) }
        let report = StatusReport(
            endpoint: endpoint, rejection: rejection, schedule: schedule.report, now: time.now)
        announce(report, endpoint, &memory)
        return .again(after: schedule.nextLook(within: wait, now: time.now))
    }

    /// Carries a closing out where the queue can't even be asked, for want of its credentials: GPUs must not outlive
    /// their schedule for that.
    private func closeUnread(
        _ endpoint: InferenceEndpoint, _ admitted: Admitted, _ schedule: ScheduleLook, _ memory: inout EndpointMemory
    ) async throws {
        guard leads, admitted.refusal == nil, !admitted.resolved.suspend, !endpoint.metadata.isBeingDeleted,
            let bounds = schedule.bounds, bounds.closing != nil, admitted.target.replicas > bounds.ceiling
        else { return }
        memory.followed = admitted.target.key
        let snapshot = ScalingSnapshot(
            endpoint, admitted, bounds: bounds, memory: &memory, observation: nil,
            workers: try await pods.pods(of: admitted.target), roster: WorkerRoster(time: time, isPod: { _ in false }),
            honoursDeletionCost: honoursDeletionCost, time: time)
        let decision = snapshot.decision(after: memory.history)
        memory.history = decision.history
        let outcome = await scaler.carryOut(decision, on: admitted.target, pushedAt: nil, &memory)
        note(outcome, for: &memory)
        announcer.announce(decision, outcome, on: endpoint)
        if case .failed(let error) = outcome { throw error }
    }

    /// Measures the first call that carries an edge out; where there is nothing to do, nothing is measured.
    private func note(_ outcome: ScaleOutcome, for memory: inout EndpointMemory) {
        guard let edge = memory.pendingEdge else { return }
        switch outcome {
        case .scaled:
            scheduleMetrics.lagged(by: time.now.timeIntervalSince(edge))
            memory.pendingEdge = nil
        case .held: memory.pendingEdge = nil
        case .costsWritten, .paced, .withheld, .failed: break
        }
    }

    private func scale(
        _ endpoint: InferenceEndpoint, _ admitted: Admitted, _ schedule: ScheduleLook, _ memory: inout EndpointMemory
    ) async throws -> ReconcileResult {
        let mayWrite = admitted.refusal == nil && !admitted.resolved.suspend
        if endpoint.metadata.isBeingDeleted, !mayWrite || admitted.resolved.workers.onDelete == .keep {
            return try await release(endpoint)
        }
        if let old = memory.followed, old != admitted.target.key, index.endpoints(of: old).isEmpty {
            pods.stopFollowing(old)
        }
        memory.followed = admitted.target.key
        let workers = try await pods.pods(of: admitted.target)
        let member = servers.observe(
            endpoint.key, QueueQuery(admitted.resolved), pods: Set(workers.map(\.key.name)), on: admitted.server,
            pollingEvery: .seconds(admitted.resolved.queue.server.pollSeconds))
        let observation = member.server.observation(for: endpoint.key)
        await admission.secrets.reactTo(observation?.failure, of: admitted.resolved.queue, in: endpoint.key.namespace)

        let snapshot = ScalingSnapshot(
            endpoint, admitted, bounds: schedule.bounds ?? ScalingBounds(of: admitted.resolved.workers),
            memory: &memory, observation: observation, workers: workers, roster: member.roster,
            honoursDeletionCost: honoursDeletionCost, time: time)
        let decision = snapshot.decision(after: memory.history)
        memory.history = decision.history
        guard leads else { return standBy(endpoint, admitted, snapshot, decision, observation, schedule, &memory) }
        memory.seenReplicas = admitted.target.replicas
        if observation?.reading != nil || decision.action != .hold {
            try await markForDeletion(endpoint, mayWrite: mayWrite, admitted.resolved.workers.onDelete, &memory)
        }
        let outcome = await scaler.carryOut(decision, on: admitted.target, pushedAt: observation?.changedAt, &memory)
        note(outcome, for: &memory)

        let report = StatusReport(
            endpoint: endpoint, admitted: admitted, snapshot: snapshot, decision: decision, outcome: outcome,
            observation: observation, workersRefused: member.roster.refusal(keyPrefix: snapshot.keyPrefix),
            schedule: schedule.report, now: time.now)
        if case .withheld = outcome { return .again(after: nextLook(decision, outcome, schedule, isUnreadable: false)) }
        let isScheduleNews = schedule.isNews(for: endpoint)
        let patience = isScheduleNews ? nil : patience(with: observation, outcome, for: endpoint, memory)
        if patience == nil, isScheduleNews || isNews(observation, outcome, for: endpoint) {
            announce(report, endpoint, &memory)
        }
        announcer.announce(decision, outcome, on: endpoint)
        if case .failed(let error) = outcome { throw error }
        if endpoint.metadata.isBeingDeleted, decision.closing == .done { return try await release(endpoint) }
        let next = nextLook(decision, outcome, schedule, isUnreadable: observation?.failure != nil)
        return .again(after: patience.map { min($0, next) } ?? next)
    }

    /// How much longer a loss that may be over in a moment is kept to ourselves; nil: it is told.
    private func patience(
        with observation: QueueObservation?, _ outcome: ScaleOutcome, for endpoint: InferenceEndpoint,
        _ memory: EndpointMemory
    ) -> Duration? {
        guard case .held = outcome, let failure = observation?.failure, failure.mayPassSoon,
            observation?.reading != nil, memory.conditions["QueueReadable"]?.status == .yes,
            endpoint.status?.observedGeneration == endpoint.metadata.generation
        else { return nil }
        let rest = Self.patienceWithLoss - failure.since.duration(to: .now)
        return rest > .zero ? rest : nil
    }

    private var leads: Bool { leadership() != .standby }

    /// What is left of a reconcile where another operator acts.
    private func standBy(
        _ endpoint: InferenceEndpoint, _ admitted: Admitted, _ snapshot: ScalingSnapshot, _ decision: ScalingDecision,
        _ observation: QueueObservation?, _ schedule: ScheduleLook, _ memory: inout EndpointMemory
    ) -> ReconcileResult {
        memory.follow(replicas: admitted.target.replicas, at: time.now)
        let report = StatusReport(
            endpoint: endpoint, admitted: admitted, snapshot: snapshot, decision: decision, outcome: .withheld,
            observation: observation, workersRefused: nil, schedule: schedule.report, now: time.now)
        memory.show(report.status(after: memory))
        return .again(after: nextLook(decision, .withheld, schedule, isUnreadable: observation?.failure != nil))
    }

    /// Until its queue has been heard of, what an object said before a restart stands: thousands of them would otherwise
    /// be written twice for nothing.
    private func isNews(
        _ observation: QueueObservation?, _ outcome: ScaleOutcome, for endpoint: InferenceEndpoint
    ) -> Bool {
        guard case .held = outcome, observation?.reading == nil, observation?.failure == nil else { return true }
        return endpoint.status?.observedGeneration != endpoint.metadata.generation
    }

    /// Lets a deleted endpoint go; standing by, leaves that to the operator that leads.
    private func release(_ endpoint: InferenceEndpoint) async throws -> ReconcileResult {
        guard leads else { return .again(after: Self.resync) }
        try await Self.finalizer.remove(from: endpoint, in: resources, as: .martlet)
        return .done
    }

    /// The mark stands before the first write that a deletion must undo, and only where one will be undone. It waits
    /// for the first reading, so that after a start the marks of a thousand endpoints do not delay their readings.
    private func markForDeletion(
        _ endpoint: InferenceEndpoint, mayWrite: Bool, _ onDelete: DeletionBehavior, _ memory: inout EndpointMemory
    ) async throws {
        guard !endpoint.metadata.isBeingDeleted else { return }
        // The watch may lag behind a mark that was set a moment ago.
        let isMarked = memory.isMarked || Self.finalizer.isOn(endpoint)
        switch onDelete {
        case .scaleToMin where mayWrite && !isMarked:
            try await Self.finalizer.ensure(on: endpoint, in: resources, as: .martlet)
            memory.isMarked = true
        case .keep where isMarked:
            try await Self.finalizer.remove(from: endpoint, in: resources, as: .martlet)
            memory.isMarked = false
        case .scaleToMin, .keep: break
        }
    }

    private func announce(_ report: StatusReport, _ endpoint: InferenceEndpoint, _ memory: inout EndpointMemory) {
        let status = report.status(after: memory)
        announcer.announce(status.conditions ?? [], after: memory.conditions, on: endpoint)
        memory.conditions = status.conditions ?? []
        memory.show(status)
        board.post(workers: status, for: endpoint)
    }

    private func nextLook(
        _ decision: ScalingDecision, _ outcome: ScaleOutcome, _ schedule: ScheduleLook, isUnreadable: Bool
    ) -> Duration {
        var next = isUnreadable ? Self.retryOfRejection : Self.resync + .seconds(Int64.random(in: 0..<60))
        if let at = decision.recheckAt { next = min(next, .seconds(max(0.001, at.timeIntervalSince(time.now)))) }
        if case .paced(let wait) = outcome { next = min(next, wait) }
        return schedule.nextLook(within: next, now: time.now)
    }
}
