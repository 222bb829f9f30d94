import FoundationEssentials
import Glibc
import KubernetesModel
import MartletAPI
import RedisTestSupport
import Testing

/// Where an application of a test writes its tasks, whatever leads there.
protocol RedisWriter {
    @discardableResult
    func send(_ words: [String]) throws -> RedisCommands.Reply
}

extension RedisCommands: RedisWriter {}

/// A way to keep tasks in Redis, as an application uses it.
struct QueueKind: Sendable {
    /// Also of the endpoint, of its target and of its key.
    var name: String
    /// The member of `spec.queue`.
    var source: JSONValue
    /// What is there before the first task.
    var prepare: [[String]] = []
    /// What puts task number `n`, counted from 1, where it counts.
    var add: @Sendable (_ n: Int) -> [[String]]
    /// What takes that many tasks out of the queue and of the workers' hands.
    var drain: @Sendable (_ count: Int) -> [[String]]
    /// Whether its tasks are in flight, not waiting.
    var isInFlight = false
    /// Tasks that are in the key and must not count.
    var uncounted: [[String]] = []

    static let all = [list, streamLag, streamLength, streamPending, sortedSet, delayed]

    static let list = QueueKind(
        name: "list", source: ["list": ["key": "list"]], add: { [["RPUSH", "list", "task-\($0)"]] },
        drain: { [["LPOP", "list", "\($0)"]] })

    /// KEDA's lagCount.
    static let streamLag = QueueKind(
        name: "stream-lag", source: ["stream": ["key": "stream-lag", "group": "workers"]],
        prepare: [["XGROUP", "CREATE", "stream-lag", "workers", "0", "MKSTREAM"]],
        add: { [["XADD", "stream-lag", "\($0)-1", "task", "t"]] },
        drain: { [take($0, from: "stream-lag"), acknowledge($0, of: "stream-lag")] })

    /// KEDA's streamLength.
    static let streamLength = QueueKind(
        name: "stream-length", source: ["stream": ["key": "stream-length"]],
        add: { [["XADD", "stream-length", "\($0)-1", "task", "t"]] },
        drain: { [["XDEL", "stream-length"] + (1...$0).map { "\($0)-1" }] })

    /// KEDA's pendingEntriesCount.
    static let streamPending = QueueKind(
        name: "stream-pending", source: ["stream": ["key": "stream-pending", "group": "workers"]],
        prepare: [["XGROUP", "CREATE", "stream-pending", "workers", "0", "MKSTREAM"]],
        add: { [["XADD", "stream-pending", "\($0)-1", "task", "t"], take(1, from: "stream-pending")] },
        drain: { [acknowledge($0, of: "stream-pending")] }, isInFlight: true)

    static let sortedSet = QueueKind(
        name: "sorted-set", source: ["sortedSet": ["key": "sorted-set"]],
        add: { [["ZADD", "sorted-set", "\($0)", "task-\($0)"]] },
        drain: { [["ZPOPMIN", "sorted-set", "\($0)"]] })

    /// With as many tasks that are not due for long as would be the maximum.
    static let delayed = QueueKind(
        name: "delayed", source: ["sortedSet": ["key": "delayed", "maxScore": "now"]],
        add: { [["ZADD", "delayed", "\($0)", "task-\($0)"]] },
        drain: { [["ZPOPMIN", "delayed", "\($0)"]] },
        uncounted: (1...100).map { ["ZADD", "delayed", "\(4_000_000_000 + $0)", "later-\($0)"] })

    private static func take(_ count: Int, from stream: String) -> [String] {
        ["XREADGROUP", "GROUP", "workers", "consumer", "COUNT", "\(count)", "STREAMS", stream, ">"]
    }

    private static func acknowledge(_ count: Int, of stream: String) -> [String] {
        ["XACK", stream, "workers"] + (1...count).map { "\($0)-1" }
    }
}

extension Scene {
    /// KEDA's end-to-end scenario for every kind of queue at once: fewer tasks than activate hold zero for a minute, many
    /// lead to the maximum, none to zero.
    ///
    /// - Parameters:
    ///   - redis: `spec.queue.redis` of the endpoints.
    ///   - application: where their tasks are written.
    func playActivation(of kinds: [QueueKind] = QueueKind.all, redis: JSONValue, by application: any RedisWriter)
        async throws
    {
        let activation = 4
        let most = 100
        for kind in kinds {
            for command in kind.prepare + kind.uncounted { try application.send(command) }
            try await createTarget(kind.name)
            let spec = Self.spec(port: 1, target: kind.name, kind.source).merged(
                with: ["queue": ["redis": redis, "activationTasks": .integer(Int64(activation))]])
            try await createEndpoint(kind.name, spec: spec)
        }
        for kind in kinds { try await waitUntilReady(kind.name) }

        for kind in kinds {
            for number in 1...activation { for command in kind.add(number) { try application.send(command) } }
        }
        // The tasks are seen, so that zero is a decision and no blindness.
        for kind in kinds {
            try await expectQueue(kind.isInFlight ? "0+\(activation)" : "\(activation)+0", of: kind.name)
        }
        let end = ContinuousClock.now + Self.holdTime
        while ContinuousClock.now < end {
            for kind in kinds { #expect(try await replicas(kind.name) == 0, "\(kind.name) left zero") }
            try await Task.sleep(for: .milliseconds(500))
        }
        // What might have come and gone in between.
        #expect(try await scaleWrites().map { $0.objectRef?.name } == [])

        for kind in kinds {
            for number in activation + 1...most { for command in kind.add(number) { try application.send(command) } }
        }
        for kind in kinds { try await expectReplicas(20, of: kind.name) }
        for kind in kinds { try await expectQueue(kind.isInFlight ? "0+\(most)" : "\(most)+0", of: kind.name) }

        for kind in kinds { for command in kind.drain(most) { try application.send(command) } }
        for kind in kinds { try await expectReplicas(0, of: kind.name) }
        for kind in kinds { try await expectQueue("0+0", of: kind.name) }
    }

    private func expectQueue(
        _ summary: String, of name: String, at location: SourceLocation = #_sourceLocation
    ) async throws {
        var last: QueueStatus?
        let reached = try await eventually(within: .seconds(30)) {
            last = try await endpoint(name).status?.queue
            return last?.summary == summary
        }
        if !reached {
            Issue.record("\(name): \(String(describing: last)) instead of \(summary)", sourceLocation: location)
        }
    }

    /// How long too few tasks are watched doing nothing, which KEDA's own tests do for a minute.
    private static var holdTime: Duration {
        .seconds(getenv("MARTLET_TEST_HOLD_SECONDS").flatMap { Int(String(cString: $0)) } ?? 60)
    }
}
