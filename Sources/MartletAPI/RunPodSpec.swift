/// A RunPod serverless endpoint as its author wrote it.
public struct RunPodSpec: Codable, Sendable, Equatable {
    /// Secret of this namespace with the RunPod API key.
    public var credentialsSecretRef: SecretKeyRef?
    /// An endpoint that exists already and is taken over.
    public var adoptEndpointId: String?
    /// Container image of the workers. Either this or templateId.
    public var image: String?
    /// RunPod template of the workers. Either this or image.
    public var templateId: String?
    /// One variable.
    public var env: [RunPodEnvironmentVariable]?
    /// The GPUs to run on.
    public var gpu: RunPodGPUSpec?
    /// Bounds of RunPod's own workers.
    public var workers: RunPodWorkersSpec?
    /// What RunPod's own scaler looks at.
    public var scaling: RunPodScalingSpec?
    /// How long a job may run.
    public var executionTimeoutSeconds: Int?
    /// Whether RunPod's FlashBoot is used.
    public var flashBoot: Bool?
    /// Id of a data center.
    public var dataCenterIds: [String]?
    /// Id of a network volume.
    public var networkVolumeIds: [String]?
    /// Disable keeps the endpoint and its id with no workers; Delete gives it a new id at each opening.
    public var whenClosed: RunPodClosedBehavior?
    /// How long a closing waits for queued and running jobs.
    public var drainSeconds: Int?
    /// Whether Delete may discard jobs that are left after the drain.
    public var discardJobs: Bool?
    /// What becomes of the RunPod endpoint when this object is deleted.
    public var deletionPolicy: RunPodDeletionPolicy?
}

/// One variable of the endpoint's containers, written out or taken from a Secret.
public struct RunPodEnvironmentVariable: Codable, Sendable, Equatable {
    /// Name of the variable.
    public var name: String
    /// Its value, written out.
    public var value: String?
    /// Its value, taken from a Secret of this namespace.
    public var secretKeyRef: SecretKeyRef?
}

/// The GPUs an endpoint may run on, in order of preference.
public struct RunPodGPUSpec: Codable, Sendable, Equatable {
    /// One pool, such as ADA_24.
    public var pools: [String]?
    /// GPUs a worker.
    public var count: Int?
}

/// Bounds of RunPod's own workers.
public struct RunPodWorkersSpec: Codable, Sendable, Equatable {
    /// Workers that stay when nothing waits.
    public var min: Int?
    /// Workers at most.
    public var max: Int?
    /// How long an idle worker stays.
    public var idleTimeoutSeconds: Int?
}

/// What RunPod's own scaler looks at.
public struct RunPodScalingSpec: Codable, Sendable, Equatable {
    /// The delay of queued requests, or their count.
    public var type: RunPodScalingType?
    /// Seconds of delay, or requests a worker.
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
