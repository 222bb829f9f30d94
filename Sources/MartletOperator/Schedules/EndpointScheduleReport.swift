internal import FoundationEssentials
internal import KubernetesModel
internal import MartletAPI
internal import MartletDecisions

/// What an endpoint's status tells of its schedules and its override. Pure.
struct EndpointScheduleReport: Sendable {
    /// The condition types that belong to it; one that it does not find is taken away.
    static let types = ["ScheduleOpen", "OverrideAccepted"]

    /// For `status.schedule`.
    let status: ScheduleStatus
    let findings: [Finding]

    /// Nothing governs.
    static let ungoverned = EndpointScheduleReport(.ungoverned, .absent, lastTransition: nil, now: .distantPast)

    /// `lastTransition`: when what holds began, as ``CapacityRecord`` has it.
    init(_ capacity: Capacity, _ override: OverrideReading, lastTransition: Date?, now: Date) {
        status = ScheduleStatus(
            open: capacity.isOpen, by: capacity.by,
            lastTransitionTime: lastTransition.map { Timestamp($0.wholeSeconds) },
            nextTransitionTime: capacity.nextTransition.map { Timestamp($0.wholeSeconds) })
        findings = [Self.open(capacity), Self.accepted(override, now)].compactMap { $0 }
    }

    /// Replaces what `conditions` held of these.
    func replace(in conditions: inout [Condition], at now: Date, generation: Int64?) {
        conditions.removeAll { condition in
            Self.types.contains(condition.type) && !findings.contains { $0.type == condition.type }
        }
        for finding in findings { conditions.set(finding.condition(at: now, generation: generation)) }
    }

    private static func open(_ capacity: Capacity) -> Finding? {
        guard let by = capacity.by else { return nil }
        let until = capacity.nextTransition.map { " until \(Timestamp($0))" } ?? ""
        return capacity.isOpen
            ? Finding("ScheduleOpen", .yes, "Open", "Open by \(by)\(until).")
            : Finding(
                "ScheduleOpen", .no, "Closed",
                "Closed by \(by)\(until); tasks stay queued. `martlet open NAME --for 2h` opens it for a while.")
    }

    private static func accepted(_ override: OverrideReading, _ now: Date) -> Finding? {
        switch override {
        case .absent: return nil
        case .malformed(let message):
            return Finding(
                "OverrideAccepted", .no, "MalformedOverride",
                "\(message). Until it is corrected the schedules hold.")
        case .accepted(let override):
            let end = Timestamp(override.until)
            return override.until > now
                ? Finding(
                    "OverrideAccepted", .yes, "Overridden",
                    "\(override.state.rawValue) until \(end), whatever the schedules say.")
                : Finding(
                    "OverrideAccepted", .yes, "Expired",
                    "The override ended at \(end); the schedules hold. `martlet auto NAME` removes the annotation.")
        }
    }
}
