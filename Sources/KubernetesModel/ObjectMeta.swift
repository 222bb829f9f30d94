/// The fields of `metadata` that Martlet reads. Objects are patched, never put back whole, so the rest needs no keeping.
///
/// Decoding drops `managedFields` and the annotation `kubectl.kubernetes.io/last-applied-configuration`, a copy of the
/// whole object that would otherwise live in every store.
public struct ObjectMeta: Codable, Sendable, Equatable {
    public var name: String?
    public var generateName: String?
    public var namespace: String?
    public var uid: String?
    public var resourceVersion: ResourceVersion?
    public var generation: Int64?
    public var creationTimestamp: Timestamp?
    public var deletionTimestamp: Timestamp?
    public var labels: [String: String]?
    public var annotations: [String: String]?
    public var ownerReferences: [OwnerReference]?
    public var finalizers: [String]?

    public init(
        name: String? = nil, namespace: String? = nil, labels: [String: String]? = nil,
        annotations: [String: String]? = nil, ownerReferences: [OwnerReference]? = nil, finalizers: [String]? = nil
    ) {
        self.name = name
        self.namespace = namespace
        self.labels = labels
        self.annotations = annotations
        self.ownerReferences = ownerReferences
        self.finalizers = finalizers
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        name = try fields.decodeIfPresent(String.self, forKey: .name)
        generateName = try fields.decodeIfPresent(String.self, forKey: .generateName)
        namespace = try fields.decodeIfPresent(String.self, forKey: .namespace)
        uid = try fields.decodeIfPresent(String.self, forKey: .uid)
        resourceVersion = try fields.decodeIfPresent(ResourceVersion.self, forKey: .resourceVersion)
        generation = try fields.decodeIfPresent(Int64.self, forKey: .generation)
        creationTimestamp = try fields.decodeIfPresent(Timestamp.self, forKey: .creationTimestamp)
        deletionTimestamp = try fields.decodeIfPresent(Timestamp.self, forKey: .deletionTimestamp)
        labels = try fields.decodeIfPresent([String: String].self, forKey: .labels)
        annotations = try fields.decodeIfPresent([String: String].self, forKey: .annotations)
        if annotations?.removeValue(forKey: Self.lastApplied) != nil, annotations?.isEmpty == true { annotations = nil }
        ownerReferences = try fields.decodeIfPresent([OwnerReference].self, forKey: .ownerReferences)
        finalizers = try fields.decodeIfPresent([String].self, forKey: .finalizers)
    }

    /// The key under which stores and queues know the object.
    public var key: ObjectKey { ObjectKey(namespace: namespace ?? "", name: name ?? "") }
    /// The owner with `controller: true`.
    public var controller: OwnerReference? { ownerReferences?.first { $0.controller == true } }
    /// Whether deletion has begun; finalizers or a grace period may still hold the object.
    public var isBeingDeleted: Bool { deletionTimestamp != nil }

    private static let lastApplied = "kubectl.kubernetes.io/last-applied-configuration"
}

/// A reference from an object to one that owns it.
public struct OwnerReference: Codable, Sendable, Equatable {
    public var apiVersion: String
    public var kind: String
    public var name: String
    public var uid: String
    public var controller: Bool?
    public var blockOwnerDeletion: Bool?

    public init(
        apiVersion: String, kind: String, name: String, uid: String, controller: Bool? = nil,
        blockOwnerDeletion: Bool? = nil
    ) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.name = name
        self.uid = uid
        self.controller = controller
        self.blockOwnerDeletion = blockOwnerDeletion
    }
}
