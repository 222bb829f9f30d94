import ControllerRuntime
import FoundationEssentials
import RunPodSimulator
import Synchronization

/// Time that passes only where somebody sleeps: for histories in which everything happens one after the other.
final class JumpTime: TimeSource {
    static let start = Date(timeIntervalSince1970: 1_800_000_000)
    private let elapsed = Mutex(Duration.zero)

    var now: Date {
        let (seconds, attoseconds) = elapsed.withLock { $0.components }
        return Self.start.addingTimeInterval(Double(seconds) + Double(attoseconds) / 1e18)
    }
    var uptime: MonotonicInstant { MonotonicInstant(sinceOrigin: elapsed.withLock { $0 }) }

    func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        pass(duration)
    }

    func pass(_ duration: Duration) { elapsed.withLock { $0 += max(.zero, duration) } }

    /// Moves on to `date` if it lies ahead.
    func move(to date: Date) { pass(.milliseconds(Int64((date.timeIntervalSince(now) * 1000).rounded(.up)))) }

    var simulated: SimulatedRunPod.Time {
        SimulatedRunPod.Time(
            now: { SimulatedInstant(self.now) }, sleep: { try await self.sleep(for: $0) })
    }
}
