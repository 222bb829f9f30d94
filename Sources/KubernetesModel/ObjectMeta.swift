/// The fields of `metadata` that Martlet reads. Objects are patched, never put back whole, so the rest needs no keeping.
///
/// Decoding drops `managedFields` and the annotation `kubectl.kubernetes.io/last-applied-configuration`, a copy of the
/// whole object that would otherwise live in every store.
public struct ObjectMeta: Codable, Sendable, Equatable {
    /// Unique in namespace and kind.
    public var name: String?
    /// What the server makes the name from if none is given.
    public var generateName: String?
    /// Nil for cluster-scoped objects.
    public var namespace: String?
    /// Unique over all time; a later object of the same name has another.
    public var uid: String?
    /// Changes with each write.
    public var resourceVersion: ResourceVersion?
    /// Counts the changes of `spec`.
    public var generation: Int64?
    /// Set by the server.
    public var creationTimestamp: Timestamp?
    /// When deletion is to be complete; set once it has begun.
    public var deletionTimestamp: Timestamp?
    /// What selectors ask for.
    public var labels: [String: String]?
    /// Notes that nobody selects by.
    public var annotations: [String: String]?
    /// With the last of them gone the object is deleted.
    public var ownerReferences: [OwnerReference]?
    /// Who must agree before the object goes.
    public var finalizers: [String]?

    /// One made by hand; what is not given is left out.
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

    /// Reads the API's form; throws `DecodingError` where it is something else.
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
    /// `group/version`, or the bare version in the core group.
    public var apiVersion: String
    /// In CamelCase, singular.
    public var kind: String
    /// Unique in namespace and kind.
    public var name: String
    /// Unique over all time; a later object of the same name has another.
    public var uid: String
    /// Whether it is the one that manages the object.
    public var controller: Bool?
    /// Whether a foreground deletion of the owner waits for the object.
    public var blockOwnerDeletion: Bool?

    /// One made by hand; what is not given is left out.
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
