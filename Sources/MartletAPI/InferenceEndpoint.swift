public import KubernetesModel

/// Capacity for one model: in-cluster workers behind a queue, a RunPod serverless endpoint, or both.
///
/// Decoding never fails for what a user wrote: a list of a thousand objects must not be lost to one bad field.
/// What can't be read is kept as ``SpecDecoding/malformed(_:)``; a status that can't be read counts as absent.
public struct InferenceEndpoint: KubernetesObject, Equatable {
    /// `inferenceendpoints.martlet.dev`, version `v1alpha1`.
    public static let resourceType = ResourceType(
        group: "martlet.dev", version: "v1alpha1", plural: "inferenceendpoints", kind: "InferenceEndpoint")

    /// Name, namespace, generation and what else the operator reads.
    public var metadata: ObjectMeta
    /// What is asked for, as far as it can be read.
    public var spec: SpecDecoding<InferenceEndpointSpec>
    /// What the operator last said; nil before it has, or if it can't be read.
    public var status: InferenceEndpointStatus?

    /// An object to be created.
    public init(metadata: ObjectMeta, spec: InferenceEndpointSpec, status: InferenceEndpointStatus? = nil) {
        self.metadata = metadata
        self.spec = .valid(spec)
        self.status = status
    }

    /// Throws only for metadata that no API server sends.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        metadata = try container.decode(ObjectMeta.self, forKey: .metadata)
        spec = SpecDecoding(from: container, forKey: .spec, absent: InferenceEndpointSpec())
        status = (try? container.decodeIfPresent(InferenceEndpointStatus.self, forKey: .status)) ?? nil
    }

    /// Writes `apiVersion` and `kind` too, so that the object can be created; a malformed spec is left out.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Self.resourceType.apiVersion, forKey: .apiVersion)
        try container.encode(Self.resourceType.kind, forKey: .kind)
        try container.encode(metadata, forKey: .metadata)
        if case .valid(let spec) = spec { try container.encode(spec, forKey: .spec) }
        try container.encodeIfPresent(status, forKey: .status)
    }

    enum CodingKeys: String, CodingKey { case apiVersion, kind, metadata, spec, status }
}
