internal import FoundationEssentials
internal import KubernetesModel
internal import MartletAPI
internal import MartletDecisions

/// Turns what a schedule says at one instant into the status that people read. Pure.
struct GPUScheduleReport: Sendable {
    /// The status to be written; conditions keep their transition time while they stay what they were.
    let status: GPUScheduleStatus
    /// What the clock says; nil while the schedule is suspended, refused or its zone unknown.
    let state: ScheduleState?
    /// When ``state`` changes next by time alone.
    let nextChange: Date?
    /// What decides; nil while the clock does not.
    private let calendar: ScheduleCalendar?

    /// `told`: the status that was written last; `missing`: targets that do not exist.
    init(
        _ schedule: GPUSchedule, _ read: ReadSchedule, missing: [String], after told: GPUScheduleStatus?, now: Date
    ) {
        var status = GPUScheduleStatus(
            observedGeneration: schedule.metadata.generation, open: (told ?? schedule.status)?.open ?? false)
        switch read.governing.word {
        case .follows(let calendar):
            let state = calendar.state(at: now)
            let next = calendar.nextTransition(after: now)
            status.open = state.isOpen
            status.window = state.window
            status.nextTransitionTime = next.map { Timestamp($0.time.wholeSeconds) }
            status.nextTransition = next?.kind
            self.state = state
            nextChange = calendar.nextChange(after: now)
            self.calendar = calendar
        case .holds, .refused:
            state = nil
            nextChange = nil
            calendar = nil
        }
        let accepted = Self.accepted(read)
        var conditions = told?.conditions ?? []
        for finding in [accepted, Self.ready(accepted, read, missing, open: status.open ?? false)] {
            conditions.set(finding.condition(at: now, generation: schedule.metadata.generation))
        }
        status.conditions = conditions
        self.status = status
    }

    /// When it last opened or closed; nil where the clock does not tell.
    func lastTransition(notAfter now: Date) -> Date? { calendar?.lastTransition(notAfter: now)?.time }

    private static func accepted(_ read: ReadSchedule) -> Finding {
        if let first = read.problems.first {
            let message = read.problems.map(\.description).joined(separator: " ")
            return Finding("Accepted", .no, first.reason.rawValue, message)
        }
        if let problem = read.zoneProblem {
            return Finding("Accepted", .no, "UnknownTimeZone", problem.message)
        }
        return Finding("Accepted", .yes, "Accepted", "The spec is in order.")
    }

    private static func ready(
        _ accepted: Finding, _ read: ReadSchedule, _ missing: [String], open: Bool
    ) -> Finding {
        let held = "What was recorded last holds: \(open ? "open" : "closed")."
        guard accepted.status == .yes else {
            return Finding("Ready", .no, accepted.reason, "\(held) \(accepted.message)")
        }
        if case .holds = read.governing.word {
            return Finding("Ready", .no, "Suspended", "spec.suspend is true. \(held)")
        }
        guard missing.isEmpty else {
            let names = missing.prefix(Self.namesShown).joined(separator: ", ")
            let more = missing.count > Self.namesShown ? " and \(missing.count - Self.namesShown) more" : ""
            return Finding(
                "Ready", .no, "TargetMissing",
                "No InferenceEndpoint of this namespace is named \(names)\(more); the others are governed.")
        }
        return Finding("Ready", .yes, "Scheduled", "It governs its endpoints.")
    }

    /// A condition's message is read by people.
    private static let namesShown = 8
}
