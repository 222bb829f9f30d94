/// A Node, as far as drainers and schedulers of GPU work read it.
public struct Node: KubernetesObject, Equatable {
    public static let resourceType = ResourceType(
        group: "", version: "v1", plural: "nodes", kind: "Node", isNamespaced: false)
    public var metadata: ObjectMeta
    public var spec: NodeSpec?
    public var status: NodeStatus?

    public init(metadata: ObjectMeta, spec: NodeSpec? = nil, status: NodeStatus? = nil) {
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }

    /// Whether the condition `Ready` is true.
    public var isReady: Bool { status?.conditions?.first { $0.type == "Ready" }?.status == .yes }
}

/// What is wanted of a Node.
public struct NodeSpec: Codable, Sendable, Equatable {
    /// True while the node is cordoned.
    public var unschedulable: Bool?
    public var taints: [Taint]?
    /// The machine in its cloud's terms: `aws:///us-east-1a/i-0abc`.
    public var providerID: String?

    public init(unschedulable: Bool? = nil, taints: [Taint]? = nil, providerID: String? = nil) {
        self.unschedulable = unschedulable
        self.taints = taints
        self.providerID = providerID
    }
}

/// What is seen of a Node.
public struct NodeStatus: Codable, Sendable, Equatable {
    public var conditions: [ObservedCondition]?
    public var capacity: [String: Quantity]?
    public var allocatable: [String: Quantity]?

    public init(
        conditions: [ObservedCondition]? = nil, capacity: [String: Quantity]? = nil,
        allocatable: [String: Quantity]? = nil
    ) {
        self.conditions = conditions
        self.capacity = capacity
        self.allocatable = allocatable
    }
}

/// A mark on a Node that keeps Pods away or drives them off.
public struct Taint: Codable, Sendable, Equatable {
    public var key: String
    public var value: String?
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    public var effect: String
    public var timeAdded: Timestamp?

    public init(key: String, value: String? = nil, effect: String, timeAdded: Timestamp? = nil) {
        self.key = key
        self.value = value
        self.effect = effect
        self.timeAdded = timeAdded
    }
}

/// A condition as the built-in kinds write it, which leave out what `metav1.Condition` demands.
public struct ObservedCondition: Codable, Sendable, Equatable {
    public var type: String
    public var status: ConditionStatus
    public var reason: String?
    public var message: String?
    public var lastHeartbeatTime: Timestamp?
    public var lastTransitionTime: Timestamp?

    public init(
        type: String, status: ConditionStatus, reason: String? = nil, message: String? = nil,
        lastHeartbeatTime: Timestamp? = nil, lastTransitionTime: Timestamp? = nil
    ) {
        self.type = type
        self.status = status
        self.reason = reason
        self.message = message
        self.lastHeartbeatTime = lastHeartbeatTime
        self.lastTransitionTime = lastTransitionTime
    }
}
