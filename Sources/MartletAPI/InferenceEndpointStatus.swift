public import KubernetesModel

/// What the operator observed and decided.
///
/// Encodes for a JSON merge patch: a field that is nil is written as an explicit `null`, so that it vanishes from the
/// object (RFC 7386); fields of parts that this type does not know are left alone.
public struct InferenceEndpointStatus: Codable, Sendable, Equatable {
    /// Generation of the spec that this status is about.
    public var observedGeneration: Int64?
    /// One fact.
    public var conditions: [Condition]?
    /// The in-cluster workers.
    public var workers: WorkersStatus?
    /// The queue as last read.
    public var queue: QueueStatus?
    /// What the schedules say. Without a schedule an endpoint is always open.
    public var schedule: ScheduleStatus?
    /// The RunPod endpoint.
    public var runpod: RunPodStatus?

    /// What is left out stays unset.
    public init(
        observedGeneration: Int64? = nil, conditions: [Condition]? = nil, workers: WorkersStatus? = nil,
        queue: QueueStatus? = nil, schedule: ScheduleStatus? = nil, runpod: RunPodStatus? = nil
    ) {
        self.observedGeneration = observedGeneration
        self.conditions = conditions
        self.workers = workers
        self.queue = queue
        self.schedule = schedule
        self.runpod = runpod
    }

    /// Writes nil as an explicit `null`, so that it vanishes from the object.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(observedGeneration, forKey: .observedGeneration)
        try container.encode(conditions, forKey: .conditions)
        try container.encode(workers, forKey: .workers)
        try container.encode(queue, forKey: .queue)
        try container.encode(schedule, forKey: .schedule)
        // Absent, it is left alone: a record of an endpoint that may exist is removed by its driver only.
        try container.encodeIfPresent(runpod, forKey: .runpod)
    }
}

/// The body of a merge patch to `/status`.
public struct StatusMergePatch<Status: Encodable & Sendable & Equatable>: Encodable, Sendable, Equatable {
    /// What the status is to become.
    public var status: Status

    /// What is left out stays unset.
    public init(status: Status) { self.status = status }
}

/// The in-cluster workers as last seen, and what is wanted of them.
public struct WorkersStatus: Codable, Sendable, Equatable {
    /// `replicas/desiredReplicas`, such as `4/20`, for the printer column.
    public var summary: String?
    /// Replicas that the target's spec asks for.
    public var replicas: Int?
    /// Replicas that the last decision wants.
    public var desiredReplicas: Int?
    /// Workers that run a task, as far as anything tells.
    public var busyReplicas: Int?
    /// Why, in one line.
    public var reason: String?
    /// When replicas were last written.
    public var lastScaleTime: Timestamp?
    /// The last instant a task waited or ran; the cooldown counts from here, also after a restart.
    public var lastActiveTime: Timestamp?
    /// The last decision with its inputs, which martlet explain prints.
    public var decision: DecisionStatus?

    /// What is left out stays unset.
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

    /// Writes nil as an explicit `null`, so that it vanishes from the object.
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
    /// Characters of a step.
    public static let maxStepLength = 256

    /// When it was made.
    public var time: Timestamp
    /// Absent when the queue could not be read.
    public var demand: Int?
    /// Tasks that waited.
    public var waiting: Int?
    /// Tasks in flight.
    public var inFlight: Int?
    /// Pods that run a task, or may run one.
    public var busy: Int
    /// Pods proven idle.
    public var idle: Int
    /// Pods of which nothing was heard, or not for too long.
    public var unknown: Int
    /// Replicas that there were.
    public var current: Int
    /// Replicas that were wanted.
    public var desired: Int
    /// One line a step, in the order in which they were taken.
    public var steps: [String]

    /// What is left out stays unset.
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

    /// Writes nil as an explicit `null`, so that it vanishes from the object.
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
    /// Tasks that wait.
    public var waiting: Int?
    /// Tasks that are delivered and not yet done.
    public var inFlight: Int?
    /// Whether the server says when the queue changes, or is polled.
    public var source: ReadingSource?
    /// Why waiting is no exact count. Absent when it is one.
    public var estimate: WaitingEstimate?

    /// What is left out stays unset.
    public init(
        waiting: Int? = nil, inFlight: Int? = nil, source: ReadingSource? = nil, estimate: WaitingEstimate? = nil
    ) {
        self.summary = waiting.map { "\($0)+\(inFlight ?? 0)" }
        self.waiting = waiting
        self.inFlight = inFlight
        self.source = source
        self.estimate = estimate
    }

    /// Writes nil as an explicit `null`, so that it vanishes from the object.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(summary, forKey: .summary)
        try container.encode(waiting, forKey: .waiting)
        try container.encode(inFlight, forKey: .inFlight)
        try container.encode(source, forKey: .source)
        try container.encode(estimate, forKey: .estimate)
    }
}

/// Whether the server says when the queue changes, or has to be asked.
public enum ReadingSource: String, Codable, Sendable {
    case push = "Push"
    case poll = "Poll"
}

/// Why the count of a stream's waiting entries is not exact.
public enum WaitingEstimate: String, Codable, Sendable, Hashable {
    /// The server does not tell the group's lag, and counting was ended where more would change nothing or cost too much:
    /// at least so many wait.
    case atLeast = "AtLeast"
    /// The consumer group does not exist, so that nobody can say where it will begin to read; the whole stream is shown.
    case groupMissing = "GroupMissing"
}

/// What the schedules say; without a schedule an endpoint is always open.
public struct ScheduleStatus: Codable, Sendable, Equatable {
    /// Whether capacity may exist now.
    public var open: Bool?
    /// The GPUSchedule or override that decides.
    public var by: String?
    /// When it last opened or closed; a drain counts from here, also after a restart.
    public var lastTransitionTime: Timestamp?
    /// When it opens or closes next.
    public var nextTransitionTime: Timestamp?

    /// What is left out stays unset.
    public init(
        open: Bool? = nil, by: String? = nil, lastTransitionTime: Timestamp? = nil,
        nextTransitionTime: Timestamp? = nil
    ) {
        self.open = open
        self.by = by
        self.lastTransitionTime = lastTransitionTime
        self.nextTransitionTime = nextTransitionTime
    }

    /// Writes nil as an explicit `null`, so that it vanishes from the object.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(open, forKey: .open)
        try container.encode(by, forKey: .by)
        try container.encode(lastTransitionTime, forKey: .lastTransitionTime)
        try container.encode(nextTransitionTime, forKey: .nextTransitionTime)
    }
}
