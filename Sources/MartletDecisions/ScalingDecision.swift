public import FoundationEssentials

/// What is to be done about a target's replicas, and why.
public struct ScalingDecision: Sendable, Equatable {
    /// The one thing to do now.
    public var action: ScalingAction
    /// Where the replicas are headed, the busy included; `action` may be a step towards it or wait.
    public var desired: Int
    /// One line, such as `96 waiting + 4 in flight, 5 a replica`.
    public var reason: String
    /// Each step of the decision, in order, for `martlet explain`.
    public var steps: [String]
    /// The figures it rests on.
    public var inputs: DecisionInputs
    /// When the same inputs would be decided otherwise; nil: never by time alone.
    public var recheckAt: Date?
    /// To be passed to the next decision.
    public var history: ScalingHistory
    /// What to say once; with a scale, after it was accepted.
    public var events: [ScalingEvent]
    /// How far a fallen ceiling is carried out.
    public var closing: ClosingProgress
}

/// The one thing to do now.
public enum ScalingAction: Sendable, Equatable {
    case hold
    case scale(to: Int)
    /// Write these `controller.kubernetes.io/pod-deletion-cost` annotations and decide again once the Pods show them.
    case writeCosts([PodCost])
}

/// A deletion cost to be written; the lowest go first.
public struct PodCost: Sendable, Hashable {
    /// Name of the Pod.
    public var pod: String
    /// The annotation's value, an int32.
    public var cost: Int

    /// A cost for that Pod.
    public init(pod: String, cost: Int) {
        self.pod = pod
        self.cost = cost
    }
}

/// The figures that a decision rests on.
public struct DecisionInputs: Sendable, Equatable {
    /// Nil when the queue can't be read.
    public var waiting: Int?
    /// The larger of what the queue and what the heartbeats say; nil when the queue can't be read.
    public var inFlight: Int?
    /// Replicas that the target's spec asks for.
    public var current: Int
    /// Pods that run a task as far as anything tells; silence after having been heard tells it too.
    public var busy: Int
    /// Pods proven idle.
    public var idle: Int
    /// Pods that were never heard, or are silent for too long.
    public var unknown: Int
    /// Pods that are not to be taken: the busy, and those unknown ones that may be.
    public var protected: Int
    /// What to say of `BusynessKnown`.
    public var busynessKnown: BusynessKnowledge

    /// `waiting + inFlight`, without overflow.
    public var demand: Int? {
        guard let waiting, let inFlight else { return nil }
        return waiting.addingSaturated(inFlight)
    }
}

/// Whether anything tells which workers are busy; the condition `BusynessKnown`.
public enum BusynessKnowledge: Sendable, Hashable {
    case known
    /// Leave the condition as it is: no Pod runs, or three heartbeat periods are not over yet.
    case undecided
    /// CamelCase reason and message for the condition.
    case unknown(reason: String, message: String)
}

/// What a decision wants said once, as a Kubernetes event.
public enum ScalingEvent: Sendable, Hashable {
    /// A silent worker is trusted no longer.
    case maxBusyExceeded(pod: String, silentSeconds: Int)
    /// The drain time of a closing is over; so many busy Pods are taken.
    case drainEnded(busy: Int)
    /// The endpoint closes while tasks wait; they stay queued.
    case closedWithWaiting(tasks: Int)

    /// CamelCase reason of the event.
    public var reason: String {
        switch self {
        case .maxBusyExceeded: "MaxBusyExceeded"
        case .drainEnded: "DrainEnded"
        case .closedWithWaiting: "TasksStayQueued"
        }
    }
    /// Whether the event is of type Warning.
    public var isWarning: Bool {
        switch self {
        case .maxBusyExceeded, .drainEnded: true
        case .closedWithWaiting: false
        }
    }
}

/// How far a fallen ceiling is carried out.
public enum ClosingProgress: Sendable, Hashable {
    case none
    /// Busy Pods keep replicas above the ceiling, until then at the latest.
    case draining(until: Date)
    /// Replicas are at or below the ceiling; a deleted endpoint's finalizer may go.
    case done
}
