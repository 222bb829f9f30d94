import FoundationEssentials
import KubernetesModel
import Redis

/// The hash in which Celery keeps the tasks that workers took and did not acknowledge: one for all queues of a
/// database, so its tasks have to be attributed.
///
/// Where one query alone reads it, its length is the answer. Else the queue of each task is read from its body, once
/// (a delivery tag never changes its queue), while the hash is small. Else nobody knows, and that is said.
struct UnackedTasks {
    typealias Instant = ContinuousClock.Instant

    /// More tags than this are not looked at one by one.
    static let maximumTags = 200
    /// Bodies hold whole messages; megabytes happen.
    static let maximumBodyBytes = 1 << 20
    /// The hash changes with each task; more often nobody needs it.
    static let interval = Duration.seconds(1)
    /// Kombu's BRPOP and the HSET after it are two round trips of the worker; in between a task is in neither key.
    static let settling = Duration.milliseconds(20)

    enum Attribution: Hashable {
        case sole
        case byQueue([String: Int], unknown: Int)
        case unknown
    }

    enum Value: Hashable {
        case unread
        case counted(Int, Attribution)
        case refused(RedisReplyError)
    }

    /// The steps of one reading, each a pipeline.
    private enum Stage: Hashable {
        case resting
        case counting
        case listing
        case weighing([String])
        case opening([String])
    }

    private enum Owner: Hashable {
        case queue(String)
        /// A custom exchange: which queue it leads to is not in the message.
        case unknown
    }

    let key: RedisKey
    var observers: Set<ObjectKey> = []
    private(set) var value = Value.unread
    private(set) var readAt: Instant?
    private(set) var touchedAt: Instant?
    /// When the count of the current ``value`` was asked for: what happened before is in it.
    private(set) var countedAt: Instant?
    /// Since when no count could be had.
    private(set) var refusedAt: Instant?
    private var askedAt: Instant?
    private var dirtySince: Instant?
    private var notBefore: Instant?
    private var stage = Stage.resting
    private var isUnderway = false
    private var owners: [String: Owner] = [:]
    private var tags: [String] = []

    init(key: RedisKey) { self.key = key }

    /// True while a newer figure is on its way.
    var isPending: Bool { dirtySince != nil || stage != .resting }

    /// When a new count may be asked for; nil: nothing to do, or one is on its way.
    var nextCountAt: Instant? {
        guard stage == .resting, !isUnderway, let dirtySince else { return nil }
        return max(dirtySince, notBefore ?? dirtySince)
    }

    mutating func markDirty(at now: Instant, isPush: Bool = false, after delay: Duration = .zero) {
        if isPush { touchedAt = now }
        if dirtySince == nil { dirtySince = now }
        let earliest = now + delay
        if delay > .zero, notBefore ?? earliest <= earliest { notBefore = earliest }
    }

    /// The connection is gone: whatever was being read is read again.
    mutating func restart(at now: Instant) {
        stage = .resting
        isUnderway = false
        notBefore = nil
        dirtySince = now
        value = .unread
    }

    /// Begins a reading, if its time has come.
    mutating func takeCount(at now: Instant) -> QueueRead? {
        guard let nextCountAt, nextCountAt <= now else { return nil }
        isUnderway = true
        dirtySince = nil
        notBefore = now + Self.interval
        askedAt = now
        stage = .counting
        return .unackedCount(key)
    }

    /// The next step of a reading that has begun.
    mutating func takeStep() -> QueueRead? {
        guard !isUnderway else { return nil }
        let read: QueueRead
        switch stage {
        case .resting, .counting: return nil
        case .listing: read = .unackedTags(key)
        case .weighing(let tags): read = .unackedLengths(key, tags: tags)
        case .opening(let tags): read = .unackedBodies(key, tags: tags)
        }
        isUnderway = true
        return read
    }

    /// Takes the answers of the last step. True: ``value`` is settled (changed or not).
    mutating func receive(_ replies: ArraySlice<RESPValue>, at now: Instant) -> Bool {
        guard isUnderway else { return false }
        isUnderway = false
        switch stage {
        case .resting: return false
        case .counting: return counted(replies.first, at: now)
        case .listing:
            guard let elements = replies.first?.elements, elements.count <= Self.maximumTags * 4 else {
                return settle(.counted(currentCount, .unknown), at: now)
            }
            tags = elements.compactMap(\.text)
            let present = Set(tags)
            owners = owners.filter { present.contains($0.key) }
            let fresh = tags.filter { owners[$0] == nil }
            if fresh.isEmpty { return settleByQueue(at: now) }
            stage = .weighing(fresh)
        case .weighing(let fresh):
            let lengths = replies.map { $0.integer ?? Self.maximumBodyBytes + 1 }
            guard lengths.reduce(0, { $0 &+ min($1, 1 << 40) }) <= Self.maximumBodyBytes else {
                return settle(.counted(currentCount, .unknown), at: now)
            }
            stage = .opening(fresh)
        case .opening(let fresh):
            for (tag, reply) in zip(fresh, replies) {
                switch reply {
                case .string(let body): owners[tag] = Self.owner(of: body)
                // Acknowledged in the meantime.
                case .null: tags.removeAll { $0 == tag }
                case .integer, .double, .boolean, .error, .array, .set, .map, .push: owners[tag] = .unknown
                }
            }
            return settleByQueue(at: now)
        }
        return false
    }

    private var currentCount = 0

    private mutating func counted(_ reply: RESPValue?, at now: Instant) -> Bool {
        switch reply {
        case .integer(let count):
            currentCount = max(0, Int(count))
            if currentCount == 0 || observers.count <= 1 { return settle(.counted(currentCount, .sole), at: now) }
            if currentCount > Self.maximumTags { return settle(.counted(currentCount, .unknown), at: now) }
            stage = .listing
            return false
        case .error(let refusal): return settle(.refused(refusal), at: now)
        case .null, .double, .boolean, .string, .array, .set, .map, .push, nil:
            return settle(.refused(.generic), at: now)
        }
    }

    private mutating func settleByQueue(at now: Instant) -> Bool {
        var counts: [String: Int] = [:]
        var unknown = 0
        for tag in tags {
            switch owners[tag] {
            case .queue(let queue): counts[queue, default: 0] += 1
            case .unknown, nil: unknown += 1
            }
        }
        let total = tags.count
        return settle(.counted(total, .byQueue(counts, unknown: unknown)), keepingOwners: true, at: now)
    }

    private mutating func settle(_ new: Value, keepingOwners: Bool = false, at now: Instant) -> Bool {
        stage = .resting
        tags = []
        if !keepingOwners { owners = [:] }
        switch new {
        case .unread: break
        case .counted:
            readAt = now
            countedAt = askedAt
            refusedAt = nil
        case .refused: refusedAt = refusedAt ?? now
        }
        value = new
        return true
    }

    /// How many of the tasks are `queues`', and how many may be.
    func share(of queues: [String]) -> (inFlight: Int, unattributed: Int)? {
        switch value {
        case .unread, .refused: nil
        case .counted(let total, .sole): (total, 0)
        case .counted(_, .byQueue(let counts, let unknown)):
            (Set(queues).reduce(0) { $0 + (counts[$1] ?? 0) }, unknown)
        case .counted(let total, .unknown): (0, total)
        }
    }

    /// Reads `[message, exchange, routing_key]`. With Celery's default exchange the routing key is the queue.
    private static func owner(of body: [UInt8]) -> Owner {
        guard let entry = try? JSONDecoder().decode(UnackedEntry.self, from: Data(body)) else { return .unknown }
        guard entry.exchange.isEmpty || entry.exchange == entry.routingKey else { return .unknown }
        return .queue(entry.routingKey)
    }
}

private struct UnackedEntry: Decodable {
    let exchange: String
    let routingKey: String

    private struct Ignored: Decodable {
        init(from decoder: any Decoder) {}
    }

    init(from decoder: any Decoder) throws {
        var elements = try decoder.unkeyedContainer()
        _ = try elements.decode(Ignored.self)
        exchange = try elements.decode(String.self)
        routingKey = try elements.decode(String.self)
    }
}
