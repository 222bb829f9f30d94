import KubernetesModel
import Redis

/// One node of a queue server: its connection, the keys that it keeps, and what is to be read from it when.
struct QueueNode {
    typealias Instant = ContinuousClock.Instant

    enum Link: Equatable {
        case connecting
        case down(QueueFault)
        case up(QueueSource)
    }

    enum Step: Equatable {
        case read(QueueBatch)
        /// Nothing to do until then, or until the next event.
        case rest(until: Instant?)
    }

    /// Covers a push that was lost.
    static let safetyInterval = Duration.seconds(30)
    /// Keeps one pipeline small enough that its answers (each some bytes) are bounded and others get their turn.
    static let maximumCommands = 2048
    static let maximumKeysPerExists = 1000
    static let maximumKeysPerSweep = 8000
    /// Of a cluster, where each slot needs a command of its own.
    static let maximumSweepsPerBatch = 512
    /// Refused keys are asked again this often at first, and at last.
    static let firstRetry = Duration.seconds(1)
    static let lastRetry = Duration.seconds(5)
    /// Keys that a moving slot made unreadable are asked again this often.
    static let moveRetry = Duration.milliseconds(250)
    /// How many refused keys stand for all of them in one retry.
    static let maximumRetries = 64

    let sweepKind: Sweeps
    private(set) var link = Link.connecting
    var keys = QueueKeys()
    var unacked: [RedisKey: UnackedTasks] = [:]
    /// Keys of other nodes that are on their way here.
    var asks: [QueueRead] = []
    var sawMove = false
    private var epoch = 0
    private var isReading = false
    private var pace = ReadPace()
    private var nextSweepAt: Instant?
    private var sweeps: [[RedisKey]] = []
    private var retryAt: Instant?
    private var retryDelay = firstRetry
    /// A key became readable again, so that the other refused ones likely are.
    private var retriesAll = false

    init(sweeps: Sweeps) { sweepKind = sweeps }

    /// - Parameter pollingEvery: where nobody tells of changes, the safety poll is the only source and runs this often.
    mutating func connected(_ source: QueueSource, pollingEvery: Duration, at now: Instant) {
        epoch += 1
        link = .up(source)
        isReading = false
        pace = ReadPace()
        sweeps = []
        asks = []
        retryAt = nil
        retryDelay = Self.firstRetry
        nextSweepAt = now + Self.sweepInterval(source, pollingEvery: pollingEvery)
        keys.startOver()
        for key in unacked.keys { unacked[key]?.restart(at: now) }
    }

    mutating func lost(_ fault: QueueFault) {
        link = .down(fault)
        isReading = false
        asks = []
    }

    mutating func invalidated(_ key: RedisKey, at now: Instant) {
        keys.markDirty(key, pushedAt: now)
        unacked[key]?.markDirty(at: now, isPush: true)
    }

    mutating func invalidatedAll(at now: Instant) {
        keys.markAllDirty(pushedAt: now)
        for key in unacked.keys { unacked[key]?.markDirty(at: now, isPush: true) }
    }

    func isSweepDue(at now: Instant) -> Bool {
        guard case .up = link, !isReading, let nextSweepAt else { return false }
        return nextSweepAt <= now
    }

    /// Begins a safety poll.
    mutating func sweep(pollingEvery: Duration, at now: Instant) {
        guard case .up(let source) = link else { return }
        nextSweepAt = now + Self.sweepInterval(source, pollingEvery: pollingEvery)
        sweeps = keys.sweep(sweepKind, chunk: Self.maximumKeysPerExists)
        for key in unacked.keys { unacked[key]?.markDirty(at: now) }
    }

    /// A shorter interval counts at once.
    mutating func sweepSooner(for interval: Duration, at now: Instant) {
        guard case .up(.poll) = link, let next = nextSweepAt else { return }
        nextSweepAt = min(next, now + interval)
    }

    mutating func nextStep(at now: Instant) -> Step {
        guard case .up = link, !isReading else { return .rest(until: nil) }
        if let due = retryAt, due <= now {
            retryAt = nil
            keys.retryRefused(Self.maximumRetries)
            for (key, tasks) in unacked { if case .refused = tasks.value { unacked[key]?.markDirty(at: now) } }
        }
        keys.wake(at: now)
        let reads = nextReads(at: now)
        guard reads.isEmpty else {
            isReading = true
            return .read(QueueBatch(epoch: epoch, reads: reads))
        }
        var due = [nextSweepAt, retryAt, keys.nextAlarmAt].compactMap { $0 }
        due += unacked.values.compactMap(\.nextCountAt).map { max($0, pace.nextAt ?? $0) }
        if keys.hasDirty, let next = pace.nextAt { due.append(next) }
        return .rest(until: due.min())
    }

    /// Whether the answers are those of the batch under way; if so, the next one may follow.
    mutating func finish(_ batch: QueueBatch, _ replies: [RESPValue]) -> Bool {
        guard batch.epoch == epoch, isReading, replies.count == batch.commandCount else { return false }
        isReading = false
        return true
    }

    /// All refused keys are asked again at once.
    mutating func retryAll() { retriesAll = true }

    /// After the answers were taken in.
    mutating func scheduleRetries(wasRefused: Bool, at now: Instant) {
        if retriesAll {
            retriesAll = false
            keys.retryRefused(nil)
        }
        guard hasRefused else {
            sawMove = false
            retryAt = nil
            retryDelay = Self.firstRetry
            return
        }
        if sawMove {
            sawMove = false
            retryAt = now + Self.moveRetry
        } else if retryAt == nil {
            retryDelay = wasRefused ? min(retryDelay * 2, Self.lastRetry) : Self.firstRetry
            retryAt = now + retryDelay
        }
    }

    var hasRefused: Bool {
        keys.hasRefused || unacked.values.contains { if case .refused = $0.value { true } else { false } }
    }

    /// The unacknowledged come before the lists: a task that moves from a list to them in between is then missed for
    /// a moment, which the publishing waits out, and never counted twice.
    private mutating func nextReads(at now: Instant) -> [QueueRead] {
        var reads = asks
        asks = []
        var room = Self.maximumCommands - reads.reduce(0) { $0 + $1.commandCount }
        let names = unacked.keys.sorted { $0.name < $1.name }
        for key in names where room > 0 {
            guard let read = unacked[key]?.takeStep() else { continue }
            reads.append(read)
            room -= read.commandCount
        }
        for read in keys.takePages() {
            reads.append(read)
            room -= read.commandCount
        }
        if pace.allows(now) {
            let counts = names.prefix(max(0, room)).compactMap { unacked[$0]?.takeCount(at: now) }
            let probes = keys.takeDirty(max(0, room - counts.count), at: now)
            reads += counts + probes
            // What did not fit follows at once: it is the same re-read.
            if !counts.isEmpty || !probes.isEmpty, !keys.hasDirty { pace.spend(now) }
        }
        return reads + nextSweeps().map { .existence($0) }
    }

    private mutating func nextSweeps() -> ArraySlice<[RedisKey]> {
        var room = Self.maximumKeysPerSweep
        let turn = sweeps.prefix(Self.maximumSweepsPerBatch).prefix {
            room -= $0.count
            return room >= 0
        }
        sweeps.removeFirst(turn.count)
        return turn
    }

    private static func sweepInterval(_ source: QueueSource, pollingEvery: Duration) -> Duration {
        switch source {
        case .push: safetyInterval
        case .poll: pollingEvery
        }
    }
}

extension QueueNode {
    mutating func add(_ id: ObjectKey, toUnacked key: RedisKey, at now: Instant) {
        unacked[key, default: UnackedTasks(key: key)].observers.insert(id)
        // The first is to be read, and a second one ends "all of it is mine".
        if let count = unacked[key]?.observers.count, count <= 2 { unacked[key]?.markDirty(at: now) }
    }

    mutating func remove(_ id: ObjectKey, fromUnacked key: RedisKey, at now: Instant) {
        unacked[key]?.observers.remove(id)
        if unacked[key]?.observers.isEmpty == true { unacked[key] = nil }
        if unacked[key]?.observers.count == 1 { unacked[key]?.markDirty(at: now) }
    }
}
