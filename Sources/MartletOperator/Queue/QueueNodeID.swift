import Redis

/// A node of a queue server: where a key is kept.
enum QueueNodeID: Hashable, Sendable {
    /// Of a server that has only one: standalone, or the master that sentinels name.
    case sole
    /// Of a cluster.
    case master(RedisAddress)
    /// Home of the keys that no master is known to keep.
    case nowhere
}

/// Which node keeps which key.
enum QueueLayout: Hashable, Sendable {
    /// One node keeps all of them.
    case sole
    /// Each in the master of its slot; nil: not known yet.
    case cluster(ClusterMap?)

    func node(of key: RedisKey) -> QueueNodeID {
        switch self {
        case .sole: .sole
        case .cluster(let map): map?.master(of: RedisSlot(of: key)).map { .master($0) } ?? .nowhere
        }
    }

    /// Every node that may keep a key.
    var nodes: Set<QueueNodeID> {
        switch self {
        case .sole: [.sole]
        case .cluster(let map): Set((map?.masters ?? []).map { .master($0) } + [.nowhere])
        }
    }
}
