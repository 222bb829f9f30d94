/// What the user asks for, as it was written: a field left out is nil. ``resolved()`` checks it and puts the defaults in.
public struct InferenceEndpointSpec: Codable, Sendable, Equatable {
    /// True: observe and report, write nothing.
    public var suspend: Bool?
    /// The queue whose tasks the workers take. Required with workers.
    public var queue: QueueSpec?
    /// The in-cluster workers, a Deployment or StatefulSet that Martlet scales.
    public var workers: WorkersSpec?
    /// A RunPod serverless endpoint. Not supported by this version.
    public var runpod: RunPodSpec?
    /// Where the endpoint's id and URLs are published for applications. Not supported by this version.
    public var connection: ConnectionSpec?

    /// What is left out stays unset.
    public init(
        suspend: Bool? = nil, queue: QueueSpec? = nil, workers: WorkersSpec? = nil, runpod: RunPodSpec? = nil,
        connection: ConnectionSpec? = nil
    ) {
        self.suspend = suspend
        self.queue = queue
        self.workers = workers
        self.runpod = runpod
        self.connection = connection
    }
}

/// Where the endpoint's id and URLs are published for applications.
public struct ConnectionSpec: Codable, Sendable, Equatable {
    /// Name of the ConfigMap.
    public var configMapName: String

    /// What is left out stays unset.
    public init(configMapName: String) { self.configMapName = configMapName }
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
