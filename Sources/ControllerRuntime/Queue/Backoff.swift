/// How long to wait after the n-th failure in a row: doubling, bounded, and spread so that many don't return at once.
public struct Backoff: Sendable, Equatable {
    /// The upper bound of the first wait.
    public var first: Duration
    /// The upper bound of every wait.
    public var limit: Duration

    /// Doubles from `first` to `limit`.
    public init(first: Duration, limit: Duration) {
        self.first = first
        self.limit = limit
    }

    /// For requests to an API server: from the length of a round trip to what a person still waits for.
    public static let requests = Backoff(first: .milliseconds(100), limit: .seconds(30))
    /// For an object whose reconciliation fails: quick at first for conflicts, slow for what only a person can mend.
    public static let reconciliation = Backoff(first: .milliseconds(50), limit: .seconds(300))

    /// The wait after `failures` failures in a row, at least one: between half of the bound and the bound.
    public func delay(afterFailures failures: Int, using random: inout some RandomNumberGenerator) -> Duration {
        let bound = bound(afterFailures: failures)
        return bound * Double.random(in: 0.5...1, using: &random)
    }

    /// The longest that `delay(afterFailures:using:)` can answer.
    public func bound(afterFailures failures: Int) -> Duration {
        // 2^40 of any first wait is past any limit; more doublings would only overflow.
        let doublings = min(max(failures - 1, 0), 40)
        return min(first * Double(1 << doublings), limit)
    }
}
