import KubernetesModel
import Redis

/// One id with what it wants to know, and what it was told last.
struct QueueObserver {
    struct Counts: Hashable {
        var waiting: Int
        var inFlight: Int
        var unattributed: Int

        var total: Int { waiting + inFlight }

        /// The same to whoever is notified.
        func tells(theSameAs other: Counts) -> Bool {
            waiting == other.waiting && inFlight == other.inFlight
                && (unattributed > 0) == (other.unattributed > 0)
        }
    }

    let query: QueueQuery
    var pollingEvery: Duration
    let waitingKeys: [RedisKey]
    let inFlightKeys: [RedisKey]
    var counts: Counts?
    var failure: QueueFailure?
    var source = QueueSource.push
    var changedAt: ContinuousClock.Instant?
    /// When a list was last seen shorter: its tasks may be on their way to the unacknowledged.
    var decreasedAt: ContinuousClock.Instant?

    init(_ query: QueueQuery, pollingEvery: Duration) {
        self.query = query
        self.pollingEvery = pollingEvery
        waitingKeys = query.waitingKeys
        inFlightKeys = query.inFlightKeys
    }

    var keys: [RedisKey] { inFlightKeys.isEmpty ? waitingKeys : waitingKeys + inFlightKeys }

    var allKeys: [RedisKey] { keys + (unackedKey.map { [$0] } ?? []) }

    var unackedKey: RedisKey? {
        switch query {
        case .list: nil
        case .celery(_, _, let keyPrefix, let unackedKey): RedisKey(keyPrefix + unackedKey)
        }
    }

    var celeryQueues: [String] {
        switch query {
        case .list: []
        case .celery(let queues, _, _, _): queues
        }
    }
}

extension QueueServerState {
    mutating func observe(_ id: ObjectKey, _ query: QueueQuery, pollingEvery: Duration, at now: Instant) {
        let interval = max(pollingEvery, .milliseconds(100))
        if observers[id]?.query == query {
            observers[id]?.pollingEvery = interval
            return sweepSooner(for: interval, at: now)
        }
        forget(id, at: now)
        let observer = QueueObserver(query, pollingEvery: interval)
        for key in observer.waitingKeys { nodes[layout.node(of: key)]?.keys.add(id, to: key, mayBeOtherType: false) }
        for key in observer.inFlightKeys { nodes[layout.node(of: key)]?.keys.add(id, to: key, mayBeOtherType: true) }
        observers[id] = observer
        if let key = observer.unackedKey { nodes[layout.node(of: key)]?.add(id, toUnacked: key, at: now) }
        sweepSooner(for: interval, at: now)
        publish(id, changedAt: nil, settled: nil, at: now)
    }

    private mutating func sweepSooner(for interval: Duration, at now: Instant) {
        for node in nodes.keys { nodes[node]?.sweepSooner(for: interval, at: now) }
    }

    mutating func forget(_ id: ObjectKey, at now: Instant) {
        guard let observer = observers.removeValue(forKey: id) else { return }
        for key in observer.keys { nodes[layout.node(of: key)]?.keys.remove(id, from: key) }
        changed.remove(id)
        deferred.remove(id)
        if let key = observer.unackedKey { nodes[layout.node(of: key)]?.remove(id, fromUnacked: key, at: now) }
    }

    /// Takes the answers of one pipeline and tells whoever is concerned.
    mutating func settle(_ batch: QueueBatch, _ replies: [RESPValue], of node: QueueNodeID, at now: Instant) {
        var affected: [ObjectKey: Instant?] = [:]
        var settled: Set<RedisKey> = []
        var rest = replies[...]
        for read in batch.reads {
            let answers = rest.prefix(read.commandCount)
            rest = rest.dropFirst(read.commandCount)
            switch read {
            case .size(let key, _, let pushedAt):
                guard let reply = answers.first else { continue }
                sized(key, reply, of: node, pushedAt: pushedAt, &affected, at: now)
            case .existence(let names):
                if answers.first == .integer(0) {
                    nodes[node]?.keys.confirmEmpty(names, at: now)
                } else {
                    for key in names { nodes[node]?.keys.markDirty(key, pushedAt: nil) }
                }
            case .unackedCount(let key), .unackedTags(let key), .unackedLengths(let key, _),
                .unackedBodies(let key, _):
                let before = nodes[node]?.unacked[key]?.value
                guard nodes[node]?.unacked[key]?.receive(answers, at: now) == true,
                    let tasks = nodes[node]?.unacked[key]
                else { continue }
                settled.insert(key)
                guard tasks.value != before else { continue }
                for id in tasks.observers where affected[id] == nil { affected[id] = .some(nil) }
            }
        }
        for id in deferred where affected[id] == nil { affected[id] = .some(nil) }
        for (id, changedAt) in affected { publish(id, changedAt: changedAt, settled: settled, at: now) }
    }

    private mutating func sized(
        _ key: RedisKey, _ reply: RESPValue, of node: QueueNodeID, pushedAt: Instant?,
        _ affected: inout [ObjectKey: Instant?], at now: Instant
    ) {
        guard case .changed(let old)? = nodes[node]?.keys.receive(reply, for: key, at: now),
            let entry = nodes[node]?.keys[key]
        else { return }
        var isShorter = false
        switch (old, entry.value) {
        case (.size(let before), .size(let size)): isShorter = size < before
        case (.refused(.wrongType), .size): break
        case (.refused, .size): nodes[node]?.retryAll()
        case (_, _): break
        }
        for id in entry.observers {
            affected[id] = .some([affected[id] ?? nil, pushedAt].compactMap { $0 }.min())
            guard isShorter, let unackedKey = observers[id]?.unackedKey else { continue }
            observers[id]?.decreasedAt = now
            nodes[layout.node(of: unackedKey)]?.unacked[unackedKey]?.markDirty(at: now, after: UnackedTasks.settling)
        }
    }

    mutating func fail(_ id: ObjectKey, _ fault: QueueFault, at now: Instant) {
        guard let observer = observers[id] else { return }
        let failure = QueueFailure(
            reason: fault.reason, message: fault.message, since: observer.failure?.since ?? now)
        guard failure != observer.failure else { return }
        observers[id]?.failure = failure
        changed.insert(id)
    }

    /// Tells `id` what its keys say now, unless that would tell of tasks gone that only moved.
    ///
    /// - Parameter settled: the unacknowledged counts that just came.
    mutating func publish(_ id: ObjectKey, changedAt: Instant?, settled: Set<RedisKey>?, at now: Instant) {
        guard let observer = observers[id] else { return }
        if let fault = firstFault(of: observer) {
            deferred.remove(id)
            return fail(id, fault, at: now)
        }
        guard let source = source(of: observer), let counts = currentCounts(of: observer) else { return }
        if observer.failure == nil, let old = observer.counts, observer.source == source {
            guard isConsistent(counts, after: old, observer, settled: settled ?? []) else {
                deferred.insert(id)
                return
            }
            deferred.remove(id)
            if counts.tells(theSameAs: old) {
                observers[id]?.counts = counts
                return
            }
        }
        deferred.remove(id)
        observers[id]?.counts = counts
        observers[id]?.failure = nil
        observers[id]?.source = source
        observers[id]?.changedAt = changedAt
        changed.insert(id)
    }

    /// A task moves from its list to the unacknowledged in two steps of a worker, and the two keys are read at two
    /// times. More that waits is told at once; less of everything only when both keys agree that it is gone.
    private func isConsistent(
        _ counts: QueueObserver.Counts, after old: QueueObserver.Counts, _ observer: QueueObserver,
        settled: Set<RedisKey>
    ) -> Bool {
        guard let key = observer.unackedKey, let tasks = self.tasks(key), counts.waiting <= old.waiting else {
            return true
        }
        if counts.total > old.total { return !observer.waitingKeys.contains { entry($0)?.isDirty == true } }
        guard counts.total < old.total else { return true }
        if counts.total == 0, let decreasedAt = observer.decreasedAt {
            guard let countedAt = tasks.countedAt else { return false }
            return countedAt >= decreasedAt + UnackedTasks.settling
        }
        return settled.contains(key) || !tasks.isPending
    }

    /// How the nodes of its keys tell of changes; nil until all are connected.
    private func source(of observer: QueueObserver) -> QueueSource? {
        var sources = QueueSource.push
        for key in observer.allKeys {
            guard case .up(let source)? = nodes[layout.node(of: key)]?.link else { return nil }
            if source != .push { sources = source }
        }
        return sources
    }

    private func firstFault(of observer: QueueObserver) -> QueueFault? {
        for key in observer.allKeys {
            if case .down(let fault)? = nodes[layout.node(of: key)]?.link { return fault }
        }
        for key in observer.keys {
            guard let entry = entry(key), case .refused(let refusal) = entry.value else { continue }
            return QueueFault(refusal, reading: key, with: entry.size.rawValue)
        }
        guard let key = observer.unackedKey, case .refused(let refusal)? = tasks(key)?.value else { return nil }
        return QueueFault(refusal, reading: key, with: KeySize.hash.rawValue)
    }

    /// nil until all keys were read.
    private func currentCounts(of observer: QueueObserver) -> QueueObserver.Counts? {
        var counts = QueueObserver.Counts(waiting: 0, inFlight: 0, unattributed: 0)
        for key in observer.waitingKeys {
            guard case .size(let size)? = entry(key)?.value else { return nil }
            counts.waiting += size
        }
        for key in observer.inFlightKeys {
            guard case .size(let size)? = entry(key)?.value else { return nil }
            counts.inFlight += size
        }
        if let key = observer.unackedKey {
            guard let share = tasks(key)?.share(of: observer.celeryQueues) else { return nil }
            counts.inFlight += share.inFlight
            counts.unattributed = share.unattributed
        }
        return counts
    }

    func observation(for id: ObjectKey) -> QueueObservation? {
        guard let observer = observers[id], observer.counts != nil || observer.failure != nil else { return nil }
        let entries = observer.keys.compactMap { self.entry($0) }
        let tasks = observer.unackedKey.flatMap { self.tasks($0) }
        let readAt = (entries.map(\.readAt) + [tasks?.readAt]).compactMap { $0 }.min()
        var reading: QueueCounts?
        if let counts = observer.counts, let readAt {
            reading = QueueCounts(
                waiting: counts.waiting, inFlight: counts.inFlight, inFlightIsEstimate: counts.unattributed > 0,
                unattributed: counts.unattributed, at: readAt)
        }
        return QueueObservation(
            reading: reading, failure: observer.failure, source: observer.source, changedAt: observer.changedAt,
            touchedAt: (entries.map(\.touchedAt) + [tasks?.touchedAt]).compactMap { $0 }.max())
    }
}
