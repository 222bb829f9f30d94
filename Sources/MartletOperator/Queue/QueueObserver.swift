import MartletAPI
import Redis

/// One id with what it wants to know, and what it was told last.
struct QueueObserver {
    typealias Instant = ContinuousClock.Instant

    struct Counts: Hashable {
        var waiting = 0
        var inFlight = 0
        var unattributed = 0
        var unassigned = 0
        var estimate: WaitingEstimate?
        /// What is in the keys of each Pod.
        var ofPods: [String: Int] = [:]

        var total: Int { waiting + inFlight }

        /// The same to whoever is notified.
        func tells(theSameAs other: Counts) -> Bool {
            var other = other
            if (unattributed > 0) == (other.unattributed > 0) { other.unattributed = unattributed }
            return self == other
        }
    }

    let query: QueueQuery
    var pollingEvery: Duration
    let waiting: [QueueSubject]
    let inFlight: [QueueSubject]
    /// The keys of each Pod's own.
    private(set) var ofPods: [String: [QueueSubject]] = [:]
    /// Keys of Pods that are gone and left tasks in them, as far as is known.
    private(set) var leftBehind: Set<QueueSubject> = []
    var counts: Counts?
    var failure: QueueFailure?
    var source = QueueSource.push
    var changedAt: Instant?
    /// When a list was last seen shorter: its tasks may be on their way to the unacknowledged.
    var decreasedAt: Instant?
    /// Since when figures are held back that another key may yet explain.
    var deferredAt: Instant?

    init(_ query: QueueQuery, pollingEvery: Duration) {
        self.query = query
        self.pollingEvery = pollingEvery
        waiting = query.waiting
        inFlight = query.inFlight
    }

    var subjects: [QueueSubject] {
        guard showsInFlight else { return waiting }
        return waiting + inFlight + ofPods.values.flatMap { $0 } + leftBehind
    }

    /// Whether tasks move between keys that are counted.
    var showsInFlight: Bool { !inFlight.isEmpty || !ofPods.isEmpty || !leftBehind.isEmpty }

    var allKeys: [RedisKey] { subjects.map(\.key) + (unackedKey.map { [$0] } ?? []) }

    var unackedKey: RedisKey? {
        switch query {
        case .list, .stream, .sortedSet: nil
        case .celery(_, _, let keyPrefix, let unackedKey): RedisKey(keyPrefix + unackedKey)
        }
    }

    var celeryQueues: [String] {
        switch query {
        case .list, .stream, .sortedSet: []
        case .celery(let queues, _, _, _): queues
        }
    }

    /// Takes over which Pods there are.
    /// - Parameter isKept: whether the key of a Pod that went may hold tasks.
    /// - Returns: the keys to be observed from now on, and those no longer to be.
    mutating func follow(
        _ pods: Set<String>, isKept: (QueueSubject) -> Bool
    ) -> (added: [QueueSubject], dropped: [QueueSubject]) {
        let patterns = query.podKeyPatterns
        guard !patterns.isEmpty else { return ([], []) }
        var dropped: [QueueSubject] = []
        for (pod, keys) in ofPods where !pods.contains(pod) {
            ofPods[pod] = nil
            for key in keys {
                if isKept(key) { leftBehind.insert(key) } else { dropped.append(key) }
            }
        }
        var added: [QueueSubject] = []
        for pod in pods.sorted() where ofPods[pod] == nil {
            let keys = patterns.map { QueueSubject(PodKeyPattern.key($0, of: pod), .size) }
                .filter { !waiting.contains($0) && !inFlight.contains($0) }
            ofPods[pod] = keys
            // A Pod of a StatefulSet comes back under its name.
            for key in keys where leftBehind.remove(key) == nil { added.append(key) }
        }
        return (added, dropped)
    }

    /// Forgets what is left behind and empty by now.
    mutating func tidyUp(isKept: (QueueSubject) -> Bool) -> [QueueSubject] {
        let empty = leftBehind.filter { !isKept($0) }
        leftBehind.subtract(empty)
        return Array(empty)
    }
}
