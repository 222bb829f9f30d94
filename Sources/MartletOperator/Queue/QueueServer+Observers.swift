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

    /// Whom the answers of a pipeline concern.
    private struct Concerned {
        /// With the time of the push that led to the answer.
        var ids: [ObjectKey: Instant?] = [:]
        /// Unacknowledged counts that came.
        var settled: Set<RedisKey> = []
    }

    /// Takes the answers of one pipeline and tells whoever is concerned.
    mutating func settle(_ batch: QueueBatch, _ replies: [RESPValue], of node: QueueNodeID, at now: Instant) {
        var concerned = Concerned()
        var rest = replies[...]
        for read in batch.reads {
            take(rest.prefix(read.commandCount), to: read, of: node, &concerned, at: now)
            rest = rest.dropFirst(read.commandCount)
        }
        for id in deferred where concerned.ids[id] == nil { concerned.ids[id] = .some(nil) }
        for (id, changedAt) in concerned.ids {
            publish(id, changedAt: changedAt, settled: concerned.settled, at: now)
        }
    }

    private mutating func take(
        _ answers: ArraySlice<RESPValue>, to read: QueueRead, of node: QueueNodeID, _ concerned: inout Concerned,
        at now: Instant
    ) {
        notice(answers, of: node)
        if follow(read, answers, from: node) { return }
        switch read {
        case .size(let key, _, let pushedAt):
            guard let reply = answers.first else { return }
            sized(key, reply, of: node, pushedAt: pushedAt, &concerned.ids, at: now)
        case .existence(let names):
            if answers.first == .integer(0) {
                nodes[node]?.keys.confirmEmpty(names, at: now)
            } else {
                for key in names { nodes[node]?.keys.markDirty(key, pushedAt: nil) }
            }
        case .unackedCount(let key), .unackedTags(let key), .unackedLengths(let key, _), .unackedBodies(let key, _):
            let before = nodes[node]?.unacked[key]?.value
            guard nodes[node]?.unacked[key]?.receive(answers, at: now) == true, let tasks = nodes[node]?.unacked[key]
            else { return }
            concerned.settled.insert(key)
            guard tasks.value != before else { return }
            for id in tasks.observers where concerned.ids[id] == nil { concerned.ids[id] = .some(nil) }
        case .asking(let inner, let home):
            guard let key = inner.key, asking[key] == node else { return }
            asking[key] = nil
            // Every other answer is that to ASKING.
            let own = zip(answers.indices, answers).filter { ($0.0 - answers.startIndex) % 2 == 1 }.map(\.1)
            take(own[...], to: inner, of: home, &concerned, at: now)
        }
    }

    private mutating func sized(
        _ key: RedisKey, _ reply: RESPValue, of node: QueueNodeID, pushedAt: Instant?,
        _ affected: inout [ObjectKey: Instant?], at now: Instant
    ) {
        guard case .changed(let old)? = nodes[node]?.keys.receive(reply, for: key, at: now),
            let entry = nodes[node]?.keys[key]
        else { return }
        var mayBeShorter = false
        switch (old, entry.value) {
        case (.size(let before), .size(let size)): mayBeShorter = size < before
        case (.refused(.wrongType), .size): break
        case (.refused, .size):
            mayBeShorter = layout != .sole
            nodes[node]?.retryAll()
        // With one node all keys begin anew at once; with several the unacknowledged of another may be older.
        case (.unread, .size): mayBeShorter = layout != .sole
        case (_, _): break
        }
        for id in entry.observers {
            affected[id] = .some([affected[id] ?? nil, pushedAt].compactMap { $0 }.min())
            guard mayBeShorter, observers[id]?.counts != nil, let unackedKey = observers[id]?.unackedKey else {
                continue
            }
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
        switch hindrance(to: observer, at: now) {
        case .fault(let fault):
            deferred.remove(id)
            return fail(id, fault, at: now)
        case .moving:
            deferred.insert(id)
            return
        case nil: break
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

    private enum Hindrance {
        case fault(QueueFault)
        /// A key is on its way, and not for long.
        case moving
    }

    private func hindrance(to observer: QueueObserver, at now: Instant) -> Hindrance? {
        for key in observer.allKeys {
            if case .down(let fault)? = nodes[layout.node(of: key)]?.link { return .fault(fault) }
        }
        var isMoving = false
        for key in observer.keys {
            guard let entry = entry(key), case .refused(let refusal) = entry.value else { continue }
            isMoving = true
            if isPassing(refusal, since: entry.refusedAt, at: now) { continue }
            return .fault(QueueFault(refusal, reading: key, with: entry.size.rawValue, in: layout))
        }
        if let key = observer.unackedKey, let tasks = tasks(key), case .refused(let refusal) = tasks.value {
            isMoving = true
            guard isPassing(refusal, since: tasks.refusedAt, at: now) else {
                return .fault(QueueFault(refusal, reading: key, with: KeySize.hash.rawValue, in: layout))
            }
        }
        return isMoving ? .moving : nil
    }

    private func isPassing(_ refusal: RedisReplyError, since: Instant?, at now: Instant) -> Bool {
        guard case .cluster = layout, refusal.isOfMovingSlots, let since else { return false }
        return now < since + Self.movingGrace
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
