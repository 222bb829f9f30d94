import Kubernetes
import Logging
import Metrics
import MetricsTestKit
import Synchronization
import Testing

@testable import ControllerRuntime

private struct Broken: Error, CustomStringConvertible {
    let description: String
}

/// Keeps what is logged at warning or above.
private struct KeepingHandler: LogHandler {
    let lines: Inbox<String>
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .warning

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        lines.put("\(event.message) \(event.metadata?["key"] ?? "") \(event.metadata?["error"] ?? "")")
    }
}

@Suite(.timeLimit(.minutes(1))) struct ControllerTests {
    private let time = ManualTime()
    private let metrics = TestMetrics()
    private let lines = Inbox<String>()
    private let queue: WorkQueue<String>

    init() {
        queue = WorkQueue(
            time: time, backoff: Backoff(first: .seconds(1), limit: .seconds(60)), random: HighestRandom())
    }

    private func controller(
        concurrency: Int = 1, _ reconcile: @escaping @Sendable (String) async throws -> ReconcileResult
    ) -> Controller<String> {
        let lines = lines
        return Controller(
            name: "test", queue: queue, concurrency: concurrency, time: time,
            logger: Logger(label: "test") { _ in KeepingHandler(lines: lines) }, metricsPrefix: "martlet",
            metricsFactory: metrics, reconcile: reconcile)
    }

    @Test func `a write withheld because another leads is no failure and waits for the lead`() async throws {
        let calls = Inbox<String>()
        let controller = controller { key in
            calls.put(key)
            throw KubernetesError(Operation(.patch, nil), .withheld)
        }
        queue.add("a")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await controller.run() }
            _ = try await calls.next()
            queue.add("b")
            #expect(try await calls.next() == "b")
            #expect(time.pendingSleeps.isEmpty, "a retry waits")
            group.cancelAll()
        }
        #expect(lines.rest.isEmpty)
    }

    @Test func `a failing key is retried with growing delays and its error is logged when it changes`() async throws {
        let errors = Mutex(["down", "down", "denied"])
        let calls = Inbox<String>()
        let controller = controller { key in
            calls.put(key)
            if let error = errors.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { throw Broken(description: error) }
            return .done
        }
        queue.add("a")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await controller.run() }
            for delay in [1, 2, 4] {
                #expect(try await calls.next() == "a")
                await until { time.pendingSleeps == [.seconds(delay)] }
                time.advance(by: .seconds(delay))
            }
            #expect(try await calls.next() == "a")
            queue.shutDown()
            try await group.waitForAll()
        }
        let said = "reconciliation failed, will be retried a"
        #expect(lines.rest == ["\(said) down", "\(said) denied"])
        #expect(try results("error") == 3)
        #expect(try results("done") == 1)
        #expect(try metrics.expectCounter("martlet_workqueue_retries_total", [("controller", "test")]).totalValue == 3)
        #expect(try metrics.expectTimer("martlet_reconcile_seconds", [("controller", "test")]).values.count == 4)
        #expect(try metrics.expectGauge("martlet_workqueue_depth", [("controller", "test")]).lastValue == 0)
    }

    private func results(_ result: String) throws -> Int64 {
        try metrics.expectCounter("martlet_reconcile_total", [("controller", "test"), ("result", result)]).totalValue
    }

    @Test func `a key that wants to be called again is, after that time`() async throws {
        let calls = Inbox<String>()
        let controller = controller { key in
            calls.put(key)
            return .again(after: .seconds(30))
        }
        queue.add("a")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await controller.run() }
            _ = try await calls.next()
            await until { time.pendingSleeps == [.seconds(30)] }
            time.advance(by: .seconds(30))
            _ = try await calls.next()
            queue.shutDown()
        }
        #expect(try results("again") == 2)
    }

    @Test func `as many keys as workers are under way at once, and never one key twice`() async throws {
        let started = Inbox<String>()
        let controller = controller(concurrency: 3) { [time] key in
            started.put(key)
            try await time.sleep(for: .seconds(3_600))
            return .done
        }
        for key in ["a", "b", "c", "d"] { queue.add(key) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await controller.run() }
            let first = try await started.next(3)
            #expect(Set(first) == ["a", "b", "c"])
            queue.add("a")
            #expect(started.rest.isEmpty)
            #expect(queue.depth == 1, "d waits for a worker, a for its own end")
            group.cancelAll()
        }
        #expect(started.rest.isEmpty)
    }

    @Test func `cancelling stops the reconciliations under way and counts none of them as failed`() async throws {
        let started = Inbox<String>()
        let controller = controller { [time] key in
            started.put(key)
            try await time.sleep(for: .seconds(3_600))
            return .done
        }
        queue.add("a")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await controller.run() }
            _ = try await started.next()
            group.cancelAll()
        }
        #expect(lines.rest.isEmpty)
        #expect(try results("error") == 0)
    }
}
