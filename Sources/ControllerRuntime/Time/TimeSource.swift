public import FoundationEssentials

/// Where a component takes its time from, so that tests run weeks in milliseconds.
///
/// Everything in this module that waits or reads a clock does it through one of these.
public protocol TimeSource: Sendable {
    /// Wall-clock time, for what people and other machines read: timestamps, schedules. It may jump.
    var now: Date { get }
    /// Time that never jumps and counts while the machine is suspended, for measuring and for deadlines.
    var uptime: MonotonicInstant { get }
    /// Suspends for `duration`, not at all if it is zero or negative.
    ///
    /// Throws `CancellationError`, and nothing else, as soon as the task is cancelled.
    func sleep(for duration: Duration) async throws
}

/// A point on a monotonic clock. Only points of the same `TimeSource` can be compared.
public struct MonotonicInstant: InstantProtocol, Hashable, Sendable {
    /// Time since an arbitrary origin that the source chose.
    public let sinceOrigin: Duration

    /// The point that lies `sinceOrigin` behind the source's origin.
    public init(sinceOrigin: Duration) { self.sinceOrigin = sinceOrigin }

    /// The point `duration` later; earlier if it is negative.
    public func advanced(by duration: Duration) -> MonotonicInstant {
        MonotonicInstant(sinceOrigin: sinceOrigin + duration)
    }

    /// How long after this point `other` lies.
    public func duration(to other: MonotonicInstant) -> Duration { other.sinceOrigin - sinceOrigin }

    /// The earlier point is the smaller.
    public static func < (left: MonotonicInstant, right: MonotonicInstant) -> Bool {
        left.sinceOrigin < right.sinceOrigin
    }
}
