/// The `/scale` subresource (`autoscaling/v1`), the one thing of a target that a scaler writes.
public struct Scale: KubernetesObject, Equatable {
    /// Where the API has the kind.
    public static let resourceType = ResourceType(
        group: "autoscaling", version: "v1", plural: "scales", kind: "Scale")
    /// Name, labels, owners.
    public var metadata: ObjectMeta
    /// What is wanted.
    public var spec: ScaleSpec
    /// What is seen.
    public var status: ScaleStatus?

    /// One to compare with or to send, made by hand.
    public init(metadata: ObjectMeta, spec: ScaleSpec, status: ScaleStatus? = nil) {
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }

    private enum CodingKeys: String, CodingKey { case metadata, spec, status }

    /// A missing spec is one without replicas.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        metadata = try fields.decode(ObjectMeta.self, forKey: .metadata)
        spec = try fields.decodeIfPresent(ScaleSpec.self, forKey: .spec) ?? ScaleSpec(replicas: nil)
        status = try fields.decodeIfPresent(ScaleStatus.self, forKey: .status)
    }
}

/// The wished replicas. The server leaves the field out when it is zero.
public struct ScaleSpec: Codable, Sendable, Equatable {
    /// Nil means zero.
    public var replicas: Int?
    /// One made by hand; what is not given is left out.
    public init(replicas: Int?) { self.replicas = replicas }
}

/// The replicas that are there, and the label query that selects their Pods.
public struct ScaleStatus: Codable, Sendable, Equatable {
    /// Nil means zero.
    public var replicas: Int?
    /// As a label query.
    public var selector: String?

    /// One made by hand; what is not given is left out.
    public init(replicas: Int? = nil, selector: String? = nil) {
        self.replicas = replicas
        self.selector = selector
    }
}
