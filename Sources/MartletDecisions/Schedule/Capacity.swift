public import FoundationEssentials

/// When capacity of an endpoint may exist, as schedules and override have it at one instant. Computed from the clock
/// alone: two operators, or one before and after a restart, come to the same.
public struct Capacity: Sendable, Hashable {
    /// Whether any backend may have capacity.
    public var isOpen: Bool
    /// Who decides, for status and events: a schedule's name, `override`; nil: nothing governs, always open.
    public var by: String?
    /// What holds for the in-cluster workers; nil: nothing governs them, the spec's bounds hold.
    public var workers: BackendCapacity?
    /// What holds for the RunPod endpoint; nil: nothing governs it, the spec's bounds hold.
    public var runpod: BackendCapacity?
    /// When anything of this changes by time alone; nil: never.
    public var nextTransition: Date?
    /// Whether the next transition opens or closes, for people.
    public var nextOpens: Bool?

    /// A capacity with these parts.
    public init(
        isOpen: Bool, by: String?, workers: BackendCapacity?, runpod: BackendCapacity?, nextTransition: Date?,
        nextOpens: Bool?
    ) {
        self.isOpen = isOpen
        self.by = by
        self.workers = workers
        self.runpod = runpod
        self.nextTransition = nextTransition
        self.nextOpens = nextOpens
    }

    /// Nothing governs: open, with the spec's bounds.
    public static let ungoverned = Capacity(
        isOpen: true, by: nil, workers: nil, runpod: nil, nextTransition: nil, nextOpens: nil)
}

/// What schedules and override make of one backend of an endpoint.
public struct BackendCapacity: Sendable, Hashable {
    /// Whether a window is open for it (or an override is); closed, `max` may still be above zero.
    public var isOpen: Bool
    /// Workers at least, never above ``max``.
    public var min: Int
    /// Workers at most, never above the spec's own.
    public var max: Int
    /// The latest instant, not after now, at which the clock changed what holds; a drain counts from here. Nil where the
    /// clock does not tell: an override without a beginning, a schedule that is suspended.
    public var since: Date?
    /// Who let it be so.
    public var cause: ClosingCause

    /// A capacity with these parts.
    public init(isOpen: Bool, min: Int, max: Int, since: Date?, cause: ClosingCause) {
        self.isOpen = isOpen
        self.min = min
        self.max = max
        self.since = since
        self.cause = cause
    }
}
