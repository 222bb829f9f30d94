import Redis

/// A node of a queue server: where a key is kept. Standalone servers and masters named by sentinels have one.
enum QueueNodeID: Hashable, Sendable {
    case sole
}

/// Which node keeps which key.
enum QueueLayout: Hashable, Sendable {
    /// One node keeps all of them.
    case sole

    func node(of key: RedisKey) -> QueueNodeID {
        switch self {
        case .sole: .sole
        }
    }

    /// Every node that may keep a key.
    var nodes: Set<QueueNodeID> {
        switch self {
        case .sole: [.sole]
        }
    }
}
