import Synchronization

/// The keys that need work, each at most once, in the order in which they came.
///
/// * A key that is added while it waits is not queued twice; added while it is worked on, it is handed out once more
///   afterwards. So no two workers ever hold the same key, and no change goes unseen.
/// * A delayed key keeps the earliest time asked for. It is no promise: work on it at any earlier time leaves it standing.
/// * Safe from any task. `run()` must be running for delayed keys to come due; `Controller.run()` sees to that.
public final class WorkQueue<Key: Hashable & Sendable>: Sendable {
    private struct Contents {
        var keys: WorkQueueState<Key>
        var random: any RandomNumberGenerator & Sendable
        var isShutDown = false
        var nextID = 0
        /// Workers with nothing to do, the one that waits longest first.
        var idle: [(id: Int, continuation: CheckedContinuation<Key?, Never>)] = []
        var metrics: WorkQueueMetrics?
    }

    private let time: any TimeSource
    private let contents: Mutex<Contents>
    private let alarm = Bell()

    /// An empty queue. `backoff` paces `retry(_:)`; `random` spreads it.
    public init(
        time: any TimeSource = SystemTime(), backoff: Backoff = .reconciliation,
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) {
        self.time = time
        self.contents = Mutex(Contents(keys: WorkQueueState(backoff: backoff), random: random))
    }

    /// Keys that wait for a worker, without those delayed or worked on.
    public var depth: Int { contents.withLock { $0.keys.depth } }

    /// Asks for work on `key` as soon as a worker is free.
    public func add(_ key: Key) {
        change { contents in contents.keys.add(key) }
    }

    /// Asks for work on `key` in `delay`, or at the time it is already due, whichever is earlier.
    public func add(_ key: Key, after delay: Duration) {
        let now = time.uptime
        change { contents in
            if delay <= .zero { contents.keys.add(key) } else { contents.keys.add(key, at: now.advanced(by: delay)) }
        }
    }

    /// Asks for work on `key` after the backoff of its failures in a row, of which this is one more.
    public func retry(_ key: Key) {
        let now = time.uptime
        change { contents in
            contents.metrics?.countRetry()
            contents.keys.retry(key, now: now, using: &contents.random)
        }
    }

    /// Forgets the failures of `key`: it succeeded.
    public func forget(_ key: Key) { contents.withLock { $0.keys.forget(key) } }

    /// Takes `key` off the list of delayed keys and forgets its failures: there is nothing to do for it any more.
    public func cancelDelayed(_ key: Key) { contents.withLock { $0.keys.cancelDelayed(key) } }

    /// The next key, once there is one; the caller must call `done(_:)` with it. Nil once the queue is shut down and
    /// drained, or the task is cancelled.
    public func next() async -> Key? {
        let id = contents.withLock { contents in
            contents.nextID += 1
            return contents.nextID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Key?? = contents.withLock { contents in
                    if Task.isCancelled { return .some(nil) }
                    if let key = contents.keys.next() {
                        contents.metrics?.record(depth: contents.keys.depth)
                        return .some(key)
                    }
                    if contents.isShutDown { return .some(nil) }
                    contents.idle.append((id: id, continuation: continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiting = contents.withLock { contents in
                contents.idle.firstIndex { $0.id == id }.map { contents.idle.remove(at: $0) }
            }
            waiting?.continuation.resume(returning: nil)
        }
    }

    /// Says that the work on `key` is over, however it went. If the key was added meanwhile it is queued again.
    public func done(_ key: Key) {
        change { contents in contents.keys.done(key) }
    }

    /// Takes no more keys and drops the delayed ones. Those that wait are still handed out, then `next()` answers nil.
    public func shutDown() {
        change { contents in
            contents.isShutDown = true
            contents.keys.close()
        }
        alarm.ring()
    }

    /// Makes delayed keys come due. Returns once the queue is shut down or the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            let now = time.uptime
            change { contents in contents.keys.promote(now: now) }
            let (isShutDown, due) = contents.withLock { ($0.isShutDown, $0.keys.nextDue) }
            if isShutDown { return }
            do {
                try await alarm.wait(atMost: due.map { now.duration(to: $0) }, on: time)
            } catch {
                return
            }
        }
    }

    func report(to metrics: WorkQueueMetrics) { contents.withLock { $0.metrics = metrics } }

    /// Applies `body`, gives keys to idle workers, and rings if a delayed key now is due before all others.
    private func change(_ body: (inout Contents) -> Void) {
        var given: [(CheckedContinuation<Key?, Never>, Key?)] = []
        let isEarlier = contents.withLock { contents in
            let due = contents.keys.nextDue
            body(&contents)
            while !contents.idle.isEmpty, let key = contents.keys.next() {
                given.append((contents.idle.removeFirst().continuation, key))
            }
            if contents.isShutDown {
                given += contents.idle.map { ($0.continuation, nil) }
                contents.idle = []
            }
            contents.metrics?.record(depth: contents.keys.depth)
            guard let earliest = contents.keys.nextDue else { return false }
            return due.map { earliest < $0 } ?? true
        }
        for (worker, key) in given { worker.resume(returning: key) }
        if isEarlier { alarm.ring() }
    }
}
