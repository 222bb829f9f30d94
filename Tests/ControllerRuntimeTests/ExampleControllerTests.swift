import FoundationEssentials
import Kubernetes
import Testing

@testable import ControllerRuntime

@Suite(.timeLimit(.minutes(1))) struct ExampleControllerTests {
    @Test func `the documented controller is the compiled one, in less than 60 lines`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let source = try String(contentsOf: folder.appending(path: "ExampleController.swift"), encoding: .utf8)
        let page = try String(
            contentsOf: folder.deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "docs/writing-a-controller.md"), encoding: .utf8)
        #expect(page.contains("```swift\n\(source)```\n"))
        #expect(source.split(separator: "\n", omittingEmptySubsequences: false).count - 1 < 60)
    }

    @Test func `it labels a Namespace that has no label and says so, and leaves the others alone`() async throws {
        let (time, server) = (ManualTime(), ScriptedServer())
        func namespace(_ name: String, version: Int, labels: String = "{}") -> String {
            #"{"metadata":{"name":"\#(name)","uid":"\#(name)","resourceVersion":"\#(version)","labels":\#(labels)}}"#
        }
        let labelled = #"{"example.com/cost-centre":"unassigned"}"#
        server.expect("GET /api/v1/namespaces", page([namespace("old", version: 1, labels: labelled)], version: 5))
        let stream = WatchScript()
        server.expect("WATCH /api/v1/namespaces?resourceVersion=5", .stream(stream))
        server.expect("PATCH /api/v1/namespaces/new", .json(namespace("new", version: 7, labels: labelled)))
        let event = #"{"metadata":{"name":"e"},"involvedObject":{}}"#
        server.expect("POST /api/v1/namespaces/default/events", .json(event, status: 201))
        let controller = CostCentreController(client: server.client(time), time: time)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await controller.run() }
            _ = try await server.requests.next(2)
            stream.send("ADDED", namespace("new", version: 6))
            let bodies = try await server.bodies.next(2)
            #expect(bodies[0] == #"{"metadata":{"labels":{"example.com/cost-centre":"unassigned"}}}"#)
            #expect(bodies[1].contains(#""reason":"Labelled""#))
            group.cancelAll()
            await #expect(throws: CancellationError.self) { try await group.waitForAll() }
        }
    }
}
