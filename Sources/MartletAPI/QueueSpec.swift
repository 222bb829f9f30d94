/// The queue whose tasks the workers take: the server, exactly one kind of queue, and how many tasks make a replica.
public struct QueueSpec: Codable, Sendable, Equatable {
    /// The Redis server that holds the queue.
    public var redis: RedisSpec?
    /// Celery queues. {} means the queue named celery with Celery's own defaults.
    public var celery: CelerySpec?
    /// A plain Redis list.
    public var list: ListSpec?
    /// A Redis stream.
    public var stream: StreamSpec?
    /// A sorted set used as a queue.
    public var sortedSet: SortedSetSpec?
    /// Tasks, waiting and in flight, for which one replica is wanted. KEDA calls it listLength.
    public var tasksPerReplica: Int?
    /// To leave zero replicas there must be more tasks than this.
    public var activationTasks: Int?

    /// What is left out stays unset.
    public init(
        redis: RedisSpec? = nil, celery: CelerySpec? = nil, list: ListSpec? = nil, stream: StreamSpec? = nil,
        sortedSet: SortedSetSpec? = nil, tasksPerReplica: Int? = nil, activationTasks: Int? = nil
    ) {
        self.redis = redis
        self.celery = celery
        self.list = list
        self.stream = stream
        self.sortedSet = sortedSet
        self.tasksPerReplica = tasksPerReplica
        self.activationTasks = activationTasks
    }
}

/// A Redis server, or the servers that stand for one.
public struct RedisSpec: Codable, Sendable, Equatable {
    /// How the addresses are to be understood.
    public var mode: RedisMode?
    /// Such as redis.dev.svc:6379: the server itself, some of the sentinels, or some of the cluster's nodes.
    public var addresses: [String]?
    /// Name of the master that the sentinels watch. With mode Sentinel.
    public var sentinelMaster: String?
    /// Secret of this namespace with the user and password of the sentinels, if they ask for any. With mode Sentinel.
    public var sentinelCredentialsSecretRef: RedisCredentialsRef?
    /// Number of the database.
    public var database: Int?
    /// Seconds between two reads, only where the server refuses tracking.
    public var pollSeconds: Int?
    /// Secret of this namespace with the server's user and password. With mode Sentinel those of the master.
    public var credentialsSecretRef: RedisCredentialsRef?
    /// Speak TLS, to sentinels as well; {} trusts the system's authorities.
    public var tls: RedisTLSSpec?

    /// What is left out stays unset.
    public init(
        mode: RedisMode? = nil, addresses: [String]? = nil, sentinelMaster: String? = nil,
        sentinelCredentialsSecretRef: RedisCredentialsRef? = nil, database: Int? = nil, pollSeconds: Int? = nil,
        credentialsSecretRef: RedisCredentialsRef? = nil, tls: RedisTLSSpec? = nil
    ) {
        self.mode = mode
        self.addresses = addresses
        self.sentinelMaster = sentinelMaster
        self.sentinelCredentialsSecretRef = sentinelCredentialsSecretRef
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
    /// Name of the Secret.
    public var name: String
    /// Key of the user's name in it. Left out, the server's default user logs in.
    public var usernameKey: String?
    /// Key of the password in it.
    public var passwordKey: String?

    /// What is left out stays unset.
    public init(name: String, usernameKey: String? = nil, passwordKey: String? = nil) {
        self.name = name
        self.usernameKey = usernameKey
        self.passwordKey = passwordKey
    }
}

/// TLS to the server; an empty object means TLS with the system's authorities.
public struct RedisTLSSpec: Codable, Sendable, Hashable {
    /// Name that the certificate must bear, if it isn't the address's host.
    public var serverName: String?
    /// Secret of this namespace with the authority that signed the server's certificate.
    public var caSecretRef: SecretKeyRef?
    /// A Secret of type `kubernetes.io/tls`.
    public var certificateSecretRef: SecretRef?

    /// What is left out stays unset.
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
    /// Name of a queue, without prefix and priority.
    public var queues: [String]?
    /// A priority step; 0 is the queue without a suffix.
    public var priorities: [Int]?
    /// The global_keyprefix of the broker transport options.
    public var keyPrefix: String?
    /// The unacked_key of the broker transport options, without the prefix.
    public var unackedKey: String?

    /// What is left out stays unset.
    public init(
        queues: [String]? = nil, priorities: [Int]? = nil, keyPrefix: String? = nil, unackedKey: String? = nil
    ) {
        self.queues = queues
        self.priorities = priorities
        self.keyPrefix = keyPrefix
        self.unackedKey = unackedKey
    }
}

/// A plain list, with the lists, sets or hashes into which workers move what they work on.
public struct ListSpec: Codable, Sendable, Equatable {
    /// The list in which tasks wait.
    public var key: String
    /// One such key. {pod} in it stands for the name of each Pod of the target.
    public var inFlightKeys: [String]?

    /// What is left out stays unset.
    public init(key: String, inFlightKeys: [String]? = nil) {
        self.key = key
        self.inFlightKeys = inFlightKeys
    }
}

/// A stream, with or without the consumer group that reads it.
public struct StreamSpec: Codable, Sendable, Equatable {
    /// The stream.
    public var key: String
    /// The consumer group; its lag waits, its pending entries are in flight. Left out, every entry of the stream waits.
    public var group: String?

    /// What is left out stays unset.
    public init(key: String, group: String? = nil) {
        self.key = key
        self.group = group
    }
}

/// A sorted set used as a queue.
public struct SortedSetSpec: Codable, Sendable, Equatable {
    /// The sorted set in which tasks wait.
    public var key: String
    /// One such key. {pod} in it stands for the name of each Pod of the target.
    public var inFlightKeys: [String]?
    /// Counts only members whose score, a time, has come. Left out, every member waits.
    public var maxScore: DueScore?

    /// What is left out stays unset.
    public init(key: String, inFlightKeys: [String]? = nil, maxScore: DueScore? = nil) {
        self.key = key
        self.inFlightKeys = inFlightKeys
        self.maxScore = maxScore
    }
}

/// In which unit the scores of delayed tasks tell when they are due, by the clock of the Redis server.
public enum DueScore: String, Codable, Sendable {
    /// Seconds since 1970, with or without a fraction.
    case now
    /// Milliseconds since 1970.
    case nowMilliseconds
}
