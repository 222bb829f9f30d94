/// A HorizontalPodAutoscaler in `autoscaling/v1`, the version that every supported server has.
public struct HorizontalPodAutoscaler: KubernetesObject, Equatable {
    public static let resourceType = ResourceType(
        group: "autoscaling", version: "v1", plural: "horizontalpodautoscalers", kind: "HorizontalPodAutoscaler")
    public var metadata: ObjectMeta
    public var spec: HorizontalPodAutoscalerSpec?

    public init(metadata: ObjectMeta, spec: HorizontalPodAutoscalerSpec? = nil) {
        self.metadata = metadata
        self.spec = spec
    }
}

/// What a HorizontalPodAutoscaler scales, and between which bounds.
public struct HorizontalPodAutoscalerSpec: Codable, Sendable, Equatable {
    public var scaleTargetRef: ScaleTargetRef
    public var minReplicas: Int?
    public var maxReplicas: Int?

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
    public var kind: String
    public var name: String

    public init(apiVersion: String? = nil, kind: String, name: String) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.name = name
    }
}
