/// The in-cluster workers: which object is scaled, between which bounds, and how carefully.
public struct WorkersSpec: Codable, Sendable, Equatable {
    /// The object of this namespace whose /scale is written. One endpoint a target, and no other autoscaler on it.
    public var targetRef: TargetRef?
    /// Replicas that stay when nothing waits.
    public var minReplicas: Int?
    /// Replicas at most.
    public var maxReplicas: Int?
    /// How fast replicas rise.
    public var scaleUp: ScaleUpSpec?
    /// How carefully replicas fall. Busy workers are not taken whatever stands here, but see maxBusySeconds.
    public var scaleDown: ScaleDownSpec?
    /// What holds while the queue can't be read. Replicas are never lowered then.
    public var onReadingLost: ReadingLostSpec?
    /// What happens when a schedule closes or lowers the ceiling, or the object is deleted.
    public var closing: ClosingSpec?
    /// Whether deleting this object takes the workers to minReplicas, after the closing's drain, or leaves them as
    /// they are.
    public var onDelete: DeletionBehavior?
    /// What is done for workers on a Node that is about to die. Not acted on by this version.
    public var interruption: InterruptionSpec?
    /// A second target on capacity that is not interrupted. Not supported by this version.
    public var onDemand: OnDemandSpec?
    /// GPUs at most, as replicas times the GPUs of the Pod template. Left out, there is no limit.
    public var gpuLimit: Int?
    /// A decimal text: money is never a float.
    public var pricePerReplicaHourUSD: String?

    /// What is left out stays unset.
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
    /// API version of the target.
    public var apiVersion: String?
    /// Deployment or StatefulSet.
    public var kind: String?
    /// Name of the target.
    public var name: String

    /// What is left out stays unset.
    public init(apiVersion: String? = nil, kind: String? = nil, name: String) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.name = name
    }
}

/// How fast replicas rise.
public struct ScaleUpSpec: Codable, Sendable, Equatable {
    /// Replicas added at most every 15 s. 0 means no limit, from zero to N in one write.
    public var maxStep: Int?

    /// What is left out stays unset.
    public init(maxStep: Int? = nil) { self.maxStep = maxStep }
}

/// How carefully replicas fall.
public struct ScaleDownSpec: Codable, Sendable, Equatable {
    /// How long the last replica stays after the last activity.
    public var cooldownSeconds: Int?
    /// Replicas fall no lower than what was wanted at any time within so many seconds.
    public var stabilizationSeconds: Int?
    /// Replicas removed at most every 15 s. 0 means no limit.
    public var maxStep: Int?
    /// How long a worker that has fallen silent is taken for busy. Longer than the longest task.
    public var maxBusySeconds: Int?

    /// What is left out stays unset.
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
    /// How long the queue must be unreadable before Fallback acts.
    public var afterSeconds: Int?
    /// Hold keeps the replicas; Fallback raises them to the replicas given here.
    public var behavior: ReadingLostBehavior?
    /// What Fallback raises to.
    public var replicas: Int?

    /// What is left out stays unset.
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
    /// How long busy workers may finish. After it they are stopped, with their Pods' own grace.
    public var drainSeconds: Int?

    /// What is left out stays unset.
    public init(drainSeconds: Int? = nil) { self.drainSeconds = drainSeconds }
}

/// What becomes of the workers when the endpoint is deleted.
public enum DeletionBehavior: String, Codable, Sendable {
    case scaleToMin = "ScaleToMin"
    case keep = "Keep"
}

/// What is done for workers on a Node that is about to die.
public struct InterruptionSpec: Codable, Sendable, Equatable {
    /// Evict the workers in time.
    public var drain: Bool?
    /// Start replacements first.
    public var surge: Bool?
    /// Put tasks of workers that are proven dead back at once.
    public var requeue: Bool?
    /// What a mere recommendation to leave the Node leads to.
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
    /// The second target, of this namespace.
    public var targetRef: TargetRef
    /// How long Pods of the first target must be Pending.
    public var afterPendingSeconds: Int?
    /// Replicas of the second target at most.
    public var maxReplicas: Int?
}
