import Redis

/// One thing to ask of the server, and the commands that ask it. All of them are reads: each arms tracking again.
indirect enum QueueRead: Hashable, Sendable {
    /// A step of what is asked about a key; `pushedAt` is when the push came that asks for it.
    case probe(QueueSubject, KeyQuestion, pushedAt: ContinuousClock.Instant?)
    /// Whether any of these keys, last seen empty, exists.
    case existence([RedisKey])
    case unackedCount(RedisKey)
    case unackedTags(RedisKey)
    case unackedLengths(RedisKey, tags: [String])
    case unackedBodies(RedisKey, tags: [String])
    /// Asked of a cluster's node that is receiving the key's slot, because the key's own node said so.
    case asking(QueueRead, home: QueueNodeID)

    /// Whose answer can be had at another node.
    var key: RedisKey? {
        switch self {
        case .probe(let subject, _, _): subject.key
        case .unackedCount(let key), .unackedTags(let key), .unackedLengths(let key, _),
            .unackedBodies(let key, _):
            key
        case .existence, .asking: nil
        }
    }

    var commands: [RedisCommand] {
        switch self {
        case .probe(let subject, let question, _): question.commands(for: subject.key)
        case .existence(let keys): [RedisCommand(arguments: ["EXISTS"] + keys.map(\.name))]
        case .unackedCount(let key): [RedisCommand("HLEN", key.name)]
        case .unackedTags(let key): [RedisCommand("HKEYS", key.name)]
        case .unackedLengths(let key, let tags): tags.map { RedisCommand("HSTRLEN", key.name, $0) }
        case .unackedBodies(let key, let tags): tags.map { RedisCommand("HGET", key.name, $0) }
        // It holds for one command.
        case .asking(let read, _): read.commands.flatMap { [RedisCommand("ASKING"), $0] }
        }
    }

    var commandCount: Int {
        switch self {
        case .probe(_, let question, _): question.commandCount
        case .existence, .unackedCount, .unackedTags: 1
        case .unackedLengths(_, let tags), .unackedBodies(_, let tags): tags.count
        case .asking(let read, _): read.commandCount * 2
        }
    }
}

/// What is sent in one pipeline. Its answers count only on the connection that it was made for.
struct QueueBatch: Hashable, Sendable {
    let epoch: Int
    let reads: [QueueRead]

    var commands: [RedisCommand] { reads.flatMap(\.commands) }
    var commandCount: Int { reads.reduce(0) { $0 + $1.commandCount } }
}
