import Synchronization

/// Wakes the one owner of a state machine: from any thread, and once at a time the owner chose. Signals that come
/// while the owner is busy are one.
package final class WakeSignal: Sendable {
    package let signals: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let io: RedisIO
    private let armed = Mutex<(instant: ContinuousClock.Instant, alarm: RedisIO.Alarm)?>(nil)

    package init(io: RedisIO) {
        self.io = io
        (signals, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    package func wake() { continuation.yield() }

    /// Replaces the alarm set before; nil: no alarm. Setting the same again, as happens with each signal under churn,
    /// costs nothing.
    package func wake(at instant: ContinuousClock.Instant?, now: ContinuousClock.Instant) {
        armed.withLock { armed in
            guard armed?.instant != instant else { return }
            armed?.alarm.cancel()
            armed = instant.map { instant in
                let delay = max(now.duration(to: instant), .zero)
                return (instant, io.alarm(after: delay) { [weak self] in self?.ring(instant) })
            }
        }
    }

    private func ring(_ instant: ContinuousClock.Instant) {
        armed.withLock { if $0?.instant == instant { $0 = nil } }
        continuation.yield()
    }
}
