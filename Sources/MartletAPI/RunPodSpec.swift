/// A RunPod serverless endpoint. This version reads it only to say that it does not act on it yet.
public struct RunPodSpec: Codable, Sendable, Equatable {
    public var credentialsSecretRef: SecretKeyRef?
    public var adoptEndpointId: String?
    public var image: String?
    public var templateId: String?
    public var env: [RunPodEnvironmentVariable]?
    public var gpu: RunPodGPUSpec?
    public var workers: RunPodWorkersSpec?
    public var scaling: RunPodScalingSpec?
    public var executionTimeoutSeconds: Int?
    public var flashBoot: Bool?
    public var dataCenterIds: [String]?
    public var networkVolumeIds: [String]?
    public var whenClosed: RunPodClosedBehavior?
    public var drainSeconds: Int?
    public var discardJobs: Bool?
    public var deletionPolicy: RunPodDeletionPolicy?
}

/// One variable of the endpoint's containers, written out or taken from a Secret.
public struct RunPodEnvironmentVariable: Codable, Sendable, Equatable {
    public var name: String
    public var value: String?
    public var secretKeyRef: SecretKeyRef?
}

/// The GPUs an endpoint may run on, in order of preference.
public struct RunPodGPUSpec: Codable, Sendable, Equatable {
    public var pools: [String]?
    public var count: Int?
}

/// Bounds of RunPod's own workers.
public struct RunPodWorkersSpec: Codable, Sendable, Equatable {
    public var min: Int?
    public var max: Int?
    public var idleTimeoutSeconds: Int?
}

/// What RunPod's own scaler looks at.
public struct RunPodScalingSpec: Codable, Sendable, Equatable {
    public var type: RunPodScalingType?
    public var value: Int?
}

/// The two scalers that RunPod has.
public enum RunPodScalingType: String, Codable, Sendable {
    case queueDelay = "QueueDelay"
    case requestCount = "RequestCount"
}

/// What happens to the RunPod endpoint while its schedule is closed.
public enum RunPodClosedBehavior: String, Codable, Sendable {
    case disable = "Disable"
    case delete = "Delete"
}

/// What happens to the RunPod endpoint when the object is deleted.
public enum RunPodDeletionPolicy: String, Codable, Sendable {
    case delete = "Delete"
    case retain = "Retain"
}
