import Kubernetes
import Synchronization

/// Whether this process leads.
public enum Leadership: Sendable, Equatable {
    /// Another one does, or nobody: observe, decide, write nothing.
    case standby
    /// `term` differs each time that the lead was taken, so that what was remembered before can be told apart.
    case leading(term: Int)
}

/// The permit of one that holds a Lease: good from each renewal for the renew deadline, by a clock that counts the time
/// in which the machine sleeps. It runs out by itself, whatever the rest of the process does.
final class WriteLicence: WritePermit {
    private struct State {
        var validUntil: MonotonicInstant?
        var term = 0
        /// Writes between their question and their answer.
        var underWay = 0
    }

    private let timing: LeaseTiming
    private let time: any TimeSource
    private let state = Mutex(State())
    private let quiet = Bell()

    init(timing: LeaseTiming, time: any TimeSource) {
        self.timing = timing
        self.time = time
    }

    var leadership: Leadership {
        let now = time.uptime
        return state.withLock { state in
            guard let end = state.validUntil, now < end else { return .standby }
            return .leading(term: state.term)
        }
    }

    /// Sets until when writes may begin; nil: none may, from this instant. After any gap a new term begins, even if nobody
    /// else led meanwhile: what was withheld in the gap must be looked at again.
    func extend(until end: MonotonicInstant?) {
        state.withLock { state in
            let isGap = state.validUntil.map { $0 <= time.uptime } ?? true
            if isGap, end != nil { state.term += 1 }
            state.validUntil = end
        }
    }

    /// Waits until no write is under way; false if some are after `patience`. Throws only `CancellationError`.
    func drain(within patience: Duration) async throws -> Bool {
        let deadline = time.uptime.advanced(by: patience)
        while state.withLock({ $0.underWay > 0 }) {
            let left = time.uptime.duration(to: deadline)
            guard left > .zero else { return false }
            try await quiet.wait(atMost: left, on: time)
        }
        return true
    }

    // MARK: WritePermit

    var allowance: Duration? {
        let now = time.uptime
        guard let end = state.withLock({ $0.validUntil }), now < end else { return nil }
        let rest = timing.duration - timing.renewDeadline - LeaseTiming.margin
        return now.duration(to: end) + rest
    }

    func began() { state.withLock { $0.underWay += 1 } }

    func ended() {
        let isQuiet = state.withLock { state in
            state.underWay -= 1
            return state.underWay == 0
        }
        if isQuiet { quiet.ring() }
    }
}
