/// What the user asks for, as it was written: a field left out is nil. ``resolved()`` checks it and puts the defaults in.
public struct InferenceEndpointSpec: Codable, Sendable, Equatable {
    /// True: observe and report, write nothing.
    public var suspend: Bool?
    /// The queue whose tasks the workers take. Required with workers.
    public var queue: QueueSpec?
    /// The in-cluster workers, a Deployment or StatefulSet that Martlet scales.
    public var workers: WorkersSpec?
    /// A RunPod serverless endpoint.
    public var runpod: RunPodSpec?
    /// Where the endpoint's id and URLs are published for applications.
    public var connection: ConnectionSpec?
    /// Where the same is mirrored for applications outside the cluster.
    public var mirror: MirrorSpec?

    /// What is left out stays unset.
    public init(
        suspend: Bool? = nil, queue: QueueSpec? = nil, workers: WorkersSpec? = nil, runpod: RunPodSpec? = nil,
        connection: ConnectionSpec? = nil, mirror: MirrorSpec? = nil
    ) {
        self.suspend = suspend
        self.queue = queue
        self.workers = workers
        self.runpod = runpod
        self.connection = connection
        self.mirror = mirror
    }
}

/// Where the endpoint's id and URLs are published for applications.
public struct ConnectionSpec: Codable, Sendable, Equatable {
    /// Name of the ConfigMap.
    public var configMapName: String

    /// What is left out stays unset.
    public init(configMapName: String) { self.configMapName = configMapName }
}

/// Where the connection is mirrored for applications outside the cluster.
public struct MirrorSpec: Codable, Sendable, Equatable {
    /// A table of a Supabase project.
    public var supabase: SupabaseMirrorSpec?

    /// What is left out stays unset.
    public init(supabase: SupabaseMirrorSpec? = nil) { self.supabase = supabase }
}

/// A table of a Supabase project, written through its PostgREST interface.
public struct SupabaseMirrorSpec: Codable, Sendable, Equatable {
    /// Base address of the project, https.
    public var url: String
    /// Name of the table; `runpod_management` unless given.
    public var table: String?
    /// The row: the value of `service_name`. The object's own name unless given.
    public var serviceName: String?
    /// Secret of this namespace with the service key, under `serviceKey` unless told.
    public var credentialsSecretRef: SecretKeyRef

    /// What is left out stays unset.
    public init(
        url: String, table: String? = nil, serviceName: String? = nil, credentialsSecretRef: SecretKeyRef
    ) {
        self.url = url
        self.table = table
        self.serviceName = serviceName
        self.credentialsSecretRef = credentialsSecretRef
    }
}

/// One key of a Secret in the object's own namespace.
public struct SecretKeyRef: Codable, Sendable, Hashable {
    /// Name of the Secret.
    public var name: String
    /// Key in the Secret; nil where the field's own default is meant.
    public var key: String?

    /// What is left out stays unset.
    public init(name: String, key: String? = nil) {
        self.name = name
        self.key = key
    }
}

/// A whole Secret in the object's own namespace.
public struct SecretRef: Codable, Sendable, Hashable {
    /// Name of the Secret.
    public var name: String

    /// What is left out stays unset.
    public init(name: String) { self.name = name }
}
