/// What the user asks for, as it was written: a field left out is nil. ``resolved()`` checks it and puts the defaults in.
public struct GPUScheduleSpec: Codable, Sendable, Equatable {
    /// Time zone of every time and date below, by its IANA name.
    public var timeZone: String?
    /// The InferenceEndpoints of this namespace that are governed.
    public var targets: [ScheduleTarget]?
    /// When capacity may exist.
    public var windows: [ScheduleWindowSpec]?
    /// Bounds while a window is open.
    public var inside: ScheduleBounds?
    /// Bounds while none is open.
    public var outside: ScheduleBounds?
    /// Days on which the windows do not count.
    public var exceptions: [ScheduleExceptionSpec]?
    /// How much earlier each window opens.
    public var preWarmSeconds: Int?
    /// True: hold what was last decided.
    public var suspend: Bool?

    /// What is left out stays unset.
    public init(
        timeZone: String? = nil, targets: [ScheduleTarget]? = nil, windows: [ScheduleWindowSpec]? = nil,
        inside: ScheduleBounds? = nil, outside: ScheduleBounds? = nil, exceptions: [ScheduleExceptionSpec]? = nil,
        preWarmSeconds: Int? = nil, suspend: Bool? = nil
    ) {
        self.timeZone = timeZone
        self.targets = targets
        self.windows = windows
        self.inside = inside
        self.outside = outside
        self.exceptions = exceptions
        self.preWarmSeconds = preWarmSeconds
        self.suspend = suspend
    }
}

/// An InferenceEndpoint of the schedule's own namespace.
public struct ScheduleTarget: Codable, Sendable, Hashable {
    /// Name of the InferenceEndpoint.
    public var name: String

    /// The endpoint of that name.
    public init(name: String) { self.name = name }
}

/// One window, by days and times of the day or by two cron expressions.
public struct ScheduleWindowSpec: Codable, Sendable, Equatable {
    /// Unique in the schedule.
    public var name: String
    /// Days of the week on which it opens, Mon to Sun. With from and to.
    public var days: [String]?
    /// When it opens, HH:MM.
    public var from: String?
    /// When it closes, HH:MM; on the next day unless later than from.
    public var to: String?
    /// When it opens, as cron writes it. With end.
    public var start: String?
    /// When it closes, as cron writes it: the first time after a start counts.
    public var end: String?
    /// Bounds that replace those of inside, one by one, while this window is open.
    public var bounds: ScheduleBounds?

    /// What is left out stays unset.
    public init(
        name: String, days: [String]? = nil, from: String? = nil, to: String? = nil, start: String? = nil,
        end: String? = nil, bounds: ScheduleBounds? = nil
    ) {
        self.name = name
        self.days = days
        self.from = from
        self.to = to
        self.start = start
        self.end = end
        self.bounds = bounds
    }
}

/// Bounds of both backends. A backend that is named in none of a schedule's bounds is not governed by it, unless none
/// is named at all.
public struct ScheduleBounds: Codable, Sendable, Hashable {
    /// Bounds of the in-cluster workers.
    public var workers: WorkerBounds?
    /// Bounds of the RunPod endpoint's workers.
    public var runpod: WorkerBounds?

    /// What is left out stays unset.
    public init(workers: WorkerBounds? = nil, runpod: WorkerBounds? = nil) {
        self.workers = workers
        self.runpod = runpod
    }
}

/// Bounds of one backend.
public struct WorkerBounds: Codable, Sendable, Hashable {
    /// Workers at least.
    public var min: Int?
    /// Workers at most.
    public var max: Int?

    /// What is left out stays unset.
    public init(min: Int? = nil, max: Int? = nil) {
        self.min = min
        self.max = max
    }
}

/// Whole local days on which a schedule is open or closed whatever its windows say.
public struct ScheduleExceptionSpec: Codable, Sendable, Equatable {
    /// Unique in the schedule.
    public var name: String
    /// First day, YYYY-MM-DD.
    public var from: String
    /// Last day, YYYY-MM-DD; the first unless given.
    public var to: String?
    /// What holds on these days.
    public var state: ScheduleExceptionState

    /// What is left out stays unset.
    public init(name: String, from: String, to: String? = nil, state: ScheduleExceptionState) {
        self.name = name
        self.from = from
        self.to = to
        self.state = state
    }
}

/// What holds on the days of an exception.
public enum ScheduleExceptionState: String, Codable, Sendable {
    case closed = "Closed"
    case open = "Open"
}
