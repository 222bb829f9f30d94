/// A ConfigMap's text values; `binaryData` is not read.
public struct ConfigMap: KubernetesObject, Equatable {
    /// Where the API has the kind.
    public static let resourceType = ResourceType(group: "", version: "v1", plural: "configmaps", kind: "ConfigMap")
    /// Name, labels, owners.
    public var metadata: ObjectMeta
    /// The texts by key.
    public var data: [String: String]?

    /// One to compare with or to send, made by hand.
    public init(metadata: ObjectMeta, data: [String: String]? = nil) {
        self.metadata = metadata
        self.data = data
    }
}
