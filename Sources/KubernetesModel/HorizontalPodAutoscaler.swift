/// A HorizontalPodAutoscaler in `autoscaling/v1`, the version that every supported server has.
public struct HorizontalPodAutoscaler: KubernetesObject, Equatable {
    /// Where the API has the kind.
    public static let resourceType = ResourceType(
        group: "autoscaling", version: "v1", plural: "horizontalpodautoscalers", kind: "HorizontalPodAutoscaler")
    /// Name, labels, owners.
    public var metadata: ObjectMeta
    /// What is wanted.
    public var spec: HorizontalPodAutoscalerSpec?

    /// One to compare with or to send, made by hand.
    public init(metadata: ObjectMeta, spec: HorizontalPodAutoscalerSpec? = nil) {
        self.metadata = metadata
        self.spec = spec
    }
}

/// What a HorizontalPodAutoscaler scales, and between which bounds.
public struct HorizontalPodAutoscalerSpec: Codable, Sendable, Equatable {
    /// What it scales.
    public var scaleTargetRef: ScaleTargetRef
    /// Nil means one, by the API's default.
    public var minReplicas: Int?
    /// Always set by the server.
    public var maxReplicas: Int?

    /// One made by hand; what is not given is left out.
    public init(scaleTargetRef: ScaleTargetRef, minReplicas: Int? = nil, maxReplicas: Int? = nil) {
        self.scaleTargetRef = scaleTargetRef
        self.minReplicas = minReplicas
        self.maxReplicas = maxReplicas
    }
}

/// The object that an autoscaler of the same namespace scales.
public struct ScaleTargetRef: Codable, Sendable, Hashable {
    /// May be missing: then the kind alone decides.
    public var apiVersion: String?
    /// In CamelCase, singular.
    public var kind: String
    /// In the autoscaler's own namespace.
    public var name: String

    /// One made by hand; what is not given is left out.
    public init(apiVersion: String? = nil, kind: String, name: String) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.name = name
    }
}
