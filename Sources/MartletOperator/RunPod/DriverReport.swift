internal import ControllerRuntime
internal import FoundationEssentials
internal import Kubernetes
internal import KubernetesModel
internal import MartletAPI
internal import MartletDecisions
internal import RunPod

/// Tells the driver's results to people and machines.
struct DriverReport: DriverReporter {
    let board: EndpointStatusBoard
    let announcer: Announcer
    let connections: ConnectionPublisher
    let mirrors: MirrorPublisher
    let metrics: RunPodMetrics
    let scheduleMetrics: ScheduleMetrics
    /// Base URL of the job plane.
    let jobsURL: String
    let time: any TimeSource

    func report(_ plan: EndpointPlan, _ look: DriverLook, _ memory: inout DriverMemory) async {
        let endpoint = look.endpoint
        let condition = Finding(plan.finding).condition(at: time.now, generation: endpoint.metadata.generation)
        var told = [memory.condition].compactMap { $0 }
        told.set(condition)
        announcer.announce(told, after: [memory.condition].compactMap { $0 }, on: endpoint)
        memory.condition = told[0]
        metrics.show(plan.finding.reason, of: endpoint.key)
        if let connection = await publish(plan, look, &memory) {
            told.set(endpoint.status?.conditions?["ConnectionPublished"] ?? connection)
            told.set(connection)
        }
        if let mirrored = await mirror(look, memory) {
            if let known = endpoint.status?.conditions?["Mirrored"] { told.set(known) }
            told.set(mirrored)
        }
        let generation = endpoint.metadata.generation
        var common = endpoint.status?.conditions?.filter { !EndpointStatusBoard.runPodTypes.contains($0.type) } ?? []
        common.set(accepted(look).condition(at: time.now, generation: generation))
        look.schedule.replace(in: &common, at: time.now, generation: generation)
        board.post(
            EndpointStatusBoard.RunPodPart(
                generation: generation, runpod: status(look, memory), conditions: told, common: common,
                schedule: look.schedule.status),
            for: endpoint)
    }

    func carriedOut(_ step: EndpointStep, _ outcome: StepOutcome, edge: inout Date?) {
        guard step.carriesOutEdge(outcome), let since = edge else { return }
        scheduleMetrics.lagged(by: time.now.timeIntervalSince(since))
        edge = nil
    }

    func forget(_ key: ObjectKey) {
        board.withdrawRunPod(key)
        mirrors.forget(key)
        metrics.forget(key)
    }

    private func accepted(_ look: DriverLook) -> Finding {
        look.snapshot.spec == nil && !look.snapshot.isRetiring
            ? Finding("Accepted", .no, "Malformed", "The spec is refused.")
            : Finding("Accepted", .yes, "Accepted", "The spec is in order.")
    }

    /// The ConfigMap is looked at when what it must hold has changed.
    private func publish(_ plan: EndpointPlan, _ look: DriverLook, _ memory: inout DriverMemory) async -> Condition? {
        guard !look.snapshot.isRetiring, !look.snapshot.suspend, case .accepted(let spec) = memory.resolution,
            let name = spec.connectionConfigMap
        else { return nil }
        let facts = facts(look)
        let known = look.endpoint.status?.conditions?["ConnectionPublished"]
        if let (old, published) = memory.published, old == name, published == facts, memory.connection?.status == .yes {
            return memory.connection
        }
        guard
            let condition = await connections.publish(facts, in: name, for: look.endpoint)?
                .condition(at: time.now, generation: look.endpoint.metadata.generation)
        else { return nil }
        var conditions = [memory.connection ?? known].compactMap { $0 }
        conditions.set(condition)
        memory.published = (name, facts)
        memory.connection = conditions[0]
        return conditions[0]
    }

    private func facts(_ look: DriverLook) -> ConnectionFacts {
        guard !look.snapshot.isRetiring else {
            return ConnectionFacts(endpointID: nil, isOpen: false, jobsURL: jobsURL)
        }
        let isOpen = look.snapshot.capacity.map { $0.max > 0 } ?? ((look.snapshot.spec?.workers.max ?? 0) > 0)
        return ConnectionFacts(endpointID: look.snapshot.record.endpointID, isOpen: isOpen, jobsURL: jobsURL)
    }

    /// A spec that is refused leaves the row as it is.
    private func mirror(_ look: DriverLook, _ memory: DriverMemory) async -> Condition? {
        guard case .accepted(let spec) = memory.resolution else { return nil }
        return await mirrors.publish(
            facts(look), of: look.endpoint, spec.mirror, isSuspended: look.snapshot.suspend
        )?.condition(at: time.now, generation: look.endpoint.metadata.generation)
    }

    private func status(_ look: DriverLook, _ memory: DriverMemory) -> RunPodStatus {
        let record = look.snapshot.record
        let health = record.endpointID == nil ? nil : memory.history.health
        return RunPodStatus(
            endpointId: record.endpointID,
            intent: record.intent.map { RunPodIntent(name: $0.name, time: Timestamp($0.time)) },
            keyFingerprint: record.keyFingerprint, url: record.endpointID.map { "\(jobsURL)/\($0)" },
            workers: health.map { health in
                RunPodWorkersStatus(
                    idle: health.workers.idle, running: health.workers.running, throttled: health.workers.throttled,
                    unhealthy: health.workers.unhealthy, initializing: health.workers.initializing)
            },
            jobs: health.map { health in
                RunPodJobsStatus(
                    queued: health.queued, running: health.running, completed: health.completed, failed: health.failed)
            })
    }
}

extension EndpointStep {
    /// Whether a schedule's edge counts as carried out with this call: its change was accepted, or its endpoint made.
    func carriesOutEdge(_ outcome: StepOutcome) -> Bool {
        switch self {
        case .update: outcome == .done
        case .create: if case .created = outcome { true } else { false }
        case .hold, .mark, .readList, .record, .readHealth, .delete, .verifyGone, .abandon, .retain, .release: false
        }
    }
}

extension Finding {
    /// The driver's condition.
    init(_ finding: RunPodFinding) {
        let status: ConditionStatus =
            switch finding.answer {
            case .yes: .yes
            case .no: .no
            case .unknown: .unknown
            }
        self.init("RunPodReady", status, finding.reason.rawValue, finding.message)
    }
}
