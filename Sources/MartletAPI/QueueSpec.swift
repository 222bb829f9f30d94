/// The queue whose tasks the workers take: the server, exactly one kind of queue, and how many tasks make a replica.
public struct QueueSpec: Codable, Sendable, Equatable {
    public var redis: RedisSpec?
    public var celery: CelerySpec?
    public var list: ListSpec?
    public var stream: StreamSpec?
    public var sortedSet: SortedSetSpec?
    public var tasksPerReplica: Int?
    public var activationTasks: Int?

    public init(
        redis: RedisSpec? = nil, celery: CelerySpec? = nil, list: ListSpec? = nil, tasksPerReplica: Int? = nil,
        activationTasks: Int? = nil
    ) {
        self.redis = redis
        self.celery = celery
        self.list = list
        self.tasksPerReplica = tasksPerReplica
        self.activationTasks = activationTasks
    }
}

/// A Redis server, or the servers that stand for one.
public struct RedisSpec: Codable, Sendable, Equatable {
    public var mode: RedisMode?
    public var addresses: [String]?
    public var sentinelMaster: String?
    public var database: Int?
    public var pollSeconds: Int?
    public var credentialsSecretRef: RedisCredentialsRef?
    public var tls: RedisTLSSpec?

    public init(
        mode: RedisMode? = nil, addresses: [String]? = nil, database: Int? = nil, pollSeconds: Int? = nil,
        credentialsSecretRef: RedisCredentialsRef? = nil, tls: RedisTLSSpec? = nil
    ) {
        self.mode = mode
        self.addresses = addresses
        self.database = database
        self.pollSeconds = pollSeconds
        self.credentialsSecretRef = credentialsSecretRef
        self.tls = tls
    }
}

/// How the addresses are to be understood.
public enum RedisMode: String, Codable, Sendable {
    case standalone = "Standalone"
    case sentinel = "Sentinel"
    case cluster = "Cluster"
}

/// The Secret with the server's user and password. Without `usernameKey` the server's default user logs in.
public struct RedisCredentialsRef: Codable, Sendable, Hashable {
    public var name: String
    public var usernameKey: String?
    public var passwordKey: String?

    public init(name: String, usernameKey: String? = nil, passwordKey: String? = nil) {
        self.name = name
        self.usernameKey = usernameKey
        self.passwordKey = passwordKey
    }
}

/// TLS to the server; an empty object means TLS with the system's authorities.
public struct RedisTLSSpec: Codable, Sendable, Hashable {
    public var serverName: String?
    public var caSecretRef: SecretKeyRef?
    /// A Secret of type `kubernetes.io/tls`.
    public var certificateSecretRef: SecretRef?

    public init(
        serverName: String? = nil, caSecretRef: SecretKeyRef? = nil, certificateSecretRef: SecretRef? = nil
    ) {
        self.serverName = serverName
        self.caSecretRef = caSecretRef
        self.certificateSecretRef = certificateSecretRef
    }
}

/// Celery's queues on that server.
public struct CelerySpec: Codable, Sendable, Equatable {
    public var queues: [String]?
    public var priorities: [Int]?
    public var keyPrefix: String?
    public var unackedKey: String?

    public init(
        queues: [String]? = nil, priorities: [Int]? = nil, keyPrefix: String? = nil, unackedKey: String? = nil
    ) {
        self.queues = queues
        self.priorities = priorities
        self.keyPrefix = keyPrefix
        self.unackedKey = unackedKey
    }
}

/// A plain list, with the lists or sets into which workers move what they work on.
public struct ListSpec: Codable, Sendable, Equatable {
    public var key: String
    public var inFlightKeys: [String]?

    public init(key: String, inFlightKeys: [String]? = nil) {
        self.key = key
        self.inFlightKeys = inFlightKeys
    }
}

/// A stream and its consumer group: waiting = lag, in flight = pending.
public struct StreamSpec: Codable, Sendable, Equatable {
    public var key: String
    public var group: String
}

/// A sorted set used as a queue.
public struct SortedSetSpec: Codable, Sendable, Equatable {
    public var key: String
    public var inFlightKeys: [String]?
}
