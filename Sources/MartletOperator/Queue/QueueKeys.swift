import KubernetesModel
import Redis

/// The keys of a server that are observed, each once, with what is known of it and who wants to know.
///
/// With 2,000 queues of four priorities these are 8,000 entries: they stay small.
struct QueueKeys {
    typealias Instant = ContinuousClock.Instant

    enum Value: Hashable {
        case unread
        case size(Int)
        case refused(RedisReplyError)
    }

    struct Entry {
        var value = Value.unread
        var size = KeySize.list
        /// Only in-flight keys may be of another type than a list.
        var mayBeOtherType = false
        var isDirty = false
        var isListedAsRefused = false
        var pushedAt: Instant?
        var touchedAt: Instant?
        var readAt: Instant?
        /// Since when no size could be had.
        var refusedAt: Instant?
        var observers: [ObjectKey] = []
    }

    private var entries: [RedisKey: Entry] = [:]
    /// Dirty keys in the order in which they became so; may name keys that are gone.
    private var dirty: [RedisKey] = []
    /// In the order of their next turn; may name keys that are gone or readable again.
    private var refused: [RedisKey] = []
    private var refusedCount = 0

    var hasDirty: Bool { !dirty.isEmpty }
    var hasRefused: Bool { refusedCount > 0 }
    var count: Int { entries.count }

    subscript(key: RedisKey) -> Entry? { entries[key] }

    mutating func add(_ observer: ObjectKey, to key: RedisKey, mayBeOtherType: Bool) {
        var entry = entries[key] ?? Entry()
        let isNew = entry.observers.isEmpty
        if !entry.observers.contains(observer) { entry.observers.append(observer) }
        entry.mayBeOtherType = mayBeOtherType && (isNew || entry.mayBeOtherType)
        if !entry.mayBeOtherType { entry.size = .list }
        entries[key] = entry
        if isNew { markDirty(key, pushedAt: nil) }
    }

    mutating func remove(_ observer: ObjectKey, from key: RedisKey) {
        guard let index = entries.index(forKey: key) else { return }
        entries.values[index].observers.removeAll { $0 == observer }
        guard entries.values[index].observers.isEmpty else { return }
        if case .refused = entries.values[index].value { refusedCount -= 1 }
        entries.remove(at: index)
    }

    /// All of them, in no order.
    var names: [RedisKey] { Array(entries.keys) }

    /// Gives a key with all that is known of it away.
    mutating func take(_ key: RedisKey) -> Entry? {
        guard let entry = entries.removeValue(forKey: key) else { return nil }
        if case .refused = entry.value { refusedCount -= 1 }
        return entry
    }

    /// Takes a key from elsewhere in: it is to be read here.
    mutating func adopt(_ entry: Entry, as key: RedisKey) {
        var entry = entry
        entry.value = .unread
        entry.isListedAsRefused = false
        entry.isDirty = false
        entries[key] = entry
        markDirty(key, pushedAt: nil)
    }

    mutating func markDirty(_ key: RedisKey, pushedAt: Instant?) {
        guard let index = entries.index(forKey: key) else { return }
        if let pushedAt {
            entries.values[index].touchedAt = pushedAt
            if entries.values[index].pushedAt == nil { entries.values[index].pushedAt = pushedAt }
        }
        guard !entries.values[index].isDirty else { return }
        entries.values[index].isDirty = true
        dirty.append(key)
    }

    mutating func markAllDirty(pushedAt: Instant?) {
        for key in Array(entries.keys) { markDirty(key, pushedAt: pushedAt) }
    }

    /// After a reconnect nothing is known any more, and nothing may be taken for still refused.
    mutating func startOver() {
        for index in entries.values.indices {
            entries.values[index].value = .unread
            entries.values[index].isListedAsRefused = false
        }
        refused = []
        refusedCount = 0
        markAllDirty(pushedAt: nil)
    }

    /// At most `limit` dirty keys, oldest first; from now on they are clean unless they change again.
    mutating func takeDirty(_ limit: Int) -> [QueueRead] {
        var reads: [QueueRead] = []
        var taken = 0
        for key in dirty {
            guard reads.count < limit else { break }
            taken += 1
            guard let index = entries.index(forKey: key), entries.values[index].isDirty else { continue }
            reads.append(.size(key, entries.values[index].size, pushedAt: entries.values[index].pushedAt))
            entries.values[index].isDirty = false
            entries.values[index].pushedAt = nil
        }
        dirty.removeFirst(taken)
        return reads
    }

    /// Groups the keys last seen empty for `EXISTS`, and marks those with a size dirty: what the safety poll asks.
    mutating func sweep(_ kind: QueueNode.Sweeps, chunk: Int) -> [[RedisKey]] {
        var empty: [RedisKey] = []
        var sized: [RedisKey] = []
        for (key, entry) in entries {
            switch entry.value {
            case .unread, .refused: break
            case .size(0): empty.append(key)
            case .size: sized.append(key)
            }
        }
        for key in sized { markDirty(key, pushedAt: nil) }
        let groups: [[RedisKey]]
        switch kind {
        case .together: groups = [empty]
        case .bySlot: groups = Array(Dictionary(grouping: empty) { RedisSlot(of: $0) }.values)
        }
        return groups.flatMap { group in
            stride(from: 0, to: group.count, by: chunk).map { Array(group[$0..<min($0 + chunk, group.count)]) }
        }
    }

    /// What an answer means to a key.
    enum Outcome: Equatable {
        case same
        case changed(from: Value)
        /// The type was guessed wrong; the key is dirty again.
        case guessedAgain
    }

    mutating func receive(_ reply: RESPValue, for key: RedisKey, at now: Instant) -> Outcome {
        guard let index = entries.index(forKey: key) else { return .same }
        let old = entries.values[index].value
        let new: Value
        switch reply {
        case .integer(let size):
            new = .size(max(0, Int(size)))
            entries.values[index].readAt = now
            entries.values[index].refusedAt = nil
        case .error(.wrongType) where entries.values[index].mayBeOtherType:
            if let next = entries.values[index].size.next {
                entries.values[index].size = next
                markDirty(key, pushedAt: nil)
                return .guessedAgain
            }
            entries.values[index].size = .list
            new = .refused(.wrongType)
        case .error(let refusal): new = .refused(refusal)
        case .null, .double, .boolean, .string, .array, .set, .map, .push: new = .refused(.generic)
        }
        entries.values[index].value = new
        if case .refused = old { refusedCount -= 1 }
        if case .refused = new {
            refusedCount += 1
            entries.values[index].refusedAt = entries.values[index].refusedAt ?? now
            if !entries.values[index].isListedAsRefused {
                entries.values[index].isListedAsRefused = true
                refused.append(key)
            }
        }
        return new == old ? .same : .changed(from: old)
    }

    mutating func confirmEmpty(_ keys: [RedisKey], at now: Instant) {
        for key in keys {
            guard let index = entries.index(forKey: key) else { continue }
            entries.values[index].readAt = now
        }
    }

    /// Marks up to `limit` refused keys dirty, in turns, or all of them.
    mutating func retryRefused(_ limit: Int?) {
        var still: [RedisKey] = []
        for key in refused {
            guard let index = entries.index(forKey: key), entries.values[index].isListedAsRefused else { continue }
            if case .refused = entries.values[index].value {
                still.append(key)
            } else {
                entries.values[index].isListedAsRefused = false
            }
        }
        let turn = still.prefix(limit ?? still.count)
        refused = Array(still.dropFirst(turn.count)) + turn
        for key in turn { markDirty(key, pushedAt: nil) }
    }
}
