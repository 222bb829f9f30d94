import Metrics

/// What a controller tells about its work.
struct ControllerMetrics: Sendable {
    let queue: WorkQueueMetrics
    private let done: Counter
    private let again: Counter
    private let error: Counter
    private let seconds: Metrics.Timer

    init(prefix: String, controller: String, factory: any MetricsFactory) {
        func results(_ result: String) -> Counter {
            Counter(
                label: "\(prefix)_reconcile_total", dimensions: [("controller", controller), ("result", result)],
                factory: factory)
        }
        done = results("done")
        again = results("again")
        error = results("error")
        seconds = Metrics.Timer(
            label: "\(prefix)_reconcile_seconds", dimensions: [("controller", controller)], factory: factory)
        queue = WorkQueueMetrics(prefix: prefix, controller: controller, factory: factory)
    }

    func countDone() { done.increment() }
    func countAgain() { again.increment() }
    func countError() { error.increment() }

    /// Timers take nanoseconds; the exporter turns them into the seconds of the name.
    func record(duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.seconds.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}

/// What a work queue tells about itself.
struct WorkQueueMetrics: Sendable {
    private let depth: Gauge
    private let retries: Counter

    init(prefix: String, controller: String, factory: any MetricsFactory) {
        let dimensions = [("controller", controller)]
        depth = Gauge(label: "\(prefix)_workqueue_depth", dimensions: dimensions, factory: factory)
        retries = Counter(label: "\(prefix)_workqueue_retries_total", dimensions: dimensions, factory: factory)
    }

    func record(depth: Int) { self.depth.record(depth) }
    func countRetry() { retries.increment() }
}
