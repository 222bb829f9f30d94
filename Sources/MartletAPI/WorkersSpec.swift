/// The in-cluster workers: which object is scaled, between which bounds, and how carefully.
public struct WorkersSpec: Codable, Sendable, Equatable {
    public var targetRef: TargetRef?
    public var minReplicas: Int?
    public var maxReplicas: Int?
    public var scaleUp: ScaleUpSpec?
    public var scaleDown: ScaleDownSpec?
    public var onReadingLost: ReadingLostSpec?
    public var closing: ClosingSpec?
    public var onDelete: DeletionBehavior?
    public var interruption: InterruptionSpec?
    public var onDemand: OnDemandSpec?
    public var gpuLimit: Int?
    /// A decimal text: money is never a float.
    public var pricePerReplicaHourUSD: String?

    public init(
        targetRef: TargetRef? = nil, minReplicas: Int? = nil, maxReplicas: Int? = nil, scaleUp: ScaleUpSpec? = nil,
        scaleDown: ScaleDownSpec? = nil, onReadingLost: ReadingLostSpec? = nil, closing: ClosingSpec? = nil,
        onDelete: DeletionBehavior? = nil, gpuLimit: Int? = nil, pricePerReplicaHourUSD: String? = nil
    ) {
        self.targetRef = targetRef
        self.minReplicas = minReplicas
        self.maxReplicas = maxReplicas
        self.scaleUp = scaleUp
        self.scaleDown = scaleDown
        self.onReadingLost = onReadingLost
        self.closing = closing
        self.onDelete = onDelete
        self.gpuLimit = gpuLimit
        self.pricePerReplicaHourUSD = pricePerReplicaHourUSD
    }
}

/// The object whose `/scale` is written; always in the endpoint's own namespace.
public struct TargetRef: Codable, Sendable, Hashable {
    public var apiVersion: String?
    public var kind: String?
    public var name: String

    public init(apiVersion: String? = nil, kind: String? = nil, name: String) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.name = name
    }
}

/// How fast replicas rise.
public struct ScaleUpSpec: Codable, Sendable, Equatable {
    public var maxStep: Int?

    public init(maxStep: Int? = nil) { self.maxStep = maxStep }
}

/// How carefully replicas fall.
public struct ScaleDownSpec: Codable, Sendable, Equatable {
    public var cooldownSeconds: Int?
    public var stabilizationSeconds: Int?
    public var maxStep: Int?
    public var maxBusySeconds: Int?

    public init(
        cooldownSeconds: Int? = nil, stabilizationSeconds: Int? = nil, maxStep: Int? = nil, maxBusySeconds: Int? = nil
    ) {
        self.cooldownSeconds = cooldownSeconds
        self.stabilizationSeconds = stabilizationSeconds
        self.maxStep = maxStep
        self.maxBusySeconds = maxBusySeconds
    }
}

/// What holds while the queue can't be read.
public struct ReadingLostSpec: Codable, Sendable, Equatable {
    public var afterSeconds: Int?
    public var behavior: ReadingLostBehavior?
    public var replicas: Int?

    public init(afterSeconds: Int? = nil, behavior: ReadingLostBehavior? = nil, replicas: Int? = nil) {
        self.afterSeconds = afterSeconds
        self.behavior = behavior
        self.replicas = replicas
    }
}

/// Whether a lost reading keeps the last decision or raises to a fallback.
public enum ReadingLostBehavior: String, Codable, Sendable {
    case hold = "Hold"
    case fallback = "Fallback"
}

/// How long busy workers are waited for once the ceiling has fallen.
public struct ClosingSpec: Codable, Sendable, Equatable {
    public var drainSeconds: Int?

    public init(drainSeconds: Int? = nil) { self.drainSeconds = drainSeconds }
}

/// What becomes of the workers when the endpoint is deleted.
public enum DeletionBehavior: String, Codable, Sendable {
    case scaleToMin = "ScaleToMin"
    case keep = "Keep"
}

/// What is done for workers on a Node that is about to die.
public struct InterruptionSpec: Codable, Sendable, Equatable {
    public var drain: Bool?
    public var surge: Bool?
    public var requeue: Bool?
    public var rebalance: RebalanceBehavior?
}

/// What a mere recommendation to leave a Node leads to.
public enum RebalanceBehavior: String, Codable, Sendable {
    case ignore = "Ignore"
    case surge = "Surge"
    case drain = "Drain"
}

/// A second target on capacity that is not interrupted, for when the first stays Pending.
public struct OnDemandSpec: Codable, Sendable, Equatable {
    public var targetRef: TargetRef
    public var afterPendingSeconds: Int?
    public var maxReplicas: Int?
}
