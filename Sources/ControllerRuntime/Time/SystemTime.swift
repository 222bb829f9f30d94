public import FoundationEssentials

/// The machine's own clocks.
public struct SystemTime: TimeSource {
    private static let origin = ContinuousClock.now

    /// All values are alike and share their origin.
    public init() {}

    /// The system's wall clock.
    public var now: Date { Date() }

    /// Counts from the first use in this process.
    public var uptime: MonotonicInstant {
        MonotonicInstant(sinceOrigin: Self.origin.duration(to: .now))
    }

    /// Sleeps on the clock that counts suspended time.
    public func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        guard duration > .zero else { return }
        try await Task.sleep(for: duration, clock: .continuous)
    }
}
