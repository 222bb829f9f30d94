import KubernetesModel
import Redis

/// The keys of a node that are observed, each with what is asked about it once, with what is known of it and who wants
/// to know.
///
/// With 2,000 queues of four priorities these are 8,000 entries: they stay small.
struct QueueKeys {
    typealias Instant = ContinuousClock.Instant

    enum Value: Hashable {
        case unread
        case counted(KeyCount)
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
        /// Since when every reading has found nothing.
        var emptySince: Instant?
        var observers: [ObjectKey] = []

        var count: KeyCount? {
            if case .counted(let count) = value { count } else { nil }
        }
    }

    var entries: [QueueSubject: Entry] = [:]
    /// What is asked about a key besides its size.
    private var variants: [RedisKey: [QueueProbe]] = [:]
    /// Dirty keys in the order in which they became so; may name keys that are gone.
    var dirty: [QueueSubject] = []
    /// In the order of their next turn; may name keys that are gone or readable again.
    var refused: [QueueSubject] = []
    var refusedCount = 0
    var streams: [QueueSubject: StreamCounter] = [:]
    /// Streams whose next page is to be read.
    var counting: [(subject: QueueSubject, pushedAt: Instant?)] = []
    /// When a key is to be read again although nobody says that it changed.
    var alarms: [QueueSubject: Instant] = [:]
    var clock: ServerClock?

    var hasDirty: Bool { !dirty.isEmpty }
    var hasRefused: Bool { refusedCount > 0 }
    var count: Int { entries.count }
    var nextAlarmAt: Instant? { alarms.values.min() }

    subscript(subject: QueueSubject) -> Entry? { entries[subject] }

    mutating func add(_ observer: ObjectKey, to subject: QueueSubject, mayBeOtherType: Bool) {
        var entry = entries[subject] ?? Entry()
        let isNew = entry.observers.isEmpty
        if !entry.observers.contains(observer) { entry.observers.append(observer) }
        entry.mayBeOtherType = mayBeOtherType && (isNew || entry.mayBeOtherType)
        if !entry.mayBeOtherType { entry.size = subject.probe.fittingSize }
        entries[subject] = entry
        guard isNew else { return }
        prepareQuestions(about: subject)
        markDirty(subject, pushedAt: nil)
    }

    mutating func remove(_ observer: ObjectKey, from subject: QueueSubject) {
        guard let index = entries.index(forKey: subject) else { return }
        entries.values[index].observers.removeAll { $0 == observer }
        guard entries.values[index].observers.isEmpty else { return }
        if case .refused = entries.values[index].value { refusedCount -= 1 }
        entries.remove(at: index)
        dropQuestions(about: subject)
    }

    /// All that is asked, in no order.
    var subjects: [QueueSubject] { Array(entries.keys) }

    /// Gives away what is asked about a key, with all that is known of it.
    mutating func take(_ subject: QueueSubject) -> Entry? {
        guard let entry = entries.removeValue(forKey: subject) else { return nil }
        if case .refused = entry.value { refusedCount -= 1 }
        dropQuestions(about: subject)
        return entry
    }

    /// Takes it from elsewhere in: it is to be read here.
    mutating func adopt(_ entry: Entry, as subject: QueueSubject) {
        var entry = entry
        entry.value = .unread
        entry.isListedAsRefused = false
        entry.isDirty = false
        entry.emptySince = nil
        entries[subject] = entry
        prepareQuestions(about: subject)
        markDirty(subject, pushedAt: nil)
    }

    private mutating func prepareQuestions(about subject: QueueSubject) {
        if subject.probe != .size { variants[subject.key, default: []].append(subject.probe) }
        if case .group(_, let limit) = subject.probe { streams[subject] = StreamCounter(countingTo: limit) }
    }

    private mutating func dropQuestions(about subject: QueueSubject) {
        streams[subject] = nil
        alarms[subject] = nil
        counting.removeAll { $0.subject == subject }
        guard subject.probe != .size else { return }
        variants[subject.key]?.removeAll { $0 == subject.probe }
        if variants[subject.key]?.isEmpty == true { variants[subject.key] = nil }
    }

    /// An answer that another node was to give is not coming.
    mutating func askAgain(_ key: RedisKey) {
        for subject in subjects(of: key) where streams[subject]?.isCounting == true {
            streams[subject]?.restart()
            counting.removeAll { $0.subject == subject }
            readAgainIfDirty(subject)
        }
        markDirty(key, pushedAt: nil)
    }

    /// Everything that is asked about the key.
    mutating func markDirty(_ key: RedisKey, pushedAt: Instant?) {
        for subject in subjects(of: key) { markDirty(subject, pushedAt: pushedAt) }
    }

    private func subjects(of key: RedisKey) -> [QueueSubject] {
        let size = QueueSubject(key, .size)
        guard let probes = variants[key] else { return [size] }
        return [size] + probes.map { QueueSubject(key, $0) }
    }

    mutating func markDirty(_ subject: QueueSubject, pushedAt: Instant?) {
        guard let index = entries.index(forKey: subject) else { return }
        if let pushedAt {
            entries.values[index].touchedAt = pushedAt
            if entries.values[index].pushedAt == nil { entries.values[index].pushedAt = pushedAt }
        }
        guard !entries.values[index].isDirty else { return }
        entries.values[index].isDirty = true
        dirty.append(subject)
    }

    mutating func markAllDirty(pushedAt: Instant?) {
        for subject in Array(entries.keys) { markDirty(subject, pushedAt: pushedAt) }
    }

    /// After a reconnect nothing is known any more, and nothing may be taken for still refused.
    mutating func startOver() {
        for index in entries.values.indices {
            entries.values[index].value = .unread
            entries.values[index].isListedAsRefused = false
            entries.values[index].emptySince = nil
        }
        for (subject, counter) in streams where counter.isCounting { readAgainIfDirty(subject) }
        for index in streams.values.indices { streams.values[index].restart() }
        refused = []
        refusedCount = 0
        counting = []
        alarms = [:]
        clock = nil
        markAllDirty(pushedAt: nil)
    }

    /// Marks the keys dirty whose time has come.
    mutating func wake(at now: Instant) {
        guard !alarms.isEmpty else { return }
        for (subject, due) in alarms where due <= now {
            alarms[subject] = nil
            markDirty(subject, pushedAt: nil)
        }
    }

    /// Dirty keys with at most `limit` commands, oldest first; from now on they are clean unless they change again.
    mutating func takeDirty(_ limit: Int, at now: Instant) -> [QueueRead] {
        var reads: [QueueRead] = []
        var taken = 0
        var room = limit
        for subject in dirty {
            guard room > 0 else { break }
            taken += 1
            guard let index = entries.index(forKey: subject), entries.values[index].isDirty else { continue }
            // It stays dirty, and is asked once more when it has been counted.
            if streams[subject]?.isCounting == true { continue }
            let read = QueueRead.probe(
                subject, question(about: subject, entries.values[index], at: now),
                pushedAt: entries.values[index].pushedAt)
            reads.append(read)
            room -= read.commandCount
            entries.values[index].isDirty = false
            entries.values[index].pushedAt = nil
        }
        dirty.removeFirst(taken)
        return reads
    }

    private func question(about subject: QueueSubject, _ entry: Entry, at now: Instant) -> KeyQuestion {
        switch subject.probe {
        case .size, .members, .entries: .size(entry.size)
        case .due(let unit): clock.map { .due($0.time(at: now), unit) } ?? .time
        case .group(let name, _): .group(name)
        }
    }

    /// The next pages of streams that are being counted.
    mutating func takePages() -> [QueueRead] {
        let turn = counting.prefix(Self.maximumPages)
        counting.removeFirst(turn.count)
        return turn.compactMap { subject, pushedAt in
            streams[subject]?.page.map { .probe(subject, .tail($0), pushedAt: pushedAt) }
        }
    }

    /// Each may have a megabyte.
    private static let maximumPages = 8

    /// Groups the keys last seen absent for `EXISTS`, and marks the others dirty: what the safety poll asks.
    mutating func sweep(_ kind: QueueNode.Sweeps, chunk: Int) -> [[RedisKey]] {
        var absent: [RedisKey] = []
        var present: [QueueSubject] = []
        for (subject, entry) in entries {
            switch entry.value {
            case .unread, .refused: break
            case .counted(let count) where count.isAbsent: absent.append(subject.key)
            case .counted: present.append(subject)
            }
        }
        for subject in present { markDirty(subject, pushedAt: nil) }
        let groups: [[RedisKey]]
        switch kind {
        case .together: groups = [absent]
        case .bySlot: groups = Array(Dictionary(grouping: absent) { RedisSlot(of: $0) }.values)
        }
        return groups.flatMap { group in
            stride(from: 0, to: group.count, by: chunk).map { Array(group[$0..<min($0 + chunk, group.count)]) }
        }
    }

    mutating func confirmEmpty(_ keys: [RedisKey], at now: Instant) {
        for key in keys {
            for subject in subjects(of: key) where entries[subject]?.count?.isAbsent == true {
                entries[subject]?.readAt = now
            }
        }
    }

    /// Marks up to `limit` refused keys dirty, in turns, or all of them.
    mutating func retryRefused(_ limit: Int?) {
        var still: [QueueSubject] = []
        for subject in refused {
            guard let index = entries.index(forKey: subject), entries.values[index].isListedAsRefused else { continue }
            if case .refused = entries.values[index].value {
                still.append(subject)
            } else {
                entries.values[index].isListedAsRefused = false
            }
        }
        let turn = still.prefix(limit ?? still.count)
        refused = Array(still.dropFirst(turn.count)) + turn
        for subject in turn { markDirty(subject, pushedAt: nil) }
    }
}
