public import KubernetesModel

/// What the operator observed and decided.
///
/// Encodes for a JSON merge patch: a field that is nil is written as an explicit `null`, so that it vanishes from the
/// object (RFC 7386); fields of parts that this type does not know are left alone.
public struct InferenceEndpointStatus: Codable, Sendable, Equatable {
    public var observedGeneration: Int64?
    public var conditions: [Condition]?
    public var workers: WorkersStatus?
    public var queue: QueueStatus?
    public var schedule: ScheduleStatus?

    public init(
        observedGeneration: Int64? = nil, conditions: [Condition]? = nil, workers: WorkersStatus? = nil,
        queue: QueueStatus? = nil, schedule: ScheduleStatus? = nil
    ) {
        self.observedGeneration = observedGeneration
        self.conditions = conditions
        self.workers = workers
        self.queue = queue
        self.schedule = schedule
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(observedGeneration, forKey: .observedGeneration)
        try container.encode(conditions, forKey: .conditions)
        try container.encode(workers, forKey: .workers)
        try container.encode(queue, forKey: .queue)
        try container.encode(schedule, forKey: .schedule)
    }
}

/// The body of a merge patch to `/status`.
public struct StatusMergePatch: Encodable, Sendable, Equatable {
    public var status: InferenceEndpointStatus

    public init(status: InferenceEndpointStatus) { self.status = status }
}

/// The in-cluster workers as last seen, and what is wanted of them.
public struct WorkersStatus: Codable, Sendable, Equatable {
    /// `replicas/desiredReplicas`, such as `4/20`, for the printer column.
    public var summary: String?
    public var replicas: Int?
    public var desiredReplicas: Int?
    public var busyReplicas: Int?
    public var reason: String?
    public var lastScaleTime: Timestamp?
    /// The last instant a task waited or ran; the cooldown counts from here, also after a restart.
    public var lastActiveTime: Timestamp?
    public var decision: DecisionStatus?

    public init(
        replicas: Int? = nil, desiredReplicas: Int? = nil, busyReplicas: Int? = nil, reason: String? = nil,
        lastScaleTime: Timestamp? = nil, lastActiveTime: Timestamp? = nil, decision: DecisionStatus? = nil
    ) {
        self.summary = replicas.map { "\($0)/\(desiredReplicas ?? $0)" }
        self.replicas = replicas
        self.desiredReplicas = desiredReplicas
        self.busyReplicas = busyReplicas
        self.reason = reason
        self.lastScaleTime = lastScaleTime
        self.lastActiveTime = lastActiveTime
        self.decision = decision
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(summary, forKey: .summary)
        try container.encode(replicas, forKey: .replicas)
        try container.encode(desiredReplicas, forKey: .desiredReplicas)
        try container.encode(busyReplicas, forKey: .busyReplicas)
        try container.encode(reason, forKey: .reason)
        try container.encode(lastScaleTime, forKey: .lastScaleTime)
        try container.encode(lastActiveTime, forKey: .lastActiveTime)
        try container.encode(decision, forKey: .decision)
    }
}

/// The last decision with its inputs, which `martlet explain` prints.
public struct DecisionStatus: Codable, Sendable, Equatable {
    /// At most this many steps are kept, and of each so many characters.
    public static let maxSteps = 16
    public static let maxStepLength = 256

    public var time: Timestamp
    /// Absent when the queue could not be read.
    public var demand: Int?
    public var waiting: Int?
    public var inFlight: Int?
    /// Pods that run a task, or may run one.
    public var busy: Int
    public var idle: Int
    public var unknown: Int
    public var current: Int
    public var desired: Int
    /// One line a step, in the order in which they were taken.
    public var steps: [String]

    public init(
        time: Timestamp, demand: Int?, waiting: Int?, inFlight: Int?, busy: Int, idle: Int, unknown: Int, current: Int,
        desired: Int, steps: [String]
    ) {
        self.time = time
        self.demand = demand
        self.waiting = waiting
        self.inFlight = inFlight
        self.busy = busy
        self.idle = idle
        self.unknown = unknown
        self.current = current
        self.desired = desired
        self.steps = steps.prefix(Self.maxSteps).map { String($0.prefix(Self.maxStepLength)) }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(time, forKey: .time)
        try container.encode(demand, forKey: .demand)
        try container.encode(waiting, forKey: .waiting)
        try container.encode(inFlight, forKey: .inFlight)
        try container.encode(busy, forKey: .busy)
        try container.encode(idle, forKey: .idle)
        try container.encode(unknown, forKey: .unknown)
        try container.encode(current, forKey: .current)
        try container.encode(desired, forKey: .desired)
        try container.encode(steps, forKey: .steps)
    }
}

/// The queue as last read.
public struct QueueStatus: Codable, Sendable, Equatable {
    /// `waiting+inFlight`, such as `96+4`, for the printer column.
    public var summary: String?
    public var waiting: Int?
    public var inFlight: Int?
    public var source: ReadingSource?

    public init(waiting: Int? = nil, inFlight: Int? = nil, source: ReadingSource? = nil) {
        self.summary = waiting.map { "\($0)+\(inFlight ?? 0)" }
        self.waiting = waiting
        self.inFlight = inFlight
        self.source = source
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(summary, forKey: .summary)
        try container.encode(waiting, forKey: .waiting)
        try container.encode(inFlight, forKey: .inFlight)
        try container.encode(source, forKey: .source)
    }
}

/// Whether the server says when the queue changes, or has to be asked.
public enum ReadingSource: String, Codable, Sendable {
    case push = "Push"
    case poll = "Poll"
}

/// What the schedules say; without a schedule an endpoint is always open.
public struct ScheduleStatus: Codable, Sendable, Equatable {
    public var open: Bool?
    public var by: String?
    public var nextTransitionTime: Timestamp?

    public init(open: Bool? = nil, by: String? = nil, nextTransitionTime: Timestamp? = nil) {
        self.open = open
        self.by = by
        self.nextTransitionTime = nextTransitionTime
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(open, forKey: .open)
        try container.encode(by, forKey: .by)
        try container.encode(nextTransitionTime, forKey: .nextTransitionTime)
    }
}
