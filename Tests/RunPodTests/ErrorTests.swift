import HTTPTransport
import Testing

@testable import RunPod

private let create = EndpointCreate(
    name: "dev-llm", image: "worker:1", env: ["TOKEN": "env-value-of-the-user", "FLAG": "1"],
    hardware: .gpu(GPUSelection()),
    workers: WorkersBounds(min: 0, max: 1), scaling: .queueDelay(4), timeout: 0)

@Suite struct ErrorTests {
    private static let capacity =
        "There are no longer any instances available with the requested specifications. Please refresh and try again."
    private static let quota = "Your worker concurrency cannot go beyond the maximum limit of (5)."

    /// What the kinds of failure are called in the table below.
    private static func name(_ cause: RunPodError.Cause) -> String {
        switch cause {
        case .unauthorized: "unauthorized"
        case .forbidden: "forbidden"
        case .paymentRequired: "paymentRequired"
        case .notFound: "notFound"
        case .rateLimited: "rateLimited"
        case .quotaExceeded: "quotaExceeded"
        case .noCapacity: "noCapacity"
        case .invalid: "invalid"
        case .badRequest: "badRequest"
        case .gone: "gone"
        case .server: "server"
        case .unexpected: "unexpected"
        case .malformedAnswer: "malformedAnswer"
        case .transport: "transport"
        case .withheld: "withheld"
        case .expired: "expired"
        case .cancelled: "cancelled"
        }
    }

    @Test(
        "a refused create is sent once, and its error says what it was",
        arguments: [
            (400, "request could not be processed", "badRequest"), (400, capacity, "noCapacity"),
            (400, quota, "quotaExceeded"), (422, quota, "quotaExceeded"), (401, "missing bearer token", "unauthorized"),
            (402, "balance", "paymentRequired"), (403, "access denied", "forbidden"), (404, "template", "notFound"),
            (410, "retired", "gone"), (422, "Request validation failed.", "invalid"), (429, "rate", "rateLimited"),
            (405, "method", "unexpected"), (409, "state", "unexpected"),
        ])
    func definiteRefusals(status: Int, detail: String, name: String) async throws {
        let transport = ScriptedTransport([.init(.post, "io/serverless", .problem(status, detail))])
        let error = try await failure { _ = try await RunPodControl(transport).create(create) }
        #expect(Self.name(error.cause) == name)
        #expect(error.operation == .createEndpoint)
        #expect(error.isDefinite && !error.mayHaveTakenEffect)
        #expect(error.isRetryable == (name == "rateLimited" || name == "noCapacity"))
        if name != "rateLimited" { #expect(error.problem?.status == status && error.problem?.detail == detail) }
        #expect("\(error)".hasPrefix("create endpoint: "))
    }

    @Test(
        "a create whose fate is unknown is not repeated, and says that it may have taken effect",
        arguments: [
            ScriptedTransport.Reply.failure(.timedOut("no answer")), .failure(.connectionLost("reset")),
            .failure(.cancelled), .problem(500, "oops"), .problem(504, "gateway"), .json(201, #"{"id":"#),
            .json(201, "<html>", headers: ["Content-Type": "text/html"]), .bytes(201, [], headers: [:]),
            .cut(201, #"{"id":"4m7x"#, .connectionLost("cut")),
            .bytes(302, [], headers: ["Location": "https://other/"]),
            .problem(408, "slow"),
        ])
    func doubtfulCreates(reply: ScriptedTransport.Reply) async throws {
        let transport = ScriptedTransport([.init(.post, "io/serverless", reply)])
        let error = try await failure { _ = try await RunPodControl(transport).create(create) }
        #expect(error.mayHaveTakenEffect && !error.isDefinite)
        #expect(transport.requests.count == 1)
    }

    @Test(
        "a create that never left is no doubt",
        arguments: [
            HTTPError.connectFailed("refused"), .tlsFailed("expired"), .withheld, .shutDown, .invalidURL("x"),
        ])
    func unsentCreates(error: HTTPError) async throws {
        let transport = ScriptedTransport([.init(.post, "io/serverless", .failure(error))])
        let failure = try await failure { _ = try await RunPodControl(transport).create(create) }
        #expect(!failure.mayHaveTakenEffect)
        #expect(transport.requests.count == 1)
    }

    @Test("a redirect is an error: the key goes nowhere else", arguments: [301, 302, 303, 307, 308])
    func redirects(status: Int) async throws {
        let reply = ScriptedTransport.Reply.bytes(status, [], headers: ["Location": "https://api.runpod.io/v2/x"])
        let transport = ScriptedTransport([.init(.get, "io/serverless/4m7x2k9q", reply)])
        let error = try await failure { _ = try await RunPodControl(transport).endpoint(endpointID) }
        guard case .unexpected = error.cause else {
            Issue.record("\(error)")
            return
        }
        #expect(transport.requests.count == 1)
    }

    @Test("what RunPod found wrong with a body is told field by field")
    func validationErrors() async throws {
        let errors = ["$: missing property 'name'", "$: additional properties 'gpuTypeIds' not allowed"]
        let transport = ScriptedTransport([
            .init(.post, "io/serverless", .problem(422, "Request validation failed.", errors: errors))
        ])
        let error = try await failure { _ = try await RunPodControl(transport).create(create) }
        #expect(error.problem?.errors == errors)
        #expect("\(error)".contains("gpuTypeIds"))
    }

    @Test(
        "a page of a proxy's is not repeated in the error, also where it is the reason of a refusal",
        arguments: [
            ScriptedTransport.Reply.json(403, "<html>error code: 1010</html>", headers: ["Content-Type": "text/html"]),
            .json(403, "null"), .json(403, "[1]"), .json(403, "{\"detail\": 4}"),
            .bytes(403, [0xFF, 0xFE, 0], headers: [:]),
            .bytes(403, [], headers: [:]), .cut(403, "{\"detail\":\"den", .connectionLost("cut")),
        ])
    func strangersAreNotQuoted(reply: ScriptedTransport.Reply) async throws {
        let transport = ScriptedTransport([.init(.get, "io/serverless/4m7x2k9q", reply)])
        let error = try await failure { _ = try await RunPodControl(transport).endpoint(endpointID) }
        #expect(error.cause == .forbidden(Problem(status: 403)))
    }

    @Test(
        "the job plane's shapes of errors are read",
        arguments: [
            #"{"error":"endpoint not found"}"#, #"{"error":{"message":"endpoint not found","code":null}}"#,
            #"{"message":"endpoint not found"}"#, #"{"title":"Not Found","status":404,"detail":"endpoint not found"}"#,
        ])
    func jobPlaneErrors(body: String) async throws {
        let transport = ScriptedTransport([.init(.get, "ai/4m7x2k9q/health", .json(404, body))])
        let error = try await failure { _ = try await RunPodJobs(transport).health(of: endpointID) }
        #expect(error.isNotFound && error.problem?.detail == "endpoint not found")
    }
}
