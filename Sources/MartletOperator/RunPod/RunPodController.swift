internal import ControllerRuntime
internal import FoundationEssentials
internal import Kubernetes
internal import KubernetesModel
internal import MartletAPI
internal import MartletDecisions
internal import RunPod

/// Keeps the RunPod endpoint of one object as its spec and its schedules want it: never twice, never without an object,
/// never open beyond its hours.
///
/// A reconcile decides, does the one thing that the plan names and decides again, until there is nothing to do. An
/// operator that stands by does nothing at all here: there is nothing to keep warm, and each call counts against the key.
struct RunPodController: Sendable {
    /// The mark by which a deleted object waits for its endpoint to be proved gone.
    static let finalizer: Finalizer = "martlet.dev/runpod"

    /// A plan that does not come to rest within so many steps is an error of ours; the rest waits a moment.
    private static let steps = 40
    private static let pause = Duration.seconds(2)

    let objects: any EndpointObjects
    let gatherer: DriverGatherer
    let actions: EndpointActions
    let memories: DriverMemories
    let reporter: any DriverReporter
    let leadership: @Sendable () -> Leadership
    let time: any TimeSource

    /// Brings the endpoint of one object up to date.
    func reconcile(_ key: ObjectKey) async throws -> ReconcileResult {
        guard let endpoint = objects.endpoint(key) else {
            memories.forget(key)
            reporter.forget(key)
            return .done
        }
        guard case .leading(let term) = leadership() else { return .done }
        guard endpoint.concernsRunPod else {
            reporter.forget(key)
            return .done
        }
        var memory = memories.recall(endpoint)
        defer { memories.keep(memory, for: key) }
        memory.enter(term: term, with: endpoint)
        for _ in 0..<Self.steps {
            // Read again each time: what was written may have changed it, and so may anybody.
            guard let seen = objects.endpoint(key), seen.metadata.uid == memory.uid else { return .again(after: .zero) }
            memory.refresh(seen)
            let look = try await gatherer.look(at: seen, &memory)
            let plan = look.snapshot.plan(after: memory.history)
            memory.history = plan.history
            announce(&memory, about: look.endpoint)
            if plan.step == .hold { return await rest(plan, look, &memory) }
            let result = try await carryOut(plan, look, &memory)
            if let result { return result }
        }
        return .again(after: Self.pause)
    }

    /// Nil: decide again.
    private func carryOut(
        _ plan: EndpointPlan, _ look: DriverLook, _ memory: inout DriverMemory
    ) async throws -> ReconcileResult? {
        let answer: (outcome: StepOutcome, isWithheld: Bool)
        do { answer = try await actions.carryOut(plan.step, look, &memory) } catch {
            // What became of the write is unknown, so what was remembered of it is void.
            memory.history.note(plan.step, .conflict, at: time.now)
            memory.written = nil
            throw error
        }
        memory.history.note(plan.step, answer.outcome, at: time.now)
        announce(&memory, about: look.endpoint)
        reporter.carriedOut(plan.step, answer.outcome, edge: &memory.pendingEdge)
        if answer.isWithheld { return .done }
        switch plan.step {
        case .release:
            reporter.forget(look.endpoint.key)
            return .done
        case .readList(let limit, _):
            // RunPod gave no list: that is all there is to say until it does.
            guard let account = look.account, account.listing.map({ $0.began <= limit }) ?? true else { return nil }
            var waiting = plan
            if let problem = account.problem, plan.finding.answer != .no {
                waiting.finding = RunPodFinding(listFailed: problem)
            }
            waiting.recheckAt = max(account.notBefore, time.now.addingTimeInterval(1))
            return await rest(waiting, look, &memory)
        case .hold, .mark, .record, .create, .update, .readHealth, .delete, .verifyGone, .abandon, .retain: return nil
        }
    }

    private func announce(_ memory: inout DriverMemory, about endpoint: InferenceEndpoint) {
        for event in memory.history.takeEvents() { objects.announce(event, about: endpoint) }
    }

    private func rest(_ plan: EndpointPlan, _ look: DriverLook, _ memory: inout DriverMemory) async -> ReconcileResult {
        var plan = plan
        if let problem = look.keyProblem, plan.finding.answer == .yes, !look.snapshot.record.isEmpty {
            plan.finding = RunPodFinding(
                .no, problem.reason, "\(problem.message) Until then a key that was read before is used.")
        }
        await reporter.report(plan, look, &memory)
        let now = time.now
        var wait = plan.recheckAt.map { $0.timeIntervalSince(now) } ?? EndpointTiming.listInterval
        if let next = look.nextTransition { wait = min(wait, next.timeIntervalSince(now)) }
        return .again(after: .milliseconds(Int64(max(wait, 0.001) * 1000) + 1))
    }
}

/// Where the results of the driver's work are told: status, events, metrics, the connection's ConfigMap.
protocol DriverReporter: Sendable {
    /// Tells the state that the driver came to rest in.
    func report(_ plan: EndpointPlan, _ look: DriverLook, _ memory: inout DriverMemory) async
    /// Counts what was done; `edge` is the schedule's edge that it may carry out.
    func carriedOut(_ step: EndpointStep, _ outcome: StepOutcome, edge: inout Date?)
    /// The object is gone, or has no endpoint any more.
    func forget(_ key: ObjectKey)
}
