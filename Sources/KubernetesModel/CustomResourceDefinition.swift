/// A CustomResourceDefinition, as far as one waits for it to be served.
public struct CustomResourceDefinition: KubernetesObject, Equatable {
    /// Where the API has the kind.
    public static let resourceType = ResourceType(
        group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions",
        kind: "CustomResourceDefinition", isNamespaced: false)
    /// Name, labels, owners.
    public var metadata: ObjectMeta
    /// What is wanted.
    public var spec: CustomResourceDefinitionSpec?
    /// What is seen.
    public var status: CustomResourceDefinitionStatus?

    /// One to compare with or to send, made by hand.
    public init(metadata: ObjectMeta) { self.metadata = metadata }

    /// Whether the server answers for the kind.
    public var isEstablished: Bool { status?.conditions?.first { $0.type == "Established" }?.status == .yes }
}

/// The group, names and versions that a definition adds.
public struct CustomResourceDefinitionSpec: Codable, Sendable, Equatable {
    /// The API group that it adds to.
    public var group: String
    /// How the kind is called.
    public var names: Names
    /// `Namespaced` or `Cluster`.
    public var scope: String
    /// All that it has, served or not.
    public var versions: [Version]

    /// How the kind is called.
    public struct Names: Codable, Sendable, Equatable {
        /// As in the URL.
        public var plural: String
        /// In CamelCase, singular.
        public var kind: String
    }
    /// One version of the kind.
    public struct Version: Codable, Sendable, Equatable {
        /// Such as `v1alpha1`.
        public var name: String
        /// Whether the server answers for it.
        public var served: Bool
        /// Whether objects are stored in it: true for exactly one.
        public var storage: Bool
    }
}

/// What became of a definition.
public struct CustomResourceDefinitionStatus: Codable, Sendable, Equatable {
    /// One of a type at most.
    public var conditions: [ObservedCondition]?
    /// Versions in which objects may lie in etcd.
    public var storedVersions: [String]?
}
