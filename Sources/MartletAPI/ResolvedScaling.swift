/// The queue and the in-cluster workers that it scales, as a checked spec has them: bounds are in order, names are
/// well-formed, exactly one kind of queue is chosen.
public struct ResolvedScaling: Sendable, Hashable {
    /// Observe and report, write nothing.
    public var suspend: Bool
    /// What the workers wait for.
    public var queue: ResolvedQueue
    /// Who is scaled.
    public var workers: ResolvedWorkers
}

/// The queue, its server and what a task weighs.
public struct ResolvedQueue: Sendable, Hashable {
    /// Where the queue is.
    public var server: RedisServer
    /// What is read there.
    public var source: QueueSource
    /// At least 1.
    public var tasksPerReplica: Int
    /// To leave zero replicas, demand must exceed it.
    public var activationTasks: Int
}

/// What is read, and how tasks in flight show.
public enum QueueSource: Sendable, Hashable {
    case celery(CeleryQueue)
    case list(ListQueue)
    case stream(StreamQueue)
    case sortedSet(SortedSetQueue)

    /// Keys of tasks in flight, patterns included; empty where they are not kept in keys of their own.
    public var inFlightKeys: [String] {
        switch self {
        case .celery, .stream: []
        case .list(let list): list.inFlightKeys
        case .sortedSet(let set): set.inFlightKeys
        }
    }

    /// Whether each Pod has a key of its own for what it works on.
    public var showsWorkOfPods: Bool { inFlightKeys.contains(where: PodKeyPattern.isPattern) }
}

/// A key that stands for one key a Pod: `jobs:processing:{pod}`.
public enum PodKeyPattern {
    /// Stands for the name of a Pod. Only this is replaced; other braces, such as a Redis Cluster's hash tag, stay.
    public static let mark = "{pod}"

    /// Whether a key differs from Pod to Pod.
    public static func isPattern(_ key: String) -> Bool { key.contains(mark) }

    /// The key of the Pod of that name.
    public static func key(_ pattern: String, of pod: String) -> String { pattern.replacing(mark, with: pod) }
}

/// The keys that Celery keeps on the server.
public struct CeleryQueue: Sendable, Hashable {
    /// Name of a queue, without prefix and priority.
    public var queues: [String]
    /// Priority steps, ascending; 0 is the list without a suffix.
    public var priorities: [Int]
    /// `global_keyprefix` of the broker transport options; empty for none.
    public var keyPrefix: String
    /// Without the prefix.
    public var unackedKey: String

    /// Between a queue's name and its priority step, as kombu writes it.
    public static let prioritySeparator = "\u{06}\u{16}"

    /// Every list in which a task may wait, prefix and priority suffix included.
    public var waitingKeys: [String] {
        queues.flatMap { queue in
            priorities.map { $0 == 0 ? keyPrefix + queue : "\(keyPrefix)\(queue)\(Self.prioritySeparator)\($0)" }
        }
    }

    /// The hash of tasks delivered and not yet acknowledged, prefix included.
    public var inFlightKey: String { keyPrefix + unackedKey }

    /// The channels on which workers of that database announce themselves.
    public func workerChannels(database: Int) -> [String] {
        ["heartbeat", "online", "offline"].map { "\(keyPrefix)/\(database).celeryev/worker.\($0)" }
    }
}

/// A plain list and the keys into which workers move what they work on.
public struct ListQueue: Sendable, Hashable {
    /// The list in which tasks wait.
    public var key: String
    /// Empty: nothing shows what is in flight. May hold ``PodKeyPattern``s.
    public var inFlightKeys: [String]
}

/// A stream and the group that reads it.
public struct StreamQueue: Sendable, Hashable {
    /// The stream in which tasks wait.
    public var key: String
    /// Nil: the whole stream waits and nothing shows what is in flight.
    public var group: String?
}

/// A sorted set and the keys into which workers move what they work on.
public struct SortedSetQueue: Sendable, Hashable {
    /// The sorted set in which tasks wait.
    public var key: String
    /// Empty: nothing shows what is in flight. May hold ``PodKeyPattern``s.
    public var inFlightKeys: [String]
    /// Nil: every member waits, whatever its score.
    public var dueScore: DueScore?
}

/// Everything that makes two endpoints share a connection or not.
public struct RedisServer: Sendable, Hashable {
    /// How ``addresses`` lead to the server that holds the keys.
    public var topology: RedisTopology
    /// Exactly one if ``topology`` is standalone, else from one to ``SpecLimits/addresses``.
    public var addresses: [HostPort]
    /// Number of the database.
    public var database: Int
    /// Seconds between reads where tracking is refused.
    public var pollSeconds: Int
    /// Nil: no login.
    public var credentials: ResolvedRedisCredentials?
    /// Nil: no TLS.
    public var tls: ResolvedRedisTLS?
}

/// What is found at the addresses of a ``RedisServer``.
public enum RedisTopology: Sendable, Hashable {
    /// The server itself.
    case standalone
    /// Sentinels that know where `master` is; nil credentials: they ask for no login.
    case sentinel(master: String, credentials: ResolvedRedisCredentials?)
    /// Nodes of a Redis Cluster, which know the others.
    case cluster
}

/// A Secret of the endpoint's namespace and the keys in it.
public struct ResolvedRedisCredentials: Sendable, Hashable {
    /// Name of the Secret.
    public var secretName: String
    /// Nil: the server's default user.
    public var usernameKey: String?
    /// Key of the password in it.
    public var passwordKey: String
}

/// How TLS is spoken; nil members mean the system's authorities, the address's host and no client certificate.
public struct ResolvedRedisTLS: Sendable, Hashable {
    /// Name that the certificate must bear.
    public var serverName: String?
    /// The Secret with the authority's certificate.
    public var authoritySecretName: String?
    /// The key within that Secret, `ca.crt` unless told.
    public var authorityKey: String
    /// A Secret with `tls.crt` and `tls.key`.
    public var certificateSecretName: String?
}

extension ResolvedQueue {
    /// Names of every Secret that reading this queue needs, sorted: consent is asked for each.
    public var secretNames: [String] {
        var names = [
            server.credentials?.secretName, server.tls?.authoritySecretName, server.tls?.certificateSecretName,
        ]
        if case .sentinel(_, let credentials) = server.topology { names.append(credentials?.secretName) }
        return Set(names.compactMap { $0 }).sorted()
    }
}

/// The workers' bounds and manners.
public struct ResolvedWorkers: Sendable, Hashable {
    /// Whose `/scale` is written.
    public var target: ResolvedTarget
    /// Replicas that stay when nothing waits.
    public var minReplicas: Int
    /// Replicas at most.
    public var maxReplicas: Int
    /// 0: no limit.
    public var scaleUpMaxStep: Int
    /// How carefully replicas fall. Busy workers are not taken whatever stands here, but see maxBusySeconds.
    public var scaleDown: ResolvedScaleDown
    /// What holds while the queue can't be read. Replicas are never lowered then.
    public var onReadingLost: ResolvedReadingLost
    /// How long a closing waits for busy workers.
    public var drainSeconds: Int
    /// Whether deleting this object takes the workers to minReplicas, after the closing's drain, or leaves them as
    /// they are.
    public var onDelete: DeletionBehavior
    /// GPUs over all replicas; nil: no limit.
    public var gpuLimit: Int?
    /// What a replica costs an hour in dollars, as a decimal text such as "0.53". For the cost figures only.
    public var pricePerReplicaHourUSD: String?
}

/// The object whose `/scale` is written.
public struct ResolvedTarget: Sendable, Hashable {
    /// API version of the target.
    public var apiVersion: String
    /// Deployment or StatefulSet.
    public var kind: String
    /// Name of the target.
    public var name: String

    /// The part of `apiVersion` before the slash; empty for the core group.
    public var group: String {
        let parts = apiVersion.split(separator: "/")
        return parts.count == 2 ? String(parts[0]) : ""
    }
}

/// How carefully replicas fall; seconds throughout, a `maxStep` of 0 is no limit.
public struct ResolvedScaleDown: Sendable, Hashable {
    /// How long the last replica stays after the last activity.
    public var cooldownSeconds: Int
    /// Replicas fall no lower than what was wanted at any time within so many seconds.
    public var stabilizationSeconds: Int
    /// Replicas removed at most every 15 s. 0 means no limit.
    public var maxStep: Int
    /// How long a worker that has fallen silent is taken for busy. Longer than the longest task.
    public var maxBusySeconds: Int
}

/// What holds while the queue can't be read.
public struct ResolvedReadingLost: Sendable, Hashable {
    /// How long the queue must be unreadable before Fallback acts.
    public var afterSeconds: Int
    /// Hold keeps the replicas; Fallback raises them to the replicas given here.
    public var behavior: ReadingLostBehavior
    /// What `Fallback` raises to; it never lowers.
    public var replicas: Int
}
