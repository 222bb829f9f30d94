/// When to connect, how long to wait after a failure: the pure half of a session.
package struct RedisSessionState: Equatable {
    package enum Phase: Equatable {
        /// `attempt` counts from 0 and starts again once a connection has proven itself.
        case connecting(attempt: Int)
        case ready(attempt: Int)
        case waiting(attempt: Int)
    }

    package enum Event: Equatable {
        case connected
        case failed
        /// The connection ended after it had lived for `after`.
        case lost(after: Duration)
        case waited
    }

    package enum Action: Equatable {
        case connect(attempt: Int)
        case wait(Duration)
        case hold
    }

    /// A connection that ends earlier counts as a failed attempt: a server that accepts and hangs up gets no storm.
    package static let provenAfter = Duration.seconds(5)
    package static let shortestWait = Duration.milliseconds(100)
    /// In the first minute an outage is likely a restart: the queue should be read within a moment of its end.
    package static let wait = Duration.seconds(2)
    /// With a master that others name: a failover should be over within a moment, and each attempt asks them again.
    package static let shortWait = Duration.milliseconds(500)
    /// About a minute at ``wait``.
    package static let attemptsBeforeLongWait = 36
    /// The same with ``shortWait``.
    package static let shortAttemptsBeforeLongWait = 144
    package static let longWait = Duration.seconds(10)

    package private(set) var phase = Phase.connecting(attempt: 0)

    private let wait: Duration
    private let longWait: Duration
    private let attemptsBeforeLongWait: Int

    /// For a server whose address was given.
    package init() {
        self.init(wait: Self.wait, longWait: Self.longWait, attemptsBeforeLongWait: Self.attemptsBeforeLongWait)
    }

    private init(wait: Duration, longWait: Duration, attemptsBeforeLongWait: Int) {
        self.wait = wait
        self.longWait = longWait
        self.attemptsBeforeLongWait = attemptsBeforeLongWait
    }

    /// For sentinels and the master that they name.
    package static let followed = RedisSessionState(
        wait: shortWait, longWait: wait, attemptsBeforeLongWait: shortAttemptsBeforeLongWait)

    /// - Parameter jitter: 0 to 1; the wait is shortened by up to half, so that clients don't return in step.
    package mutating func receive(_ event: Event, jitter: Double) -> Action {
        switch (phase, event) {
        case (.connecting(let attempt), .connected):
            phase = .ready(attempt: attempt)
            return .hold
        case (.connecting(let attempt), .failed):
            return backOff(attempt, jitter)
        case (.ready(let attempt), .lost(let lifetime)):
            return backOff(lifetime >= Self.provenAfter ? 0 : attempt, jitter)
        case (.waiting(let attempt), .waited):
            phase = .connecting(attempt: attempt + 1)
            return .connect(attempt: attempt + 1)
        case (.connecting, _), (.ready, _), (.waiting, _):
            return .hold
        }
    }

    private mutating func backOff(_ attempt: Int, _ jitter: Double) -> Action {
        phase = .waiting(attempt: attempt)
        return .wait(Self.wait(after: attempt, jitter: jitter, upTo: wait, longWait, attemptsBeforeLongWait))
    }

    /// How long to wait after the failed attempt of this number, counted from 0.
    package static func wait(after attempt: Int, jitter: Double) -> Duration {
        wait(after: attempt, jitter: jitter, upTo: wait, longWait, attemptsBeforeLongWait)
    }

    private static func wait(
        after attempt: Int, jitter: Double, upTo wait: Duration, _ longWait: Duration, _ attemptsBeforeLongWait: Int
    ) -> Duration {
        let doubled = shortestWait * (1 << min(attempt, 10))
        let full = attempt < attemptsBeforeLongWait ? min(doubled, wait) : longWait
        return full * (1 - min(max(jitter, 0), 1) / 2)
    }
}
