/// A RunPod serverless endpoint as it is wanted, with every default filled in.
public struct ResolvedRunPod: Sendable, Hashable {
    /// The Secret of this namespace that holds the API key, and the key in it.
    public var credentials: ResolvedSecretKey
    /// An endpoint that is taken over by the spec's word; nil: Martlet finds or creates its own.
    public var adoptEndpointID: String?
    /// What its workers run.
    public var container: RunPodContainer
    /// Variables of its containers, in the order of the spec, names unique.
    public var env: [ResolvedVariable]
    /// Pools in order of preference, never empty unless adopted; nil where an adopted endpoint's choice stands.
    public var gpu: ResolvedGPU?
    /// The spec's own bounds, the ceiling of what any schedule may ask for.
    public var workers: ResolvedRunPodWorkers
    /// What RunPod's own scaler looks at.
    public var scaling: ResolvedRunPodScaling
    /// How long a job may run, in seconds.
    public var executionTimeoutSeconds: Int
    /// Whether RunPod's FlashBoot is used.
    public var flashBoot: Bool
    /// Empty: RunPod chooses.
    public var dataCenterIDs: [String]
    /// At most one a data center.
    public var networkVolumeIDs: [String]
    /// What a closing ends in.
    public var whenClosed: RunPodClosedBehavior
    /// How long a closing waits for queued and running jobs.
    public var drainSeconds: Int
    /// Whether `whenClosed: Delete` may discard jobs that are left after the drain.
    public var discardJobs: Bool
    /// What becomes of the RunPod endpoint when the object is deleted.
    public var deletionPolicy: RunPodDeletionPolicy
}

/// A key of a Secret in the endpoint's own namespace.
public struct ResolvedSecretKey: Sendable, Hashable {
    /// Name of the Secret.
    public var name: String
    /// Key in it.
    public var key: String
}

/// What the workers of a RunPod endpoint run.
public enum RunPodContainer: Sendable, Hashable {
    case image(String)
    /// A serverless template, resolved once by RunPod when the endpoint is created.
    case template(id: String)
    /// Neither is given: an adopted endpoint keeps its own.
    case adopted
}

/// One variable of a RunPod endpoint's containers.
public struct ResolvedVariable: Sendable, Hashable {
    /// Name of the variable.
    public var name: String
    /// Where its value comes from.
    public var source: VariableSource
}

/// Where a variable's value comes from.
public enum VariableSource: Sendable, Hashable {
    case value(String)
    case secret(ResolvedSecretKey)
}

/// The GPUs of a RunPod endpoint.
public struct ResolvedGPU: Sendable, Hashable {
    /// As RunPod's v2 API names them (`ADA_24`); the order is the preference.
    public var pools: [String]
    /// GPUs a worker, at least 1.
    public var count: Int
}

/// Bounds of RunPod's own workers.
public struct ResolvedRunPodWorkers: Sendable, Hashable {
    /// Workers that stay when nothing waits.
    public var min: Int
    /// Workers at most.
    public var max: Int
    /// How long an idle worker stays; RunPod has none for `RequestCount`.
    public var idleTimeoutSeconds: Int?
}

/// What RunPod's own scaler looks at.
public enum ResolvedRunPodScaling: Sendable, Hashable {
    /// A worker is added when a job has waited so many seconds.
    case queueDelay(seconds: Int)
    /// A worker for each so many jobs, queued or running.
    case requestCount(perWorker: Int)
}

/// A table outside the cluster in which the connection is mirrored.
public struct ResolvedMirror: Sendable, Hashable {
    /// Base address of the project, `https://….supabase.co`.
    public var url: String
    /// Name of the table.
    public var table: String
    /// The row: the value of its `service_name`.
    public var serviceName: String
    /// The Secret of this namespace that holds the service key, and the key in it.
    public var credentials: ResolvedSecretKey
}
