/// The clock and the dice of the client, passed in so that tests need neither.
package struct RunPodTime: Sendable {
    /// Time since some fixed instant; never goes back.
    package var now: @Sendable () -> Duration
    /// Waits; throws `CancellationError` when cancelled.
    package var sleep: @Sendable (Duration) async throws -> Void
    /// From 0 up to but not 1, for waits that must not coincide.
    package var random: @Sendable () -> Double

    /// A clock of the caller's making.
    package init(
        now: @escaping @Sendable () -> Duration, sleep: @escaping @Sendable (Duration) async throws -> Void,
        random: @escaping @Sendable () -> Double
    ) {
        self.now = now
        self.sleep = sleep
        self.random = random
    }

    /// The machine's monotonic clock, and its random numbers.
    package static let system = {
        let start = ContinuousClock.now
        return RunPodTime(
            now: { ContinuousClock.now - start }, sleep: { try await ContinuousClock().sleep(for: $0) },
            random: { Double.random(in: 0..<1) })
    }()
}
