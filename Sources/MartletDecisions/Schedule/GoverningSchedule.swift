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
        let recorded = schedule.status?.open
        let word: ScheduleWord =
            switch schedule.resolution {
            case .accepted(let accepted):
                if let zone, !accepted.suspend {
                    .follows(ScheduleCalendar(accepted, in: zone))
                } else {
                    .holds(accepted, open: recorded)
                }
            case .refused: .refused(open: recorded, backends: schedule.namedBackends)
            }
        self.init(name: schedule.metadata.name ?? "", word: word)
    }
}

extension GPUSchedule {
    /// As far as the spec can be read; if not at all, both.
    fileprivate var namedBackends: Set<CapacityBackend> {
        switch spec {
        case .valid(let spec): spec.namedBackends
        case .malformed: Set(CapacityBackend.allCases)
        }
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

extension GoverningSchedule {
    /// What it lets its backends have at one instant.
    struct Allowance: Sendable, Hashable {
        var isOpen: Bool
        /// What is nil is the endpoint's own while open, and 0 while closed.
        var bounds: [ScheduleBounds]

        func bounds(of backend: CapacityBackend) -> [WorkerBounds] { bounds.map { $0[backend] ?? WorkerBounds() } }
    }

    var backends: Set<CapacityBackend> {
        switch word {
        case .follows(let calendar): calendar.schedule.backends
        case .holds(let schedule, _): schedule.backends
        case .refused(_, let backends): backends
        }
    }

    /// The bounds of `inside`, for an override; nil: they are not known.
    var inside: ScheduleBounds? {
        switch word {
        case .follows(let calendar): calendar.schedule.inside
        case .holds(let schedule, _): schedule.inside
        case .refused: nil
        }
    }

    /// `state`: what ``calendar`` says.
    func allowance(in state: ScheduleState?) -> Allowance {
        switch word {
        case .follows(let calendar):
            let isOpen = state?.isOpen ?? false
            return Allowance(isOpen: isOpen, bounds: isOpen ? state?.bounds ?? [] : [calendar.schedule.outside])
        case .holds(let schedule, let recorded):
            let isOpen = recorded ?? false
            return Allowance(isOpen: isOpen, bounds: [isOpen ? schedule.inside : schedule.outside])
        case .refused(let recorded, _): return Allowance(isOpen: recorded ?? false, bounds: [ScheduleBounds()])
        }
    }

    /// Nil where it does not follow the clock.
    var calendar: ScheduleCalendar? {
        if case .follows(let calendar) = word { calendar } else { nil }
    }
}

extension ScheduleBounds {
    subscript(backend: CapacityBackend) -> WorkerBounds? {
        switch backend {
        case .workers: workers
        case .runpod: runpod
        }
    }
}
