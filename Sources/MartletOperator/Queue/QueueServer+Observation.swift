import KubernetesModel

extension QueueServerState {
    /// nil until all keys were read.
    func counts(of observer: QueueObserver) -> QueueObserver.Counts? {
        var counts = QueueObserver.Counts()
        for subject in observer.waiting {
            guard let count = entry(subject)?.count else { return nil }
            counts.waiting += count.waiting
            counts.inFlight += count.inFlight
            counts.unassigned += count.inFlight
            counts.estimate = count.estimate ?? counts.estimate
        }
        for subject in observer.inFlight {
            guard let count = entry(subject)?.count else { return nil }
            counts.inFlight += count.waiting
            counts.unassigned += count.waiting
        }
        for (pod, subjects) in observer.ofPods {
            for subject in subjects {
                guard let count = entry(subject)?.count else { return nil }
                counts.ofPods[pod, default: 0] += count.waiting
                counts.inFlight += count.waiting
            }
        }
        for subject in observer.leftBehind {
            guard let count = entry(subject)?.count else { return nil }
            counts.inFlight += count.waiting
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
        let entries = observer.subjects.compactMap { self.entry($0) }
        let tasks = observer.unackedKey.flatMap { self.tasks($0) }
        let readAt = (entries.map(\.readAt) + [tasks?.readAt]).compactMap { $0 }.min()
        var reading: QueueCounts?
        if let counts = observer.counts, let readAt {
            reading = QueueCounts(
                waiting: counts.waiting, inFlight: counts.inFlight, inFlightIsEstimate: counts.unattributed > 0,
                unattributed: counts.unattributed, unassigned: counts.unassigned, estimate: counts.estimate, at: readAt)
        }
        return QueueObservation(
            reading: reading, failure: observer.failure, source: observer.source, changedAt: observer.changedAt,
            touchedAt: (entries.map(\.touchedAt) + [tasks?.touchedAt]).compactMap { $0 }.max(),
            pods: observer.ofPods.mapValues { podTasks(in: $0, source: observer.source) })
    }

    private func podTasks(in subjects: [QueueSubject], source: QueueSource) -> PodTasks {
        var total = 0
        var since: Instant?
        var confirmedAt: Instant?
        for subject in subjects {
            guard let entry = entry(subject), let count = entry.count, let readAt = entry.readAt else { return .unread }
            total += count.waiting
            // A push that has not been looked into yet counts as well: something went through the key.
            since = [since, entry.emptySince, entry.touchedAt].compactMap { $0 }.max()
            confirmedAt = [confirmedAt, readAt].compactMap { $0 }.min()
        }
        if total > 0 { return .some(total) }
        guard let since else { return .unread }
        return .none(since: since, confirmedAt: source == .push ? nil : confirmedAt)
    }
}
