import ControllerRuntime
import HTTPTransport
import Logging
import RunPodSimulator
import Testing

@testable import MartletLab

/// A laboratory whose time stands still, on free ports, for as long as a test runs.
private func withRunPod(
    _ body: @Sendable ([RunPodAddress: String], CurlTransport) async throws -> Void
) async throws {
    var settings = RunPodWorld.Settings()
    settings.rateQuotas = []
    var world = RunPodWorld(seed: 1, at: SimulatedInstant(milliseconds: 1_790_000_000_000), settings: settings)
    world.addAccount("acme", key: "lab-key")
    let servers = RunPodServers(
        laboratory: RunPodLaboratory(world, speed: 0, time: SystemTime()), logger: Logger(label: "test"))
    let (ready, announce) = AsyncStream.makeStream(of: [RunPodAddress: String].self)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await servers.run(port: 0) { announce.yield($0) } }
        let bases = try #require(await ready.first { _ in true })
        let transport = CurlTransport()
        defer { servers.laboratory.end() }
        try await body(bases, transport)
    }
}

private func ask(
    _ transport: CurlTransport, _ method: HTTPMethod, _ url: String, _ body: WireJSON? = nil
) async throws -> (status: Int, json: WireJSON) {
    let request = HTTPRequest(
        method, url, headers: ["Authorization": "Bearer lab-key"], body: body?.bytes,
        timeouts: HTTPTimeouts(connect: .seconds(5), response: .seconds(20), idle: .seconds(20)))
    let response = try await transport.send(request)
    let bytes = try await response.body.collect(upTo: 1 << 20)
    return (response.status, WireJSON(parsing: bytes) ?? .null)
}

@Suite("The laboratory's RunPod over HTTP") struct RunPodServerTests {
    private static let draft: WireJSON = [
        "name": "llm", "type": "QUEUE", "image": "acme/llm:1", "gpu": ["pools": ["ADA_24"]],
        "workers": ["min": 1, "max": 1], "scaling": ["type": "QUEUE_DELAY", "queueDelay": 4],
    ]

    @Test("an endpoint lives, works and is billed in virtual time that the admin path moves", .timeLimit(.minutes(1)))
    func lifecycle() async throws {
        try await withRunPod { bases, transport in
            let control = try #require(bases[.control])
            let lab = try #require(bases[.lab])
            let created = try await ask(transport, .post, "\(control)/serverless", Self.draft)
            #expect(created.status == 201)
            let run = try #require(created.json["requestUrls"]?["run"]?.string)
            #expect(run.hasPrefix(bases[.jobs] ?? "none"))
            #expect(try await ask(transport, .post, "\(lab)/advance", ["seconds": 108]).status == 200)
            #expect(try await ask(transport, .get, "\(lab)/ledger").json["total"]?["seconds"] == 100)
            let job = try await ask(transport, .post, run, ["input": ["lab": ["seconds": 5]]])
            let status = run.replacing("/run", with: "/status/\(job.json["id"]?.string ?? "none")")
            #expect(try await ask(transport, .get, status).json["status"] == "IN_PROGRESS")
            #expect(try await ask(transport, .post, "\(lab)/advance", ["seconds": 5]).status == 200)
            #expect(try await ask(transport, .get, status).json["status"] == "COMPLETED")
            let id = created.json["id"]?.string ?? "none"
            #expect(try await ask(transport, .delete, "\(control)/serverless/\(id)").status == 204)
            #expect(try await ask(transport, .get, "\(lab)/endpoints").json["endpoints"] == [])
        }
    }

    @Test("a held request is answered when time moves on", .timeLimit(.minutes(1)))
    func longPoll() async throws {
        try await withRunPod { bases, transport in
            let created = try await ask(transport, .post, "\(bases[.control] ?? "")/serverless", Self.draft)
            let sync = created.json["requestUrls"]?["runSync"]?.string ?? ""
            async let held = ask(transport, .post, sync, ["input": ["a": 1]])
            let lab = bases[.lab] ?? ""
            // The job must be there before time moves, or it would wait for time that never comes.
            while try await ask(transport, .get, "\(lab)/endpoints").json["endpoints"]?.array?.first?["jobs"] != 1 {}
            #expect(try await ask(transport, .post, "\(lab)/advance", ["seconds": 60]).status == 200)
            #expect(try await held.json["status"] == "COMPLETED")
        }
    }

    @Test("faults reach the wire: a broken connection, a cut body, a host that is away", .timeLimit(.minutes(1)))
    func faults() async throws {
        try await withRunPod { bases, transport in
            let list = "\(bases[.control] ?? "")/serverless"
            let lab = bases[.lab] ?? ""
            let reset: WireJSON = ["match": ["operation": "createEndpoint"], "answer": "reset"]
            #expect(try await ask(transport, .post, "\(lab)/faults", reset).status == 201)
            await #expect(throws: HTTPError.self) { try await ask(transport, .post, list, Self.draft) }
            #expect(try await ask(transport, .get, list).json["endpoints"]?.array?.count == 1)

            let cut: WireJSON = ["answer": ["garbled": "truncated"]]
            #expect(try await ask(transport, .post, "\(lab)/faults", cut).status == 201)
            await #expect(throws: HTTPError.self) { try await ask(transport, .get, list) }

            #expect(try await ask(transport, .patch, "\(lab)/settings", ["hostsDown": ["control"]]).status == 200)
            var refused = false
            while !refused {
                do { _ = try await ask(transport, .get, list) } catch let error as HTTPError {
                    if case .connectFailed = error { refused = true }
                }
            }
            #expect(try await ask(transport, .patch, "\(lab)/settings", ["hostsDown": []]).status == 200)
            var answered = 0
            while answered != 200 { answered = (try? await ask(transport, .get, list).status) ?? 0 }
        }
    }
}
