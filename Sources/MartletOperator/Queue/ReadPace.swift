/// How often the dirty keys of one connection are read again: at once after a pause, at most 20 times a second under
/// churn. A cell-rate meter (ITU-T I.371, GCRA): a few reads in a row are free, so that pushes to different queues
/// within a moment don't wait for each other.
struct ReadPace {
    typealias Instant = ContinuousClock.Instant

    static let interval = Duration.milliseconds(50)
    /// How many reads may follow each other without a pause.
    static let burst = 5

    /// When the reads so far are paid for.
    private var paidAt: Instant?

    /// When the next read is allowed; nil: now.
    var nextAt: Instant? { paidAt.map { $0 - Self.interval * (Self.burst - 1) } }

    func allows(_ now: Instant) -> Bool { nextAt.map { $0 <= now } ?? true }

    mutating func spend(_ now: Instant) { paidAt = max(paidAt ?? now, now) + Self.interval }
}
