import HTTPTransport
import RunPodSimulator
import Synchronization
import Testing

/// Time that moves when somebody sleeps: enough for one caller.
final class JumpingTime: Sendable {
    let now = Mutex(Bench.start)

    var time: SimulatedRunPod.Time {
        SimulatedRunPod.Time(
            now: { self.now.withLock { $0 } },
            sleep: { duration in
                try Task.checkCancellation()
                self.now.withLock { $0 = $0 + duration }
            })
    }

    func elapsed() -> Duration { now.withLock { $0 - Bench.start } }
}

@Suite("RunPod as a transport") struct TransportTests {
    private let time = JumpingTime()
    private let runPod: SimulatedRunPod

    init() { runPod = SimulatedRunPod(Bench().world, time: time.time) }

    private func request(_ method: HTTPMethod, _ url: String, _ body: WireJSON? = nil) -> HTTPRequest {
        HTTPRequest(
            method, url, headers: ["Authorization": "Bearer \(Bench.key)"], body: body?.bytes,
            timeouts: HTTPTimeouts(response: .seconds(30)))
    }

    private func create() async throws -> RunPodWorld.EndpointID {
        let response = try await runPod.send(
            request(.post, "https://api.runpod.io/v2/serverless", Bench.draft(["workers": ["min": 1, "max": 1]])))
        let body = WireJSON(parsing: try await response.body.collect(upTo: 1 << 20))
        return RunPodWorld.EndpointID(body?["id"]?.string ?? "none")
    }

    @Test("requests reach the world under both hosts, others do not resolve")
    func hosts() async throws {
        let id = try await create()
        let health = try await runPod.send(request(.get, "https://api.runpod.ai/v2/\(id)/health"))
        #expect(health.status == 200)
        #expect(runPod.withWorld { $0.endpoints.map(\.id) } == [id])
        await #expect(throws: HTTPError.connectFailed("could not resolve host")) {
            try await runPod.send(request(.get, "https://rest.runpod.io/v1/endpoints"))
        }
    }

    @Test("a silent answer ends at the caller's limit, a reset at once, a refusal before anything was sent")
    func failures() async throws {
        runPod.withWorld { world in
            world.inject(.init(.create, answer: .lost(.silence)))
            world.inject(.init(.create, answer: .lost(.reset)))
            world.inject(.init(.create, answer: .refused))
        }
        let post = request(.post, "https://api.runpod.io/v2/serverless", Bench.draft())
        await #expect(throws: HTTPError.timedOut("no response within the limit")) { try await runPod.send(post) }
        #expect(time.elapsed() == .seconds(30))
        await #expect(throws: HTTPError.connectionLost("connection reset by peer")) { try await runPod.send(post) }
        await #expect(throws: HTTPError.connectFailed("connection refused")) { try await runPod.send(post) }
        #expect(runPod.withWorld { $0.endpoints.count } == 2)
    }

    @Test("a request that may not begin never arrives")
    func withheld() async throws {
        var post = request(.post, "https://api.runpod.io/v2/serverless", Bench.draft())
        post.mayBegin = { false }
        await #expect(throws: HTTPError.withheld) { try await runPod.send(post) }
        #expect(runPod.withWorld { $0.calls.isEmpty })
    }

    @Test("a damaged body breaks, drips or lies")
    func garbled() async throws {
        _ = try await create()
        let get = request(.get, "https://api.runpod.io/v2/serverless")
        runPod.withWorld { world in
            for how: RunPodWorld.Garbling in [.truncated, .slow(.seconds(5)), .html, .empty, .halfJSON] {
                world.inject(.init(.list, answer: .garbled(how)))
            }
        }
        let cut = try await runPod.send(get)
        await #expect(throws: HTTPError.connectionLost("the body ended early")) {
            try await cut.body.collect(upTo: 1 << 20)
        }
        var slow = get
        slow.timeouts.idle = .seconds(3)
        let dripping = try await runPod.send(slow)
        await #expect(throws: HTTPError.timedOut("no further byte within the limit")) {
            try await dripping.body.collect(upTo: 1 << 20)
        }
        #expect(try await runPod.send(get).status == 502)
        #expect(try await runPod.send(get).body.collect(upTo: 1 << 20).isEmpty)
        let half = try await runPod.send(get).body.collect(upTo: 1 << 20)
        #expect(!half.isEmpty && WireJSON(parsing: half) == nil)
    }

    @Test("runsync is held until its job is done, and no longer than asked")
    func longPoll() async throws {
        let id = try await create()
        let url = "https://api.runpod.ai/v2/\(id)/runsync"
        let done = try await runPod.send(request(.post, url, ["input": ["lab": ["seconds": 2]]]))
        let job = WireJSON(parsing: try await done.body.collect(upTo: 1 << 20))
        #expect(job?["status"] == "COMPLETED")
        #expect(time.elapsed() == .seconds(13))
        let held = try await runPod.send(request(.post, url + "?wait=1000", ["input": ["lab": ["seconds": 20]]]))
        let running = WireJSON(parsing: try await held.body.collect(upTo: 1 << 20))
        #expect(running?["status"] == "IN_PROGRESS")
        #expect(time.elapsed() == .seconds(14))
        await #expect(throws: HTTPError.timedOut("no response within the limit")) {
            try await runPod.send(request(.post, url, ["input": ["lab": ["seconds": 90]]]))
        }
    }
}
