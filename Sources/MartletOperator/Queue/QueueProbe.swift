import MartletAPI
import Redis

/// What is asked about a key.
enum QueueProbe: Hashable, Sendable {
    /// How many elements it has: a list, or of any type where all observers allow that.
    case size
    /// How many members a sorted set has.
    case members
    /// How many members of a sorted set are due.
    case due(DueScore)
    /// How many entries a stream has.
    case entries
    /// What a consumer group has before it and in its hands; more than `countingTo` waiting entries need not be told
    /// apart.
    indirect case group(String, countingTo: Int)
}

/// A key with what is asked about it. Two groups of one stream are two subjects.
struct QueueSubject: Hashable, Sendable {
    let key: RedisKey
    let probe: QueueProbe

    init(_ key: String, _ probe: QueueProbe) {
        self.key = RedisKey(key)
        self.probe = probe
    }

    init(_ key: RedisKey, _ probe: QueueProbe) {
        self.key = key
        self.probe = probe
    }
}

/// What a probe found.
struct KeyCount: Hashable, Sendable {
    /// Elements, members or entries; of a group those that it has not been given.
    var waiting: Int
    /// Entries that a group has been given and that are not acknowledged.
    var inFlight = 0
    var estimate: WaitingEstimate?
    /// Nothing is there, so that `EXISTS` can tell of a change.
    var isAbsent: Bool

    /// Of a key that vanishes with its last element.
    init(elements: Int) {
        waiting = max(0, elements)
        isAbsent = elements <= 0
    }

    init(waiting: Int, inFlight: Int = 0, estimate: WaitingEstimate? = nil, isAbsent: Bool = false) {
        self.waiting = max(0, waiting)
        self.inFlight = max(0, inFlight)
        self.estimate = estimate
        self.isAbsent = isAbsent
    }

    static let absent = KeyCount(elements: 0)

    /// Whether the figures can change without the server saying so: a stream's readers and acknowledgements are silent.
    var isSilent: Bool { waiting > 0 || inFlight > 0 }
}

/// The command that tells the size of a key of one type.
///
/// Workers keep what they work on in lists, sets, sorted sets or hashes; the first refusal for the type leads to the
/// next guess.
enum KeySize: String, Hashable {
    case list = "LLEN"
    case set = "SCARD"
    case sortedSet = "ZCARD"
    case hash = "HLEN"
    case stream = "XLEN"

    var next: KeySize? {
        switch self {
        case .list: .set
        case .set: .sortedSet
        case .sortedSet: .hash
        case .hash, .stream: nil
        }
    }
}

/// The commands of one step of a probe. All of them are reads: each arms tracking again.
enum KeyQuestion: Hashable {
    case size(KeySize)
    /// What the server's clock says, before anything can be asked that depends on it.
    case time
    case due(ServerTime, DueScore)
    case group(String)
    case tail(StreamPage)

    func commands(for key: RedisKey) -> [RedisCommand] {
        switch self {
        case .size(let size): return [RedisCommand(size.rawValue, key.name)]
        case .time: return [RedisCommand("TIME")]
        case .due(let time, let unit):
            let now = time.score(in: unit)
            return [
                RedisCommand("TIME"), RedisCommand("ZCOUNT", key.name, "-inf", now),
                RedisCommand("ZRANGEBYSCORE", key.name, "(\(now)", "+inf", "WITHSCORES", "LIMIT", "0", "1"),
            ]
        case .group: return [RedisCommand("XLEN", key.name), RedisCommand("XINFO", "GROUPS", key.name)]
        case .tail(let page):
            return [RedisCommand("XRANGE", key.name, page.from.description, "+", "COUNT", "\(page.count)")]
        }
    }

    var commandCount: Int {
        switch self {
        case .size, .time, .tail: 1
        case .due: 3
        case .group: 2
        }
    }
}

extension QueueProbe {
    /// The commands that it needs, as an ACL grants them after the first `+`.
    func commandNames(_ size: KeySize) -> String {
        switch self {
        case .size: size.rawValue
        case .members: KeySize.sortedSet.rawValue
        case .due: "time +zcount +zrangebyscore"
        case .entries: KeySize.stream.rawValue
        case .group: "xlen +xinfo|groups +xrange"
        }
    }
}
