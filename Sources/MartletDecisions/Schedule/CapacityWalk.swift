internal import FoundationEssentials

/// Walks over the changes of several schedules at once.
struct CapacityWalk {
    private let schedules: [GoverningSchedule]
    private let direction: ScheduleSweep.Direction
    /// Nil for those that do not follow the clock.
    private var sweeps: [ScheduleSweep?]

    init(_ schedules: [GoverningSchedule], from now: Date, _ direction: ScheduleSweep.Direction) {
        self.schedules = schedules
        self.direction = direction
        sweeps = schedules.map { $0.calendar.map { ScheduleSweep($0, from: now.wholeSeconds, direction) } }
    }

    /// What the schedules allow behind the last step.
    var allowances: [GoverningSchedule.Allowance] {
        zip(schedules, sweeps).map { schedule, sweep in schedule.allowance(in: sweep?.state) }
    }

    /// Passes the nearest change of any; nil: there is none.
    mutating func step() -> (time: Date, isChange: Bool)? {
        let edges = sweeps.map { $0?.edge }
        guard let edge = direction == .forward ? edges.compactMap(\.self).min() : edges.compactMap(\.self).max() else {
            return nil
        }
        var isChange = true
        for index in sweeps.indices where edges[index] == edge {
            if sweeps[index]?.pass(edge).isChange == false { isChange = false }
        }
        return (Date(wholeSeconds: edge), isChange)
    }
}
