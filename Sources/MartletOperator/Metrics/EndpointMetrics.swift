internal import CoreMetrics
internal import KubernetesModel

/// The gauges and counters of one endpoint; removed with it, so that a deleted object leaves no series behind.
final class EndpointMetrics: Sendable {
    private let waiting: Gauge
    private let inFlight: Gauge
    private let desired: Gauge
    private let current: Gauge
    private let busy: Gauge

    init(_ key: ObjectKey) {
        let name = [("namespace", key.namespace), ("name", key.name)]
        waiting = Gauge(label: "martlet_queue_tasks", dimensions: name + [("state", "waiting")])
        inFlight = Gauge(label: "martlet_queue_tasks", dimensions: name + [("state", "in_flight")])
        desired = Gauge(label: "martlet_workers_replicas", dimensions: name + [("state", "desired")])
        current = Gauge(label: "martlet_workers_replicas", dimensions: name + [("state", "current")])
        busy = Gauge(label: "martlet_workers_replicas", dimensions: name + [("state", "busy")])
    }

    /// Shows the figures of the last decision.
    func show(waiting: Int?, inFlight: Int?, desired: Int, current: Int, busy: Int) {
        if let waiting { self.waiting.record(waiting) }
        if let inFlight { self.inFlight.record(inFlight) }
        self.desired.record(desired)
        self.current.record(current)
        self.busy.record(busy)
    }

    /// Takes the series out of the exposition.
    func remove() {
        for gauge in [waiting, inFlight, desired, current, busy] { gauge.destroy() }
    }
}

/// What the scaler as a whole counts.
struct ScalerMetrics: Sendable {
    private let up = Counter(label: "martlet_scale_decisions_total", dimensions: [("direction", "up")])
    private let down = Counter(label: "martlet_scale_decisions_total", dimensions: [("direction", "down")])
    private let failures = Counter(label: "martlet_scale_failures_total")
    private let reaction = Timer(label: "martlet_queue_to_scale_seconds")

    /// Counts a scale write that the API server accepted.
    func scaled(from old: Int, to new: Int) {
        if new > old { up.increment() } else { down.increment() }
    }

    /// Counts a scale write that failed.
    func scaleFailed() { failures.increment() }

    /// Records the time from the push to the accepted write.
    func reacted(in duration: Duration) {
        let (seconds, attoseconds) = duration.components
        reaction.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
