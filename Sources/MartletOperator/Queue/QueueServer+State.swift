import KubernetesModel
import Redis

/// What to read when, and what is known: the pure half of a ``QueueServer``. It is told events with the time at which
/// they happened and asked for the next step; it never waits and never looks at a clock.
struct QueueServerState {
    typealias Instant = ContinuousClock.Instant

    enum Event {
        case observed(ObjectKey, QueueQuery, pollingEvery: Duration)
        case unobserved(ObjectKey)
        case connected(QueueSource)
        /// An attempt to connect failed, or the connection ended.
        case lost(QueueFault)
        case invalidated([RedisKey])
        case invalidatedAll
        case answered(QueueBatch, [RESPValue])
    }

    enum Step: Equatable {
        case notify([ObjectKey])
        case read(QueueBatch)
        /// Nothing to do until then, or until the next event.
        case rest(until: Instant?)
    }

    enum Link: Equatable {
        case connecting
        case down(QueueFault)
        case up(QueueSource)
    }

    /// Covers a push that was lost.
    static let safetyInterval = Duration.seconds(30)
    /// Keeps one pipeline small enough that its answers (each some bytes) are bounded and others get their turn.
    static let maximumCommands = 2048
    static let maximumKeysPerExists = 1000
    static let maximumSweepsPerBatch = 8
    /// Refused keys are asked again this often at first, and at last.
    static let firstRetry = Duration.seconds(1)
    static let lastRetry = Duration.seconds(5)
    /// How many refused keys stand for all of them in one retry.
    static let maximumRetries = 64

    private(set) var link = Link.connecting
    var keys = QueueKeys()
    var unacked: [RedisKey: UnackedTasks] = [:]
    var observers: [ObjectKey: QueueObserver] = [:]
    var changed: Set<ObjectKey> = []
    /// Ids whose lower figure waits for a newer count of their other keys.
    var deferred: Set<ObjectKey> = []
    private var epoch = 0
    private var isReading = false
    private var pace = ReadPace()
    private var nextSweepAt: Instant?
    private var sweeps: [[RedisKey]] = []
    private var retryAt: Instant?
    private var retryDelay = firstRetry
    /// A key became readable again, so that the other refused ones likely are.
    var retriesAll = false

    mutating func receive(_ event: Event, at now: Instant) {
        switch event {
        case .observed(let id, let query, let interval): observe(id, query, pollingEvery: interval, at: now)
        case .unobserved(let id): forget(id, at: now)
        case .connected(let source): connected(source, at: now)
        case .lost(let fault): lost(fault, at: now)
        case .invalidated(let names):
            for name in names {
                keys.markDirty(name, pushedAt: now)
                unacked[name]?.markDirty(at: now, isPush: true)
            }
        case .invalidatedAll:
            keys.markAllDirty(pushedAt: now)
            for key in unacked.keys { unacked[key]?.markDirty(at: now, isPush: true) }
        case .answered(let batch, let replies): answered(batch, replies, at: now)
        }
    }

    mutating func nextStep(at now: Instant) -> Step {
        if !changed.isEmpty {
            defer { changed = [] }
            return .notify(changed.sorted())
        }
        guard case .up(let source) = link, !isReading, !observers.isEmpty else { return .rest(until: nil) }
        wakeTimers(source, at: now)
        let reads = nextReads(at: now)
        guard reads.isEmpty else {
            isReading = true
            return .read(QueueBatch(epoch: epoch, reads: reads))
        }
        var due = [nextSweepAt, retryAt].compactMap { $0 }
        due += unacked.values.compactMap(\.nextCountAt).map { max($0, pace.nextAt ?? $0) }
        if keys.hasDirty, let next = pace.nextAt { due.append(next) }
        return .rest(until: due.min())
    }

    private mutating func connected(_ source: QueueSource, at now: Instant) {
        epoch += 1
        link = .up(source)
        isReading = false
        pace = ReadPace()
        sweeps = []
        retryAt = nil
        retryDelay = Self.firstRetry
        nextSweepAt = now + sweepInterval(source)
        keys.startOver()
        for key in unacked.keys { unacked[key]?.restart(at: now) }
    }

    private mutating func lost(_ fault: QueueFault, at now: Instant) {
        link = .down(fault)
        isReading = false
        deferred = []
        for id in observers.keys { fail(id, fault, at: now) }
    }

    /// Where nobody tells of changes, the safety poll becomes the only source.
    private func sweepInterval(_ source: QueueSource) -> Duration {
        switch source {
        case .push: Self.safetyInterval
        case .poll: observers.values.map(\.pollingEvery).min() ?? Self.safetyInterval
        }
    }

    /// A shorter interval counts at once.
    mutating func sweepSooner(for interval: Duration, at now: Instant) {
        guard case .up(.poll) = link, let next = nextSweepAt else { return }
        nextSweepAt = min(next, now + interval)
    }

    private mutating func wakeTimers(_ source: QueueSource, at now: Instant) {
        if let due = nextSweepAt, due <= now {
            nextSweepAt = now + sweepInterval(source)
            sweeps = keys.sweep(chunk: Self.maximumKeysPerExists)
            for key in unacked.keys { unacked[key]?.markDirty(at: now) }
        }
        if let due = retryAt, due <= now {
            retryAt = nil
            keys.retryRefused(Self.maximumRetries)
            for (key, tasks) in unacked { if case .refused = tasks.value { unacked[key]?.markDirty(at: now) } }
        }
    }

    /// The unacknowledged come before the lists: a task that moves from a list to them in between is then missed for
    /// a moment, which ``publish`` waits out, and never counted twice.
    private mutating func nextReads(at now: Instant) -> [QueueRead] {
        var reads: [QueueRead] = []
        var room = Self.maximumCommands
        let names = unacked.keys.sorted { $0.name < $1.name }
        for key in names where room > 0 {
            guard let read = unacked[key]?.takeStep() else { continue }
            reads.append(read)
            room -= read.commandCount
        }
        if pace.allows(now) {
            let counts = names.prefix(max(0, room)).compactMap { unacked[$0]?.takeCount(at: now) }
            let sizes = keys.takeDirty(max(0, room - counts.count))
            reads += counts + sizes
            // What did not fit follows at once: it is the same re-read.
            if !counts.isEmpty || !sizes.isEmpty, !keys.hasDirty { pace.spend(now) }
        }
        let turn = sweeps.prefix(Self.maximumSweepsPerBatch)
        sweeps.removeFirst(turn.count)
        return reads + turn.map { .existence($0) }
    }

    private mutating func answered(_ batch: QueueBatch, _ replies: [RESPValue], at now: Instant) {
        guard batch.epoch == epoch, isReading, replies.count == batch.commandCount else { return }
        isReading = false
        let wasRefused = hasRefused
        settle(batch, replies, at: now)
        if retriesAll {
            retriesAll = false
            keys.retryRefused(nil)
        }
        guard hasRefused else {
            retryAt = nil
            retryDelay = Self.firstRetry
            return
        }
        if retryAt == nil {
            retryDelay = wasRefused ? min(retryDelay * 2, Self.lastRetry) : Self.firstRetry
            retryAt = now + retryDelay
        }
    }

    private var hasRefused: Bool {
        keys.hasRefused || unacked.values.contains { if case .refused = $0.value { true } else { false } }
    }
}
