/// What the user asks for, as it was written: a field left out is nil. ``resolved()`` checks it and puts the defaults in.
public struct InferenceEndpointSpec: Codable, Sendable, Equatable {
    /// True: observe and report, write nothing.
    public var suspend: Bool?
    public var queue: QueueSpec?
    public var workers: WorkersSpec?
    public var runpod: RunPodSpec?
    public var connection: ConnectionSpec?

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
    public var configMapName: String

    public init(configMapName: String) { self.configMapName = configMapName }
}

/// One key of a Secret in the object's own namespace.
public struct SecretKeyRef: Codable, Sendable, Hashable {
    public var name: String
    public var key: String?

    public init(name: String, key: String? = nil) {
        self.name = name
        self.key = key
    }
}

/// A whole Secret in the object's own namespace.
public struct SecretRef: Codable, Sendable, Hashable {
    public var name: String

    public init(name: String) { self.name = name }
}
