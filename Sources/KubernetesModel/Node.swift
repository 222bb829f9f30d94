/// A Node, as far as drainers and schedulers of GPU work read it.
public struct Node: KubernetesObject, Equatable {
    /// Where the API has the kind.
    public static let resourceType = ResourceType(
        group: "", version: "v1", plural: "nodes", kind: "Node", isNamespaced: false)
    /// Name, labels, owners.
    public var metadata: ObjectMeta
    /// What is wanted.
    public var spec: NodeSpec?
    /// What is seen.
    public var status: NodeStatus?

    /// One to compare with or to send, made by hand.
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
    /// Marks that keep Pods away.
    public var taints: [Taint]?
    /// The machine in its cloud's terms: `aws:///us-east-1a/i-0abc`.
    public var providerID: String?

    /// One made by hand; what is not given is left out.
    public init(unschedulable: Bool? = nil, taints: [Taint]? = nil, providerID: String? = nil) {
        self.unschedulable = unschedulable
        self.taints = taints
        self.providerID = providerID
    }
}

/// What is seen of a Node.
public struct NodeStatus: Codable, Sendable, Equatable {
    /// One of a type at most.
    public var conditions: [ObservedCondition]?
    /// All that the machine has, by resource.
    public var capacity: [String: Quantity]?
    /// What Pods may take of it.
    public var allocatable: [String: Quantity]?

    /// One made by hand; what is not given is left out.
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
    /// As in `nvidia.com/gpu`.
    public var key: String
    /// May be empty.
    public var value: String?
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    public var effect: String
    /// Set for `NoExecute` only.
    public var timeAdded: Timestamp?

    /// One made by hand; what is not given is left out.
    public init(key: String, value: String? = nil, effect: String, timeAdded: Timestamp? = nil) {
        self.key = key
        self.value = value
        self.effect = effect
        self.timeAdded = timeAdded
    }
}

/// A condition as the built-in kinds write it, which leave out what `metav1.Condition` demands.
public struct ObservedCondition: Codable, Sendable, Equatable {
    /// What the condition is about, in CamelCase.
    public var type: String
    /// Whether it holds.
    public var status: ConditionStatus
    /// A CamelCase word for machines.
    public var reason: String?
    /// A sentence for people.
    public var message: String?
    /// When whoever writes it last looked.
    public var lastHeartbeatTime: Timestamp?
    /// When `status` last changed.
    public var lastTransitionTime: Timestamp?

    /// One made by hand; what is not given is left out.
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
