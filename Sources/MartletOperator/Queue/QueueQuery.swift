import Redis

/// Which keys of a server make up one queue.
public enum QueueQuery: Hashable, Sendable {
    /// A plain list; what is worked on is kept in other lists (`LMOVE jobs jobs:processing`).
    case list(key: String, inFlightKeys: [String])
    /// Queues of Celery's Redis transport, with all their priority lists and the hash of unacknowledged tasks.
    /// `keyPrefix` is `global_keyprefix` of the broker's transport options.
    case celery(queues: [String], priorities: [Int], keyPrefix: String = "", unackedKey: String = "unacked")

    /// The lists whose lengths add up to what waits.
    var waitingKeys: [RedisKey] {
        switch self {
        case .list(let key, _): [RedisKey(key)]
        case .celery(let queues, let priorities, let keyPrefix, _):
            Array(
                Set(
                    queues.flatMap { queue in
                        (priorities.isEmpty ? [0] : priorities).map {
                            RedisKey(keyPrefix + Self.celeryList(of: queue, priority: $0))
                        }
                    })
            ).sorted { $0.name < $1.name }
        }
    }

    /// The lists whose lengths add up to what is worked on.
    var inFlightKeys: [RedisKey] {
        switch self {
        case .list(_, let keys): Set(keys).map { RedisKey($0) }.sorted { $0.name < $1.name }
        case .celery: []
        }
    }

    /// Kombu's name of the list of one priority: the bare queue for 0, else separated by the bytes 06 16.
    static func celeryList(of queue: String, priority: Int) -> String {
        priority == 0 ? queue : "\(queue)\u{06}\u{16}\(priority)"
    }
}
