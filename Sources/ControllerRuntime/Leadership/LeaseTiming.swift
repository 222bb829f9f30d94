/// How long a Lease lasts and how its holder keeps it. The defaults are those of Kubernetes' own components.
public struct LeaseTiming: Sendable, Equatable {
    /// How long others wait after the last sign of the holder. Whole seconds: the Lease says it to them.
    public let duration: Duration
    /// How long after the start of its last successful renewal the holder still begins writes. The rest of `duration` is
    /// for those on their way, and for clocks that run at different speeds.
    public let renewDeadline: Duration
    /// Between two renewals, and between two tries after a failure; spread by a tenth.
    public let retryPeriod: Duration

    /// A write is given up by so much before others may take the Lease.
    static let margin = Duration.seconds(1)
    /// Between a conflict and the next try: whoever was faster is heard first, and nothing spins.
    static let conflictPause = Duration.milliseconds(200)
    /// Candidates that see the same Lease expire don't all reach for it at once.
    static let expirySpread = Duration.milliseconds(500)

    /// 15 s, of which the holder uses 10 s, with a renewal each 2 s.
    public static let standard = LeaseTiming(
        duration: .seconds(15), renewDeadline: .seconds(10), retryPeriod: .seconds(2))

    /// Each must be well below the one before it.
    public init(duration: Duration, renewDeadline: Duration, retryPeriod: Duration) {
        precondition(duration > renewDeadline + Self.margin, "no time is left for writes on their way")
        precondition(renewDeadline > retryPeriod * 2, "one lost renewal would cost the Lease")
        precondition(retryPeriod > .zero)
        self.duration = duration
        self.renewDeadline = renewDeadline
        self.retryPeriod = retryPeriod
    }

    /// A request for the Lease that takes longer is given up: on a dead connection there must be time for another.
    var requestTimeout: Duration { renewDeadline / 2 }
}
