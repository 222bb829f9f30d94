/// A Namespace: its labels, and whether it is going away.
public struct Namespace: KubernetesObject, Equatable {
    /// Where the API has the kind.
    public static let resourceType = ResourceType(
        group: "", version: "v1", plural: "namespaces", kind: "Namespace", isNamespaced: false)
    /// Name, labels, owners.
    public var metadata: ObjectMeta

    /// One to compare with or to send, made by hand.
    public init(metadata: ObjectMeta) { self.metadata = metadata }
}
