/// When the owner thread must look at its handles again; confined to that thread.
///
/// It knows a bound only: bytes that arrive move a deadline away without a word, so that a busy watch costs nothing here.
final class TransferDeadlines {
    /// No deadline of any handle is earlier.
    var earliest: ContinuousClock.Instant?

    /// A handle has a deadline that it had not before.
    func note(_ deadline: ContinuousClock.Instant?) {
        guard let deadline else { return }
        earliest = earliest.map { min($0, deadline) } ?? deadline
    }

    func mayBeDue(now: ContinuousClock.Instant) -> Bool { earliest.map { $0 <= now } ?? false }
}
