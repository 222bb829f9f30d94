public import FoundationEssentials
internal import KubernetesModel
public import MartletAPI

/// What was last seen of an endpoint's ``Capacity``: tells since when a ceiling is lower, so that a drain has one
/// beginning, whoever restarts meanwhile and whether the clock, an edit or an override let the ceiling fall.
public struct CapacityRecord: Sendable, Hashable {
    /// Whether capacity could exist; nil: nothing was recorded.
    public private(set) var isOpen: Bool?
    /// When what may exist changed last; nil: it never did while somebody looked.
    public private(set) var lastTransition: Date?
    /// When the clock was to change it next.
    private var nextTransition: Date?
    /// The ceiling that held; nil: nothing was seen by this process.
    private var ceiling: Int?

    /// Goes on from what the object's status tells.
    public init(restoring status: ScheduleStatus? = nil) {
        isOpen = status?.open
        lastTransition = status?.lastTransitionTime?.date
        nextTransition = status?.nextTransitionTime?.date
    }

    /// Takes note of what holds at `now` for a backend (nil: nothing governs it) whose spec allows `specMin` to `specMax`;
    /// returns the bounds to work within.
    ///
    /// A ceiling that the clock lowered counts from the clock's instant, also if nobody looked then. One that was lowered
    /// otherwise (a schedule made or edited, an override) counts from when it was first seen: the tasks that run get
    /// their whole drain.
    public mutating func observe(
        _ capacity: Capacity, of backend: BackendCapacity?, specMin: Int, specMax: Int, at now: Date
    ) -> CapacityObservation {
        let ceiling = backend.map { min(max(0, $0.max), specMax) } ?? specMax
        let change = change(to: capacity.isOpen, ceiling, specMax, since: backend?.since, at: now)
        switch change {
        case .nothing:
            if backend != nil, lastTransition == nil { lastTransition = backend?.since ?? now }
        case .edge(let instant), .seen(let instant): lastTransition = instant
        }
        if capacity.by == nil { lastTransition = nil }
        // A clock set back must not hold GPUs until it has caught up.
        if let last = lastTransition, last > now { lastTransition = now }
        isOpen = capacity.isOpen
        nextTransition = capacity.nextTransition
        self.ceiling = ceiling
        var closing: Closing?
        if let backend, ceiling < specMax { closing = Closing(since: lastTransition ?? now, cause: backend.cause) }
        return CapacityObservation(
            floor: min(max(0, backend?.min ?? specMin), ceiling), ceiling: ceiling, closing: closing, change: change)
    }

    private func change(
        to open: Bool, _ ceiling: Int, _ specMax: Int, since: Date?, at now: Date
    ) -> CapacityChange {
        let isNews =
            if let known = self.ceiling { known != ceiling || isOpen != open } else if let isOpen {
                isOpen != open
            } else { ceiling < specMax || !open }
        guard isNews else { return .nothing }
        // Foretold, or between two looks of this process: it is the clock's doing.
        guard let next = nextTransition, next <= now, let since else { return .seen(at: now) }
        return .edge(at: since)
    }
}

/// What an endpoint's capacity makes of one backend's bounds.
public struct CapacityObservation: Sendable, Hashable {
    /// Workers at least, never above ``ceiling``.
    public var floor: Int
    /// Workers at most.
    public var ceiling: Int
    /// Set while the ceiling is below the spec's.
    public var closing: Closing?
    /// What is new about it.
    public var change: CapacityChange
}

/// What one look at a capacity found changed.
public enum CapacityChange: Sendable, Hashable {
    case nothing
    /// The clock changed it, then.
    case edge(at: Date)
    /// Somebody changed it, or it is seen for the first time.
    case seen(at: Date)
}
