internal import ControllerRuntime
internal import FoundationEssentials
internal import Kubernetes
internal import KubernetesModel
internal import MartletAPI
internal import MartletDecisions
internal import Synchronization

/// Tells what each schedule says, wakes its endpoints when that changes, and lets people know.
///
/// Nothing depends on it: every endpoint computes its own capacity, wakes itself at the next transition that it foresees,
/// and is woken by the watch when a schedule is edited or deleted. Only that a clock was set they learn from here.
struct SchedulesController: Sendable {
    /// A clock that was set is noticed within this time.
    private static let recheck = Duration.seconds(60)

    let schedules: Cache<GPUSchedule>
    let endpoints: Cache<InferenceEndpoint>
    let resources: Resources<GPUSchedule>
    let index: ScheduleIndex
    let shelf: ScheduleShelf
    let wake: @Sendable (Set<ObjectKey>) -> Void
    let events: EventRecorder
    let leadership: @Sendable () -> Leadership
    /// Statuses stand back while endpoints wait to be decided over.
    let standBack: @Sendable () async throws -> Void
    let time: any TimeSource
    private let memories = ScheduleMemories()

    /// Brings one schedule's status up to date.
    func reconcile(_ key: ObjectKey) async throws -> ReconcileResult {
        guard let schedule = schedules[key] else { return forget(key) }
        let read = shelf.read(schedule)
        var memory = memories.recall(schedule)
        let targets = index.endpoints(of: key)
        let report = GPUScheduleReport(
            schedule, read, missing: targets.filter { endpoints[$0] == nil }.map(\.name).sorted(),
            after: memory.told ?? schedule.status, now: time.now)
        if memory.wasSeen, memory.state != report.state { wake(targets) }
        memory.state = report.state
        memory.wasSeen = true
        memory.schedule = schedule
        memories.keep(memory, for: key)
        guard leadership() != .standby else { return next(report, read) }
        try await tell(report, of: schedule, memory)
        return next(report, read)
    }

    private func tell(
        _ report: GPUScheduleReport, of schedule: GPUSchedule, _ memory: ScheduleMemory
    ) async throws {
        let told = memory.told ?? schedule.status
        guard told != report.status else { return }
        try await standBack()
        try await resources.mergePatch(
            schedule.key, StatusMergePatch(status: report.status), at: .status, as: .martlet)
        var memory = memory
        memory.told = report.status
        memories.keep(memory, for: schedule.key)
        announce(report, of: schedule, after: told)
    }

    private func announce(_ report: GPUScheduleReport, of schedule: GPUSchedule, after told: GPUScheduleStatus?) {
        let status = report.status
        if report.state != nil, status.open != told?.open, status.open == true || told?.open != nil {
            let isOpen = status.open == true
            let next = status.nextTransitionTime.map { " \(isOpen ? "closes" : "opens") \($0)" } ?? ""
            let window = status.window.map { " (\($0))" } ?? ""
            events.record(
                .normal, reason: isOpen ? "Opened" : "Closed",
                message: (isOpen ? "Opened" : "Closed") + window + "." + (next.isEmpty ? "" : " It\(next)."),
                about: schedule,
                occurrence: "\(isOpen) \(report.lastTransition(notAfter: time.now).map { "\(Timestamp($0))" } ?? "")")
        }
        let accepted = status.conditions?["Accepted"]
        let before = told?.conditions?["Accepted"]
        guard let accepted, accepted.reason != before?.reason, accepted.status == .no || before != nil else { return }
        events.record(
            accepted.status == .no ? .warning : .normal, reason: accepted.reason,
            message: "Accepted: \(accepted.message)", about: schedule,
            occurrence: "\(schedule.metadata.generation ?? 0) \(before?.lastTransitionTime.description ?? "")")
    }

    /// The last word on a schedule that was deleted; its endpoints were woken when the watch told of it.
    private func forget(_ key: ObjectKey) -> ReconcileResult {
        shelf.forget(key)
        guard let memory = memories.forget(key), leadership() != .standby else { return .done }
        let message = "GPUSchedule \(key.name) was deleted and governs no more."
        events.record(.normal, reason: "GovernsNoMore", message: message, about: memory.schedule)
        for name in memory.schedule.targetNames {
            guard let endpoint = endpoints[ObjectKey(namespace: key.namespace, name: name)] else { continue }
            events.record(
                .normal, reason: "GovernsNoMore", message: message, about: endpoint,
                occurrence: memory.schedule.metadata.uid)
        }
        return .done
    }

    private func next(_ report: GPUScheduleReport, _ read: ReadSchedule) -> ReconcileResult {
        guard report.state != nil || read.zoneProblem != nil else { return .done }
        let edge = report.nextChange.map { Duration.until($0, from: time.now) }
        return .again(after: min(edge ?? Self.recheck, Self.recheck))
    }

    /// What was told before may have been told otherwise by another operator since.
    func forgetTold() { memories.forgetTold() }
}

/// What is remembered of one schedule between two looks; lost at a restart without harm.
private struct ScheduleMemory: Sendable {
    var schedule: GPUSchedule
    var wasSeen = false
    /// Nil: the clock does not decide.
    var state: ScheduleState?
    /// The status that was written last, until another operator leads; nil: what the object shows.
    var told: GPUScheduleStatus?
}

private final class ScheduleMemories: Sendable {
    private let memories = Mutex<[ObjectKey: ScheduleMemory]>([:])

    /// What is known of `schedule`, nothing of an object that replaced another of its name.
    func recall(_ schedule: GPUSchedule) -> ScheduleMemory {
        let known = memories.withLock { $0[schedule.key] }
        guard let known, known.schedule.metadata.uid == schedule.metadata.uid else {
            return ScheduleMemory(schedule: schedule)
        }
        return known
    }

    func keep(_ memory: ScheduleMemory, for key: ObjectKey) { memories.withLock { $0[key] = memory } }

    func forget(_ key: ObjectKey) -> ScheduleMemory? { memories.withLock { $0.removeValue(forKey: key) } }

    func forgetTold() {
        memories.withLock { memories in
            for key in memories.keys { memories[key]?.told = nil }
        }
    }
}
