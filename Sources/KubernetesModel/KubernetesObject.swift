/// Where a kind lives in the API: `/apis/apps/v1/namespaces/{namespace}/deployments`.
public struct ResourceType: Hashable, Sendable, CustomStringConvertible {
    /// Empty for the core group.
    public var group: String
    /// Such as `v1alpha1`.
    public var version: String
    /// As in the URL.
    public var plural: String
    /// In CamelCase, singular.
    public var kind: String
    /// Whether its objects lie in namespaces.
    public var isNamespaced: Bool

    /// One made by hand; what is not given is left out.
    public init(group: String, version: String, plural: String, kind: String, isNamespaced: Bool = true) {
        self.group = group
        self.version = version
        self.plural = plural
        self.kind = kind
        self.isNamespaced = isNamespaced
    }

    /// `apps/v1`, or `v1` for the core group.
    public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }
    /// `deployments.apps`, as kubectl names it.
    public var description: String { group.isEmpty ? plural : "\(plural).\(group)" }
}

/// A kind that the client can read: only the fields that are read need be declared.
public protocol KubernetesObject: Codable, Sendable {
    /// Where the kind lives unless the caller names another place.
    static var resourceType: ResourceType { get }
    /// What the server is asked to send: the whole object, or its metadata only.
    static var representation: ObjectRepresentation { get }
    var metadata: ObjectMeta { get set }
}

/// How much of an object the server sends.
public enum ObjectRepresentation: Sendable {
    case whole
    /// `PartialObjectMetadata`: saves the server and the wire the spec and status that nobody reads.
    case metadataOnly
}

extension KubernetesObject {
    /// The object's key, from its metadata.
    public var key: ObjectKey { metadata.key }
    /// All of it.
    public static var representation: ObjectRepresentation { .whole }
}

/// The metadata of an object of any kind; the place must be named when asking: `resources(PartialObject.self, at:)`.
public struct PartialObject: KubernetesObject, Equatable {
    /// A placeholder: the metadata of which kind must be said when asking.
    public static let resourceType = ResourceType(
        group: "meta.k8s.io", version: "v1", plural: "partialobjectmetadata", kind: "PartialObjectMetadata")
    /// Nothing else.
    public static let representation = ObjectRepresentation.metadataOnly
    /// Name, labels, owners.
    public var metadata: ObjectMeta

    /// One to compare with or to send, made by hand.
    public init(metadata: ObjectMeta) { self.metadata = metadata }
}
