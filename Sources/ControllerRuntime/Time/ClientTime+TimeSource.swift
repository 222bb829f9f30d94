public import Kubernetes

extension ClientTime {
    /// The client's clock, taken from the one that everything else has.
    public init(_ time: any TimeSource) {
        self.init(now: { time.uptime.sinceOrigin }, sleep: { try await time.sleep(for: $0) })
    }
}
