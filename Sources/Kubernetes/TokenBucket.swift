internal import Synchronization

/// A fair rate limit: whoever asks first goes first. Giving up gives the place back.
final class TokenBucket: Sendable {
    private let rate: Double
    private let burst: Double
    private let time: ClientTime
    private let state: Mutex<State>

    private struct State {
        /// Below zero when requests have been promised that may not go yet.
        var tokens: Double
        var updated: Duration
    }

    /// `perSecond` 0 or less: no limit.
    init(perSecond rate: Double, burst: Int, time: ClientTime) {
        self.rate = rate
        self.burst = Double(max(1, burst))
        self.time = time
        state = Mutex(State(tokens: Double(max(1, burst)), updated: time.now()))
    }

    /// Waits for a turn. Throws `CancellationError` when cancelled meanwhile.
    func take() async throws {
        guard rate > 0 else { return }
        let wait = reserve()
        guard wait > .zero else { return }
        do { try await time.sleep(wait) } catch {
            state.withLock { $0.tokens = min(burst, $0.tokens + 1) }
            throw error
        }
    }

    private func reserve() -> Duration {
        let now = time.now()
        return state.withLock { state in
            let elapsed = (now - state.updated) / .seconds(1)
            state.tokens = min(burst, state.tokens + max(0, elapsed) * rate) - 1
            state.updated = now
            return state.tokens >= 0 ? .zero : .seconds(-state.tokens / rate)
        }
    }
}
