import HTTPTransport
import Testing

@testable import RunPod

private let path = "io/serverless/4m7x2k9q"

@Suite struct RepeatTests {
    @Test(
        "a read is repeated after what may pass, up to three attempts",
        arguments: [
            ScriptedTransport.Reply.problem(500, "x"), .problem(503, "x"), .failure(.connectFailed("x")),
            .failure(.timedOut("x")), .failure(.connectionLost("x")), .json(200, "{"), .bytes(200, [], headers: [:]),
            .json(200, "<html>", headers: ["Content-Type": "text/html; charset=utf-8"]),
            .cut(200, "{\"id\":", .connectionLost("cut")), .cut(200, "{", .timedOut("silence")),
        ])
    func passing(reply: ScriptedTransport.Reply) async throws {
        let clock = ManualClock()
        let transport = ScriptedTransport([
            .init(.get, path, reply), .init(.get, path, reply), .init(.get, path, .json(200, exampleEndpoint)),
        ])
        _ = try await RunPodControl(transport, clock: clock).endpoint(endpointID)
        #expect(clock.slept == [.milliseconds(800), .milliseconds(1600)])

        let hopeless = ScriptedTransport([
            .init(.get, path, reply), .init(.get, path, reply), .init(.get, path, reply),
        ])
        let error = try await failure { _ = try await RunPodControl(hopeless).endpoint(endpointID) }
        #expect(error.isRetryable && !error.mayHaveTakenEffect)
        #expect(hopeless.remaining.isEmpty)
    }

    @Test(
        "what will not pass by itself is not repeated",
        arguments: [
            ScriptedTransport.Reply.problem(400, "x"), .problem(401, "x"), .problem(402, "x"), .problem(403, "x"),
            .problem(404, "x"), .problem(410, "x"), .problem(422, "x"), .failure(.tlsFailed("x")), .failure(.cancelled),
            .problem(503, "x", headers: ["Retry-After": "3600"]),
        ])
    func lasting(reply: ScriptedTransport.Reply) async throws {
        for method in [HTTPMethod.get, .delete] {
            let transport = ScriptedTransport([.init(method, path, reply)])
            let control = RunPodControl(transport)
            _ = try await failure {
                if method == .get {
                    _ = try await control.endpoint(endpointID)
                } else {
                    try await control.delete(endpointID)
                }
            }
            #expect(transport.requests.count == 1)
        }
    }

    @Test("a repeated delete that finds nothing keeps its first attempt in mind")
    func deleteInDoubt() async throws {
        let transport = ScriptedTransport([
            .init(.delete, path, .problem(500, "x")), .init(.delete, path, .problem(404, "gone")),
        ])
        let error = try await failure { try await RunPodControl(transport).delete(endpointID) }
        #expect(error.isNotFound && error.mayHaveTakenEffect && !error.isDefinite)
    }

    @Test("a change whose permit ends between two attempts is not sent again, and stays in doubt")
    func permitEnds() async throws {
        let transport = ScriptedTransport([.init(.patch, path, .failure(.timedOut("x")))])
        let asked = Counter()
        let control = RunPodControl(transport, mayBegin: { asked.next() <= 2 })
        let error = try await failure {
            _ = try await control.update(endpointID, EndpointPatch(workers: WorkersBounds(min: 0, max: 0)))
        }
        #expect(error.isWithheld && error.mayHaveTakenEffect)
        #expect(transport.requests.count == 1)
    }

    @Test("a refusal by the rate limit is waited out exactly, then the call is repeated")
    func rateLimit() async throws {
        let clock = ManualClock()
        let transport = ScriptedTransport([
            .init(.get, path, .problem(429, "x", headers: ["Retry-After": "12", "RateLimit": "\"minute\";r=0;t=12"])),
            .init(.get, path, .json(200, exampleEndpoint)),
        ])
        _ = try await RunPodControl(transport, clock: clock).endpoint(endpointID)
        #expect(clock.slept == [.seconds(12)])
    }

    @Test("a refusal for longer than calls wait is the caller's to plan")
    func longRateLimit() async throws {
        let clock = ManualClock()
        let transport = ScriptedTransport([.init(.get, path, .problem(429, "x", headers: ["Retry-After": "1800"]))])
        let error = try await failure { _ = try await RunPodControl(transport, clock: clock).endpoint(endpointID) }
        #expect(error.cause == .rateLimited(retryAfter: .seconds(1800)))
        #expect(clock.slept.isEmpty)
    }

    @Test("a refusal of a create by the rate limit is not repeated here, but holds the key's other calls")
    func rateLimitOfCreate() async throws {
        let clock = ManualClock()
        let transport = ScriptedTransport([
            .init(.post, "io/serverless", .problem(429, "x", headers: ["Retry-After": "30"])),
            .init(.get, path, .json(200, exampleEndpoint)),
        ])
        let control = RunPodControl(transport, clock: clock)
        let create = EndpointCreate(
            name: "x", image: "i", env: [:], hardware: .gpu(GPUSelection()), workers: WorkersBounds(min: 0, max: 1),
            scaling: .queueDelay(4), timeout: 0)
        let error = try await failure { _ = try await control.create(create) }
        #expect(error.cause == .rateLimited(retryAfter: .seconds(30)))
        _ = try await control.endpoint(endpointID)
        #expect(clock.slept == [.seconds(30)])
    }

    @Test("every exchange is reported once, by a name without ids")
    func reports() async throws {
        let reports = Reports()
        let transport = ScriptedTransport([
            .init(.get, path, .failure(.timedOut("x"))), .init(.get, path, .json(200, exampleEndpoint)),
        ])
        _ = try await RunPodControl(transport, onExchange: { reports.add($0) }).endpoint(endpointID)
        #expect(reports.all.map(\.status) == [nil, 200])
        #expect(reports.all.map(\.operation.name) == ["get_endpoint", "get_endpoint"])
    }

    @Test("a body that trickles is given up")
    func tricklingBody() async throws {
        let clock = ManualClock()
        let trickle = TricklingTransport(clock: clock)
        let control = RunPodControl(
            key: testKey, transport: trickle, queue: CallQueue(time: clock.instantSleep), time: clock.instantSleep)
        let error = try await failure { _ = try await control.endpoint(endpointID) }
        #expect(error.cause == .transport(.timedOut("the answer's body")))
    }

    @Test("a body beyond its bound is given up, and the call not repeated")
    func endlessBody() async throws {
        let bytes = [UInt8](repeating: 0x20, count: Call.largestObject + 1)
        let transport = ScriptedTransport([.init(.get, path, .bytes(200, bytes, headers: [:]))])
        let error = try await failure { _ = try await RunPodControl(transport).endpoint(endpointID) }
        #expect(error.cause == .transport(.bodyTooLarge(limit: Call.largestObject)))
    }

    @Test("a call of a cancelled task is not sent, and leaves no doubt")
    func cancelledTask() async throws {
        let transport = ScriptedTransport([])
        let control = RunPodControl(transport)
        await withTaskGroup(of: RunPodError?.self) { group in
            group.cancelAll()
            group.addTask { try? await failure { try await control.delete(endpointID) } }
            for await error in group { #expect(error?.cause == .cancelled && error?.mayHaveTakenEffect == false) }
        }
        #expect(transport.requests.isEmpty)
    }
}
