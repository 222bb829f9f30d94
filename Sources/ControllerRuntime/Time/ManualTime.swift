public import FoundationEssentials
import Synchronization

/// Simulated time that stands still until it is told to move: for tests.
///
/// Wall clock and monotonic clock move together. `advance(by:)` wakes sleepers in the order of their deadlines; it does
/// not wait for what they do next, `waitForSleepers(_:)` does.
public final class ManualTime: TimeSource {
    private struct Sleeper {
        let id: Int
        let deadline: Duration
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct Observer {
        let count: Int
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var elapsed: Duration = .zero
        var nextID = 0
        /// In the order in which they wake; equal deadlines in the order of arrival.
        var sleepers: [Sleeper] = []
        var observers: [Observer] = []
    }

    private let start: Date
    private let state = Mutex(State())

    /// Time that stands at `start`.
    public init(startingAt start: Date = Date(timeIntervalSince1970: 1_800_000_000)) { self.start = start }

    /// `start` plus what it was advanced by.
    public var now: Date {
        let (seconds, attoseconds) = state.withLock { $0.elapsed.components }
        return start.addingTimeInterval(Double(seconds) + Double(attoseconds) / 1e18)
    }

    /// What it was advanced by.
    public var uptime: MonotonicInstant { MonotonicInstant(sinceOrigin: state.withLock { $0.elapsed }) }

    /// How long each sleeper still sleeps, the next to wake first.
    public var pendingSleeps: [Duration] {
        state.withLock { state in state.sleepers.map { $0.deadline - state.elapsed } }
    }

    /// Suspends until time was advanced by `duration` in all.
    public func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        guard duration > .zero else { return }
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                add(id: id, sleepingFor: duration, continuation)
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                state.sleepers.firstIndex { $0.id == id }.map { state.sleepers.remove(at: $0) }
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Moves time on, waking each sleeper whose time has come, in order. While one is woken, time stands at its deadline.
    public func advance(by duration: Duration) {
        let target = state.withLock { $0.elapsed + duration }
        while let sleeper = nextSleeper(until: target) { sleeper.continuation.resume() }
        state.withLock { $0.elapsed = max($0.elapsed, target) }
    }

    /// Waits until at least one task sleeps, then moves time to the earliest deadline. Returns the length of the step.
    @discardableResult
    public func advanceToNextWake() async -> Duration {
        await waitForSleepers(1)
        guard let step = pendingSleeps.first else { return .zero }
        advance(by: step)
        return step
    }

    /// Suspends until at least `count` tasks sleep at once: the way to know that the code under test has come to rest.
    public func waitForSleepers(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThereAlready = state.withLock { state in
                if state.sleepers.count >= count { return true }
                state.observers.append(Observer(count: count, continuation: continuation))
                return false
            }
            if isThereAlready { continuation.resume() }
        }
    }

    private func add(id: Int, sleepingFor duration: Duration, _ continuation: CheckedContinuation<Void, any Error>) {
        let met: [Observer]? = state.withLock { state in
            // Cancelled before it lay down: the cancellation handler has run and found nobody to wake.
            if Task.isCancelled { return nil }
            let sleeper = Sleeper(id: id, deadline: state.elapsed + duration, continuation: continuation)
            let place = state.sleepers.firstIndex { $0.deadline > sleeper.deadline } ?? state.sleepers.endIndex
            state.sleepers.insert(sleeper, at: place)
            let met = state.observers.filter { $0.count <= state.sleepers.count }
            state.observers.removeAll { $0.count <= state.sleepers.count }
            return met
        }
        guard let met else { return continuation.resume(throwing: CancellationError()) }
        for observer in met { observer.continuation.resume() }
    }

    private func nextSleeper(until target: Duration) -> Sleeper? {
        state.withLock { state in
            guard let first = state.sleepers.first, first.deadline <= target else { return nil }
            state.elapsed = max(state.elapsed, first.deadline)
            return state.sleepers.removeFirst()
        }
    }
}
