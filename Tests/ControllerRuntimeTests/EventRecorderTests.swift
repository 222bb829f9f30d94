import HTTPTransport
import Kubernetes
import KubernetesModel
import Logging
import Testing

@testable import ControllerRuntime

@Suite(.timeLimit(.minutes(1))) struct EventRecorderTests {
    private let time = ManualTime()
    private let server = ScriptedServer()
    private let path = "/api/v1/namespaces/ns/events"

    private func recorder() -> EventRecorder {
        EventRecorder(
            server.client(time).resources(), component: "martlet", instance: "pod-1", time: time,
            random: HighestRandom(), logger: .silent)
    }

    private var object: ConfigMap {
        var metadata = ObjectMeta(name: "a", namespace: "ns")
        metadata.uid = "u"
        return ConfigMap(metadata: metadata)
    }

    private func name(of recorder: EventRecorder, _ message: String, occurrence: String? = nil) -> String {
        let about = ObjectReference(apiVersion: "v1", kind: "ConfigMap", namespace: "ns", name: "a", uid: "u")
        return EventDraft(type: .normal, reason: "Scaled", message: message, about: about, occurrence: occurrence).key
            .name
    }

    private func running(_ recorder: EventRecorder, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await recorder.run() }
            try await body()
            group.cancelAll()
        }
    }

    /// The event as the server answers it.
    private func stored(count: Int) -> ScriptedServer.Reply {
        .json(#"{"metadata":{"name":"e","namespace":"ns"},"involvedObject":{},"count":\#(count)}"#)
    }

    @Test func `an event says what, about which object, when and by whom`() async throws {
        let recorder = recorder()
        server.expect("POST \(path)", stored(count: 1))
        recorder.record(.normal, reason: "Scaled", message: "0 to 20", about: object, occurrence: "7")
        try await running(recorder) {
            let body = try await server.bodies.next()
            #expect(
                body == """
                    {"apiVersion":"v1","count":1,"firstTimestamp":"2027-01-15T08:00:00Z","involvedObject":{"apiVersion":"v1",\
                    "kind":"ConfigMap","name":"a","namespace":"ns","uid":"u"},"kind":"Event",\
                    "lastTimestamp":"2027-01-15T08:00:00Z","message":"0 to 20","metadata":{"name":"\
                    \(name(of: recorder, "0 to 20", occurrence: "7"))","namespace":"ns"},"reason":"Scaled",\
                    "reportingComponent":"martlet","reportingInstance":"pod-1","source":{"component":"martlet",\
                    "host":"pod-1"},"type":"Normal"}
                    """)
        }
    }

    @Test func `told again after a restart, the same occurrence makes no second event`() async throws {
        let (before, after) = (recorder(), recorder())
        server.expect("POST \(path)", stored(count: 1))
        server.expect("POST \(path)", .status(409, reason: "AlreadyExists"))
        var names: [String] = []
        for recorder in [before, after] {
            recorder.record(.normal, reason: "Scaled", message: "0 to 20", about: object, occurrence: "7")
            try await running(recorder) {
                let body = try await server.bodies.next()
                names.append(String(body.split(separator: #""metadata":{"name":""#)[1].prefix { $0 != "\"" }))
                // Nothing more is to be done: the same again is known.
                recorder.record(.normal, reason: "Scaled", message: "0 to 20", about: object, occurrence: "7")
            }
        }
        #expect(names.count == 2 && names[0] == names[1])
    }

    @Test func `repeats are added to the count once in five minutes`() async throws {
        let recorder = recorder()
        server.expect("POST \(path)", stored(count: 1))
        let event = "\(path)/\(name(of: recorder, "again"))"
        server.expect("PATCH \(event)", stored(count: 4))
        recorder.record(.normal, reason: "Scaled", message: "again", about: object)
        try await running(recorder) {
            _ = try await server.bodies.next()
            await until { recorder.isAtRest }
            for _ in 0..<3 { recorder.record(.normal, reason: "Scaled", message: "again", about: object) }
            await until { time.pendingSleeps == [.seconds(300)] }
            time.advance(by: .seconds(300))
            let patch = try await server.bodies.next()
            #expect(patch == #"{"count":4,"lastTimestamp":"2027-01-15T08:00:00Z"}"#)
        }
    }

    @Test func `an unreachable server delays no caller and loses no event`() async throws {
        let recorder = recorder()
        server.expect("POST \(path)", .failure(.connectFailed("refused")))
        server.expect("POST \(path)", .status(500, reason: "InternalError"))
        server.expect("POST \(path)", stored(count: 1))
        server.expect("POST \(path)", stored(count: 1))
        recorder.record(.warning, reason: "Failed", message: "first", about: object)
        try await running(recorder) {
            await until { time.pendingSleeps == [.milliseconds(100)] }
            recorder.record(.warning, reason: "Failed", message: "second", about: object)
            time.advance(by: .milliseconds(100))
            await until { time.pendingSleeps == [.milliseconds(200)] }
            time.advance(by: .milliseconds(200))
            let bodies = try await server.bodies.next(4)
            #expect(bodies.map { $0.contains("second") } == [false, false, true, false], "500: the next one first")
        }
    }

    @Test func `an event that the server refuses for good is dropped and the next one written`() async throws {
        let recorder = recorder()
        server.expect("POST \(path)", .status(403, reason: "Forbidden"))
        server.expect("POST \(path)", stored(count: 1))
        recorder.record(.normal, reason: "Scaled", message: "first", about: object)
        recorder.record(.normal, reason: "Scaled", message: "second", about: object)
        try await running(recorder) {
            let bodies = try await server.bodies.next(2)
            #expect(bodies.map { $0.contains("second") } == [false, true])
        }
    }
}
