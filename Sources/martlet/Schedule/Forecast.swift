internal import FoundationEssentials
internal import MartletAPI
internal import MartletDecisions

/// What will hold, stretch by stretch.
struct Forecast {
    /// A time in which nothing changes.
    struct Stretch: Equatable {
        var start: Date
        var end: Date
        var isOpen: Bool
        /// Who says so: windows, exceptions or schedules.
        var by: String
        /// Workers at least and at most, in words; `-` where nothing governs them.
        var workers: String
        var runpod: String
    }

    /// More than this nobody reads; a window a minute would be 20,000 in two weeks.
    private static let mostStretches = 5000

    private(set) var stretches: [Stretch] = []
    /// Whether it ends before the range does.
    private(set) var isCut = false

    /// Of one schedule, as its calendar has it.
    init(of calendar: ScheduleCalendar, in range: Range<Date>) {
        fill(range) { instant in
            let state = calendar.state(at: instant)
            let schedule = calendar.schedule
            func bounds(_ backend: CapacityBackend) -> String {
                guard schedule.backends.contains(backend) else { return "-" }
                let all = state.isOpen ? state.bounds : [schedule.outside]
                return Self.text(all.map { backend == .workers ? $0.workers : $0.runpod }, isOpen: state.isOpen)
            }
            let stretch = Stretch(
                start: instant, end: range.upperBound, isOpen: state.isOpen, by: state.window ?? "",
                workers: bounds(.workers), runpod: bounds(.runpod))
            return (stretch, calendar.nextChange(after: instant))
        }
    }

    /// Of an endpoint, as its schedules and its override have it; what was before `now` the override does not tell.
    init(of rules: CapacityRules, in range: Range<Date>, now: Date) {
        let before = CapacityRules(schedules: rules.schedules, override: nil, spec: rules.spec)
        fill(range) { instant in
            let capacity = (instant < now ? before : rules).capacity(at: instant)
            func bounds(_ backend: BackendCapacity?) -> String { backend.map { "\($0.min)–\($0.max)" } ?? "-" }
            let stretch = Stretch(
                start: instant, end: range.upperBound, isOpen: capacity.isOpen, by: capacity.by ?? "no schedule",
                workers: bounds(capacity.workers), runpod: bounds(capacity.runpod))
            guard instant < now else { return (stretch, capacity.nextTransition) }
            return (stretch, min(capacity.nextTransition ?? now, now))
        }
    }

    /// What holds at that instant; nil outside of the range.
    func state(at instant: Date) -> Stretch? {
        var (low, high) = (0, stretches.count)
        while low < high {
            let middle = (low + high) / 2
            if stretches[middle].end <= instant { low = middle + 1 } else { high = middle }
        }
        guard low < stretches.count, stretches[low].start <= instant else { return nil }
        return stretches[low]
    }

    private mutating func fill(_ range: Range<Date>, _ look: (Date) -> (Stretch, next: Date?)) {
        var instant = range.lowerBound
        while instant < range.upperBound {
            guard stretches.count < Self.mostStretches else {
                isCut = true
                return
            }
            var (stretch, next) = look(instant)
            // A next change that is not later would never end.
            stretch.end = min(next.map { max($0, instant + 1) } ?? range.upperBound, range.upperBound)
            instant = stretch.end
            if var last = stretches.last, last.isOpen == stretch.isOpen, last.by == stretch.by,
                last.workers == stretch.workers, last.runpod == stretch.runpod
            {
                last.end = stretch.end
                stretches[stretches.count - 1] = last
            } else {
                stretches.append(stretch)
            }
        }
    }

    /// The highest of each bound; what is omitted is the endpoint's own inside, and 0 outside.
    private static func text(_ bounds: [WorkerBounds?], isOpen: Bool) -> String {
        func highest(_ values: [Int?]) -> String {
            guard isOpen else { return String(values.compactMap { $0 }.max() ?? 0) }
            return values.contains(nil) ? "spec" : values.compactMap { $0 }.max().map(String.init) ?? "spec"
        }
        let (least, most) = (highest(bounds.map { $0?.min }), highest(bounds.map { $0?.max }))
        return least == most ? least : "\(least)–\(most)"
    }
}
