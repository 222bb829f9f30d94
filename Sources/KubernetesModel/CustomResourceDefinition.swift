/// A CustomResourceDefinition, as far as one waits for it to be served.
public struct CustomResourceDefinition: KubernetesObject, Equatable {
    public static let resourceType = ResourceType(
        group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions",
        kind: "CustomResourceDefinition", isNamespaced: false)
    public var metadata: ObjectMeta
    public var spec: CustomResourceDefinitionSpec?
    public var status: CustomResourceDefinitionStatus?

    public init(metadata: ObjectMeta) { self.metadata = metadata }

    /// Whether the server answers for the kind.
    public var isEstablished: Bool { status?.conditions?.first { $0.type == "Established" }?.status == .yes }
}

/// The group, names and versions that a definition adds.
public struct CustomResourceDefinitionSpec: Codable, Sendable, Equatable {
    public var group: String
    public var names: Names
    /// `Namespaced` or `Cluster`.
    public var scope: String
    public var versions: [Version]

    /// How the kind is called.
    public struct Names: Codable, Sendable, Equatable {
        public var plural: String
        public var kind: String
    }
    /// One version of the kind.
    public struct Version: Codable, Sendable, Equatable {
        public var name: String
        public var served: Bool
        public var storage: Bool
    }
}

/// What became of a definition.
public struct CustomResourceDefinitionStatus: Codable, Sendable, Equatable {
    public var conditions: [ObservedCondition]?
    public var storedVersions: [String]?
}
