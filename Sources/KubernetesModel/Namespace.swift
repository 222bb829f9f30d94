/// A Namespace: its labels, and whether it is going away.
public struct Namespace: KubernetesObject, Equatable {
    public static let resourceType = ResourceType(
        group: "", version: "v1", plural: "namespaces", kind: "Namespace", isNamespaced: false)
    public var metadata: ObjectMeta

    public init(metadata: ObjectMeta) { self.metadata = metadata }
}
