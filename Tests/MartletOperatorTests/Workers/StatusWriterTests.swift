import ControllerRuntime
import KubernetesModel
import MartletAPI
import Testing

@testable import MartletOperator

private let key = ObjectKey(namespace: "dev", name: "w")
private let statusPath = "PATCH /apis/martlet.dev/v1alpha1/namespaces/dev/inferenceendpoints/w/status"

private func status(waiting: Int, replicas: Int = 1) -> InferenceEndpointStatus {
    InferenceEndpointStatus(
        workers: WorkersStatus(replicas: replicas), queue: QueueStatus(waiting: waiting, inFlight: 0, source: .push))
}

@Suite("Status writer", .timeLimit(.minutes(1))) struct StatusWriterTests {
    private let time = ManualTime()
    private let api = ScriptedAPI([statusPath: #"{"metadata":{"name":"w","namespace":"dev"},"spec":{}}"#])
    private var writes: [String] { api.bodies(of: statusPath) }

    private func running(
        decisionsWait: @escaping @Sendable () -> Bool = { false }, _ body: (StatusWriter) async throws -> Void
    ) async throws {
        let writer = StatusWriter(api.client(time), time: time, logger: .silent, decisionsWait: decisionsWait)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await writer.run() }
            try await body(writer)
            group.cancelAll()
        }
    }

    @Test("counts alone are written every five seconds at most, and then the newest")
    func paceOfCounts() async throws {
        try await running { writer in
            writer.submit(status(waiting: 1), for: key, observed: nil)
            await until { writes.count == 1 }
            for waiting in 2...50 { writer.submit(status(waiting: waiting), for: key, observed: nil) }
            await until { !time.pendingSleeps.isEmpty || writes.count > 1 }
            #expect(writes.count == 1)
            time.advance(by: .seconds(6))
            await until { writes.count == 2 }
            #expect(writes.last?.contains(#""waiting":50"#) == true)
        }
    }

    @Test("a changed replica count is written at once")
    func urgent() async throws {
        try await running { writer in
            writer.submit(status(waiting: 1), for: key, observed: nil)
            await until { writes.count == 1 }
            writer.submit(status(waiting: 1, replicas: 20), for: key, observed: nil)
            await until { writes.count == 2 }
            #expect(time.pendingSleeps.isEmpty)
        }
    }

    @Test("a status stands back while decisions wait, and not for ever")
    func standingBack() async throws {
        try await running(decisionsWait: { true }) { writer in
            writer.submit(status(waiting: 1), for: key, observed: nil)
            for _ in 0..<20 {
                await until { time.pendingSleeps == [.milliseconds(25)] }
                #expect(writes.isEmpty)
                time.advance(by: .milliseconds(25))
            }
            await until { writes.count == 1 }
        }
    }
}
