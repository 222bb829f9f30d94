public import MartletAPI

/// Which keys of a server make up one queue.
public enum QueueQuery: Hashable, Sendable {
    /// A plain list; what is worked on is kept in other keys (`LMOVE jobs jobs:processing`), which may be
    /// ``PodKeyPattern``s.
    case list(key: String, inFlightKeys: [String])
    /// Queues of Celery's Redis transport, with all their priority lists and the hash of unacknowledged tasks.
    /// `keyPrefix` is `global_keyprefix` of the broker's transport options.
    case celery(queues: [String], priorities: [Int], keyPrefix: String = "", unackedKey: String = "unacked")
    /// A stream: what a group has not been given waits, what it has not acknowledged is in flight. More waiting entries
    /// than `countingTo` need not be told apart. Without a group every entry waits.
    case stream(key: String, group: String?, countingTo: Int)
    /// A sorted set; with `due` only members whose time has come wait.
    case sortedSet(key: String, inFlightKeys: [String], due: DueScore? = nil)

    /// Whose counts add up to what waits; a stream's group counts what is in flight as well.
    var waiting: [QueueSubject] {
        switch self {
        case .list(let key, _): [QueueSubject(key, .size)]
        case .celery(let queues, let priorities, let keyPrefix, _):
            Set(
                queues.flatMap { queue in
                    (priorities.isEmpty ? [0] : priorities).map { keyPrefix + Self.celeryList(of: queue, priority: $0) }
                }
            ).sorted().map { QueueSubject($0, .size) }
        case .stream(let key, let group?, let limit): [QueueSubject(key, .group(group, countingTo: limit))]
        case .stream(let key, nil, _): [QueueSubject(key, .entries)]
        case .sortedSet(let key, _, let unit?): [QueueSubject(key, .due(unit))]
        case .sortedSet(let key, _, nil): [QueueSubject(key, .members)]
        }
    }

    /// The keys of which sizes add up to what is worked on, those of single Pods aside.
    var inFlight: [QueueSubject] {
        inFlightKeys.filter { !PodKeyPattern.isPattern($0) }.map { QueueSubject($0, .size) }
    }

    /// Stand for one such key of each Pod.
    var podKeyPatterns: [String] { inFlightKeys.filter(PodKeyPattern.isPattern) }

    private var inFlightKeys: [String] {
        switch self {
        case .list(_, let keys), .sortedSet(_, let keys, _): Set(keys).sorted()
        case .celery, .stream: []
        }
    }

    /// Kombu's name of the list of one priority: the bare queue for 0, else separated by the bytes 06 16.
    static func celeryList(of queue: String, priority: Int) -> String {
        priority == 0 ? queue : "\(queue)\u{06}\u{16}\(priority)"
    }
}
