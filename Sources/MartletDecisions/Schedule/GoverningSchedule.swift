internal import KubernetesModel
public import MartletAPI

/// A schedule that names the endpoint among its targets, with what it has to say.
public struct GoverningSchedule: Sendable, Hashable {
    /// Name of the GPUSchedule.
    public var name: String
    /// What it has to say.
    public var word: ScheduleWord

    /// A schedule of that name.
    public init(name: String, word: ScheduleWord) {
        self.name = name
        self.word = word
    }

    /// What `schedule` has to say, with its zone's rules or nil where the zone is not known here. Held is what its status
    /// records.
    public init(_ schedule: GPUSchedule, zone: TimeZoneRules?) {
        self.init(name: schedule.metadata.name ?? "", word: .refused(open: schedule.status?.open, backends: []))
    }
}

/// What a schedule has to say of its endpoints.
public enum ScheduleWord: Sendable, Hashable {
    /// It follows the clock.
    case follows(ScheduleCalendar)
    /// Suspended, or its zone is not known: what was recorded last holds; never recorded: closed.
    case holds(ResolvedSchedule, open: Bool?)
    /// The spec is refused: what was recorded last holds. Open means the endpoint's own bounds, closed none; for every
    /// backend that the spec names as far as it can be read.
    case refused(open: Bool?, backends: Set<CapacityBackend>)
}
