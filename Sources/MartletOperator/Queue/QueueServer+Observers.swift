import KubernetesModel
import Redis

extension QueueServerState {
    mutating func observe(
        _ id: ObjectKey, _ query: QueueQuery, pods: Set<String>, pollingEvery: Duration, at now: Instant
    ) {
        let interval = max(pollingEvery, .milliseconds(100))
        if observers[id]?.query == query {
            observers[id]?.pollingEvery = interval
            sweepSooner(for: interval, at: now)
            if follow(pods, for: id) { publish(id, changedAt: nil, settled: nil, at: now) }
            return
        }
        forget(id, at: now)
        let observer = QueueObserver(query, pollingEvery: interval)
        for subject in observer.waiting { add(id, to: subject, mayBeOtherType: false) }
        for subject in observer.inFlight { add(id, to: subject, mayBeOtherType: true) }
        observers[id] = observer
        _ = follow(pods, for: id)
        if let key = observer.unackedKey { nodes[layout.node(of: key)]?.add(id, toUnacked: key, at: now) }
        sweepSooner(for: interval, at: now)
        publish(id, changedAt: nil, settled: nil, at: now)
    }

    private mutating func add(_ id: ObjectKey, to subject: QueueSubject, mayBeOtherType: Bool) {
        nodes[layout.node(of: subject.key)]?.keys.add(id, to: subject, mayBeOtherType: mayBeOtherType)
    }

    private mutating func remove(_ id: ObjectKey, from subject: QueueSubject) {
        nodes[layout.node(of: subject.key)]?.keys.remove(id, from: subject)
    }

    /// Whether other Pods were there than before.
    private mutating func follow(_ pods: Set<String>, for id: ObjectKey) -> Bool {
        guard var observer = observers[id] else { return false }
        let (added, dropped) = observer.follow(pods) { mayHoldTasks($0) }
        observers[id] = observer
        for subject in added { add(id, to: subject, mayBeOtherType: true) }
        for subject in dropped { remove(id, from: subject) }
        return !added.isEmpty || !dropped.isEmpty
    }

    /// Not known to be empty. A key that can't be read must not fail its endpoint when its Pod is gone.
    private func mayHoldTasks(_ subject: QueueSubject) -> Bool {
        guard let entry = entry(subject) else { return false }
        switch entry.value {
        case .unread: return true
        case .counted(let count): return count.waiting > 0 || entry.isDirty
        case .refused: return false
        }
    }

    private mutating func sweepSooner(for interval: Duration, at now: Instant) {
        for node in nodes.keys { nodes[node]?.sweepSooner(for: interval, at: now) }
    }

    mutating func forget(_ id: ObjectKey, at now: Instant) {
        guard let observer = observers.removeValue(forKey: id) else { return }
        for subject in observer.subjects { remove(id, from: subject) }
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
        case .probe(let subject, let question, let pushedAt):
            counted(subject, answers, to: question, of: node, pushedAt: pushedAt, &concerned.ids, at: now)
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
            guard asking[inner] == node else { return }
            asking[inner] = nil
            // Every other answer is that to ASKING.
            let own = zip(answers.indices, answers).filter { ($0.0 - answers.startIndex) % 2 == 1 }.map(\.1)
            take(own[...], to: inner, of: home, &concerned, at: now)
        }
    }

    private mutating func counted(
        _ subject: QueueSubject, _ replies: ArraySlice<RESPValue>, to question: KeyQuestion, of node: QueueNodeID,
        pushedAt: Instant?, _ affected: inout [ObjectKey: Instant?], at now: Instant
    ) {
        let ids = nodes[node]?.keys[subject]?.observers ?? []
        let interval = ids.compactMap { observers[$0]?.pollingEvery }.min() ?? QueueNode.safetyInterval
        let outcome = nodes[node]?.keys.receive(
            replies, to: question, about: subject, pushedAt: pushedAt, pollingEvery: interval, at: now)
        guard case .changed(let old)? = outcome, let entry = nodes[node]?.keys[subject] else { return }
        var mayBeShorter = false
        switch (old, entry.value) {
        case (.counted(let before), .counted(let count)): mayBeShorter = count.waiting < before.waiting
        case (.refused(.wrongType), .counted): break
        case (.refused, .counted):
            mayBeShorter = layout != .sole
            nodes[node]?.retryAll()
        // With one node all keys begin anew at once; with several the unacknowledged of another may be older.
        case (.unread, .counted): mayBeShorter = layout != .sole
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
        guard var observer = observers[id] else { return }
        if !observer.leftBehind.isEmpty {
            let empty = observer.tidyUp { mayHoldTasks($0) }
            observers[id] = observer
            for subject in empty { remove(id, from: subject) }
        }
        switch hindrance(to: observer, at: now) {
        case .fault(let fault):
            deferred.remove(id)
            return fail(id, fault, at: now)
        case .moving:
            deferred.insert(id)
            return
        case nil: break
        }
        guard let source = source(of: observer), let counts = counts(of: observer) else { return }
        if observer.failure == nil, let old = observer.counts, observer.source == source {
            guard isConsistent(counts, after: old, observer, settled: settled ?? [], at: now) else {
                deferred.insert(id)
                observers[id]?.deferredAt = observer.deferredAt ?? now
                return
            }
            observers[id]?.deferredAt = nil
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
        settled: Set<RedisKey>, at now: Instant
    ) -> Bool {
        guard let key = observer.unackedKey else { return !mayBeMoving(counts, after: old, observer, at: now) }
        guard let tasks = self.tasks(key), counts.waiting <= old.waiting else { return true }
        if counts.total > old.total { return !observer.waiting.contains { entry($0)?.isDirty == true } }
        guard counts.total < old.total else { return true }
        if counts.total == 0, let decreasedAt = observer.decreasedAt {
            guard let countedAt = tasks.countedAt else { return false }
            return countedAt >= decreasedAt + UnackedTasks.settling
        }
        return settled.contains(key) || !tasks.isPending
    }

    /// Whether a task that moved from one key to another may be missing or counted twice, because only one of the two was
    /// read since. The server tells of both before it answers what was asked after the first.
    private func mayBeMoving(
        _ counts: QueueObserver.Counts, after old: QueueObserver.Counts, _ observer: QueueObserver, at now: Instant
    ) -> Bool {
        guard observer.showsInFlight else { return false }
        // Under churn some key always is dirty.
        if let since = observer.deferredAt, since + Self.patience <= now { return false }
        if counts.total > old.total, counts.waiting <= old.waiting { return observer.waiting.contains(where: isDirty) }
        if counts.total < old.total { return observer.subjects.contains(where: isDirty) }
        return false
    }

    private func isDirty(_ subject: QueueSubject) -> Bool { entry(subject)?.isDirty == true }

    /// For how long a figure is held back that another key may explain.
    private static let patience = Duration.milliseconds(200)

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
        for subject in observer.subjects {
            guard let entry = entry(subject), case .refused(let refusal) = entry.value else { continue }
            isMoving = true
            if isPassing(refusal, since: entry.refusedAt, at: now) { continue }
            return .fault(
                QueueFault(
                    refusal, reading: subject.key, with: subject.probe.commandNames(entry.size), in: layout))
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
}
