internal import Kubernetes
public import Logging
public import Metrics

/// What a reconciliation that did not fail wants next.
public enum ReconcileResult: Sendable, Equatable {
    /// Nothing, until the key is added again.
    case done
    /// To be called again after that time, or earlier if the key is added.
    case again(after: Duration)
}

/// Calls `reconcile` for every key of a queue, several keys at a time, never one key twice at a time.
///
/// A reconciliation that throws is called again with growing delays; its error is logged when it is a new one for the
/// key. A write that was withheld because another process leads (`KubernetesError.isWithheld`) is no failure and is not
/// tried again: whoever takes the lead adds every key. Errors must not hold secrets: their description goes to the log. Metrics, under `metricsPrefix`:
/// `_reconcile_total{controller,result}` (result: done, again, error), `_reconcile_seconds{controller}`,
/// `_workqueue_depth{controller}`, `_workqueue_retries_total{controller}`.
public struct Controller<Key: Hashable & Sendable>: Sendable {
    private let name: String
    private let queue: WorkQueue<Key>
    private let concurrency: Int
    private let time: any TimeSource
    private let logger: Logger
    private let metrics: ControllerMetrics
    private let reconcile: @Sendable (Key) async throws -> ReconcileResult

    /// A controller that works on up to `concurrency` keys at once; `name` marks its logs and metrics.
    ///
    /// A queue belongs to one controller.
    public init(
        name: String, queue: WorkQueue<Key>, concurrency: Int = 4, time: any TimeSource = SystemTime(),
        logger: Logger = Logger(label: "controller"), metricsPrefix: String = "controller",
        metricsFactory: any MetricsFactory = MetricsSystem.factory,
        reconcile: @escaping @Sendable (Key) async throws -> ReconcileResult
    ) {
        precondition(concurrency > 0, "a controller needs a worker")
        self.name = name
        self.queue = queue
        self.concurrency = concurrency
        self.time = time
        self.logger = logger
        self.metrics = ControllerMetrics(prefix: metricsPrefix, controller: name, factory: metricsFactory)
        self.reconcile = reconcile
        queue.report(to: metrics.queue)
    }

    /// Works until the task is cancelled, or the queue is shut down and drained.
    ///
    /// Cancellation reaches the reconciliations that run, and this returns when they have.
    public func run() async {
        let failures = FailureLog<Key>(logger: logger, controller: name)
        await withTaskGroup { group in
            group.addTask { await queue.run() }
            for _ in 0..<concurrency {
                group.addTask {
                    while let key = await queue.next() { await work(on: key, failures) }
                }
            }
        }
    }

    private func work(on key: Key, _ failures: FailureLog<Key>) async {
        let start = time.uptime
        defer {
            metrics.record(duration: start.duration(to: time.uptime))
            queue.done(key)
        }
        do {
            let result = try await reconcile(key)
            failures.succeeded(key)
            queue.forget(key)
            switch result {
            case .done: metrics.countDone()
            case .again(let delay):
                metrics.countAgain()
                queue.add(key, after: delay)
            }
        } catch {
            // The controller is being stopped: what a cancelled call throws is no failure of the object.
            if Task.isCancelled { return }
            if (error as? KubernetesError)?.isWithheld == true {
                metrics.countDone()
                queue.forget(key)
                return
            }
            metrics.countError()
            failures.failed(key, with: error)
            queue.retry(key)
        }
    }
}
