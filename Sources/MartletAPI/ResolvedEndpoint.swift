/// A spec that was checked, with every default filled in. Only ``InferenceEndpointSpec/resolved()`` makes one, so whoever
/// holds it need not check again: bounds are in order, names are well-formed, exactly one kind of queue is chosen.
public struct ResolvedEndpoint: Sendable, Hashable {
    public var suspend: Bool
    public var queue: ResolvedQueue
    public var workers: ResolvedWorkers
}

/// Either what to do, or everything that is wrong with the spec.
public enum SpecResolution: Sendable, Equatable {
    case accepted(ResolvedEndpoint)
    /// Never empty; the first problem gives the reason of `Accepted=False`.
    case refused([SpecProblem])
}

extension InferenceEndpoint {
    /// The checked spec; a malformed one is refused with reason `Malformed`.
    public var resolution: SpecResolution {
        switch spec {
        case .valid(let spec): spec.resolved()
        case .malformed(let what): .refused([SpecProblem(.malformed, at: "", what)])
        }
    }
}

/// The queue, its server and what a task weighs.
public struct ResolvedQueue: Sendable, Hashable {
    public var server: RedisServer
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
}

/// The keys that Celery keeps on the server.
public struct CeleryQueue: Sendable, Hashable {
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
    public var key: String
    /// Empty: nothing shows what is in flight.
    public var inFlightKeys: [String]
}

/// Everything that makes two endpoints share a connection or not.
public struct RedisServer: Sendable, Hashable {
    public var address: HostPort
    public var database: Int
    /// Seconds between reads where tracking is refused.
    public var pollSeconds: Int
    public var credentials: ResolvedRedisCredentials?
    public var tls: ResolvedRedisTLS?
}

/// A Secret of the endpoint's namespace and the keys in it.
public struct ResolvedRedisCredentials: Sendable, Hashable {
    public var secretName: String
    /// Nil: the server's default user.
    public var usernameKey: String?
    public var passwordKey: String
}

/// How TLS is spoken; nil members mean the system's authorities, the address's host and no client certificate.
public struct ResolvedRedisTLS: Sendable, Hashable {
    public var serverName: String?
    public var authoritySecretName: String?
    /// The key within that Secret, `ca.crt` unless told.
    public var authorityKey: String
    /// A Secret with `tls.crt` and `tls.key`.
    public var certificateSecretName: String?
}

extension ResolvedQueue {
    /// Names of every Secret that reading this queue needs, sorted: consent is asked for each.
    public var secretNames: [String] {
        let names = [
            server.credentials?.secretName, server.tls?.authoritySecretName, server.tls?.certificateSecretName,
        ]
        return Set(names.compactMap { $0 }).sorted()
    }
}

/// The workers' bounds and manners.
public struct ResolvedWorkers: Sendable, Hashable {
    public var target: ResolvedTarget
    public var minReplicas: Int
    public var maxReplicas: Int
    /// 0: no limit.
    public var scaleUpMaxStep: Int
    public var scaleDown: ResolvedScaleDown
    public var onReadingLost: ResolvedReadingLost
    /// How long a closing waits for busy workers.
    public var drainSeconds: Int
    public var onDelete: DeletionBehavior
    /// GPUs over all replicas; nil: no limit.
    public var gpuLimit: Int?
    public var pricePerReplicaHourUSD: String?
}

/// The object whose `/scale` is written.
public struct ResolvedTarget: Sendable, Hashable {
    public var apiVersion: String
    public var kind: String
    public var name: String

    /// The part of `apiVersion` before the slash; empty for the core group.
    public var group: String {
        let parts = apiVersion.split(separator: "/")
        return parts.count == 2 ? String(parts[0]) : ""
    }
}

/// How carefully replicas fall; seconds throughout, a `maxStep` of 0 is no limit.
public struct ResolvedScaleDown: Sendable, Hashable {
    public var cooldownSeconds: Int
    public var stabilizationSeconds: Int
    public var maxStep: Int
    public var maxBusySeconds: Int
}

/// What holds while the queue can't be read.
public struct ResolvedReadingLost: Sendable, Hashable {
    public var afterSeconds: Int
    public var behavior: ReadingLostBehavior
    /// What `Fallback` raises to; it never lowers.
    public var replicas: Int
}
