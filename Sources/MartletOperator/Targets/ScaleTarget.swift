internal import KubernetesModel

/// The kinds that Martlet scales.
enum ScalableKind: String, Sendable, Hashable, CaseIterable {
    case deployment = "Deployment"
    case statefulSet = "StatefulSet"
}

/// Names one target of the cluster.
struct TargetKey: Hashable, Sendable, CustomStringConvertible {
    var kind: ScalableKind
    var object: ObjectKey

    var description: String { "\(kind.rawValue) \(object)" }
}

/// A Deployment or StatefulSet, cut down to what a scaling decision reads.
struct ScaleTarget: Sendable, Equatable {
    var key: TargetKey
    var resourceVersion: ResourceVersion?
    /// The wished replicas; the API's default for a missing field is one.
    var replicas: Int
    /// Pods that the controller has made, ready or not.
    var currentReplicas: Int
    var selector: LabelSelector
    /// GPUs that one Pod of the template takes, zero for a worker without.
    var gpusPerReplica: Int
    /// Seconds from SIGTERM to SIGKILL of a worker Pod.
    var graceSeconds: Int
    /// Whether its owner has put `martlet.dev/allow: "true"` on it.
    var consents: Bool
    var isBeingDeleted: Bool
    /// The number of a StatefulSet's first Pod.
    var firstOrdinal: Int
}

extension ScaleTarget {
    /// The resource names under which device plugins offer whole GPUs.
    private static let gpuResources = ["nvidia.com/gpu", "amd.com/gpu", "gpu.intel.com/i915", "gpu.intel.com/xe"]

    init(_ kind: ScalableKind, metadata: ObjectMeta, spec: WorkloadSpec?, status: WorkloadStatus?) {
        key = TargetKey(kind: kind, object: metadata.key)
        resourceVersion = metadata.resourceVersion
        replicas = spec?.replicas ?? 1
        currentReplicas = status?.replicas ?? 0
        selector = spec?.selector ?? LabelSelector()
        gpusPerReplica = Self.gpuResources.reduce(0) { sum, name in
            sum + (spec?.template?.amount(of: name).units ?? 0)
        }
        graceSeconds = spec?.template?.spec?.terminationGracePeriodSeconds ?? 30
        consents = Consent.isGiven(metadata)
        isBeingDeleted = metadata.deletionTimestamp != nil
        firstOrdinal = spec?.ordinals?.start ?? 0
    }

    init(_ deployment: Deployment) {
        self.init(.deployment, metadata: deployment.metadata, spec: deployment.spec, status: deployment.status)
    }

    init(_ statefulSet: StatefulSet) {
        self.init(.statefulSet, metadata: statefulSet.metadata, spec: statefulSet.spec, status: statefulSet.status)
    }
}

/// The owner's word that Martlet may act on an object for whoever names it in an InferenceEndpoint.
enum Consent {
    static let annotation = "martlet.dev/allow"

    static func isGiven(_ metadata: ObjectMeta) -> Bool { metadata.annotations?[annotation] == "true" }
}
