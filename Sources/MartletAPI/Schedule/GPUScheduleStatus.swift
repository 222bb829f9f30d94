public import KubernetesModel

/// What the operator computed for a schedule.
///
/// Encodes for a JSON merge patch, as ``InferenceEndpointStatus`` does.
public struct GPUScheduleStatus: Codable, Sendable, Equatable {
    /// Generation of the spec that this status is about.
    public var observedGeneration: Int64?
    /// Whether the schedule is open now; what it holds while it is suspended or refused.
    public var open: Bool?
    /// The windows or exceptions that it is open for, or the exception that closes it, joined by ", ".
    public var window: String?
    /// When it opens or closes next.
    public var nextTransitionTime: Timestamp?
    /// Which of the two.
    public var nextTransition: ScheduleTransitionKind?
    /// One fact.
    public var conditions: [Condition]?

    /// What is left out stays unset.
    public init(
        observedGeneration: Int64? = nil, open: Bool? = nil, window: String? = nil,
        nextTransitionTime: Timestamp? = nil, nextTransition: ScheduleTransitionKind? = nil,
        conditions: [Condition]? = nil
    ) {
        self.observedGeneration = observedGeneration
        self.open = open
        self.window = window
        self.nextTransitionTime = nextTransitionTime
        self.nextTransition = nextTransition
        self.conditions = conditions
    }

    /// Writes nil as an explicit `null`, so that it vanishes from the object.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(observedGeneration, forKey: .observedGeneration)
        try container.encode(open, forKey: .open)
        try container.encode(window, forKey: .window)
        try container.encode(nextTransitionTime, forKey: .nextTransitionTime)
        try container.encode(nextTransition, forKey: .nextTransition)
        try container.encode(conditions, forKey: .conditions)
    }
}

/// Whether a schedule opens or closes.
public enum ScheduleTransitionKind: String, Codable, Sendable, Hashable {
    case open = "Open"
    case close = "Close"
}
