import HTTPTransport
import Synchronization
import Testing

@testable import RunPod

/// A RunPod whose every answer is written down beforehand. A request that is not the next one of the script fails.
final class ScriptedTransport: HTTPTransport {
    struct Exchange: Sendable {
        var method: HTTPMethod
        /// The URL without its host's base: `io/serverless`, `ai/abc/run`.
        var target: String
        var reply: Reply

        init(_ method: HTTPMethod, _ target: String, _ reply: Reply) {
            self.method = method
            self.target = target
            self.reply = reply
        }
    }

    enum Reply: Sendable {
        case json(Int, String, headers: HTTPHeaders = [:])
        case bytes(Int, [UInt8], headers: HTTPHeaders)
        /// A body that breaks off.
        case cut(Int, String, HTTPError)
        case failure(HTTPError)

        static func problem(
            _ status: Int, _ detail: String, errors: [String] = [], headers: HTTPHeaders = [:]
        ) -> Reply {
            let list = errors.map { "\"\($0)\"" }.joined(separator: ",")
            var headers = headers
            headers["Content-Type"] = "application/problem+json"
            return .json(
                status, #"{"title":"T","status":\#(status),"detail":"\#(detail)","errors":[\#(list)]}"#,
                headers: headers)
        }
    }

    private let script: Mutex<[Exchange]>
    private let seen = Mutex<[HTTPRequest]>([])

    init(_ script: [Exchange]) { self.script = Mutex(script) }

    var requests: [HTTPRequest] { seen.withLock { $0 } }
    /// Exchanges that were expected and did not happen.
    var remaining: [String] { script.withLock { $0.map { "\($0.method) \($0.target)" } } }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        if Task.isCancelled { throw .cancelled }
        seen.withLock { $0.append(request) }
        let expected = script.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        guard let expected, expected.method == request.method, Self.url(expected.target) == request.url else {
            Issue.record("unexpected request \(request.method) \(request.url), expected \(expected?.target ?? "none")")
            throw .invalidURL("not in the script")
        }
        if let mayBegin = request.mayBegin, !mayBegin() { throw .withheld }
        switch expected.reply {
        case .json(let status, let text, var headers):
            if headers["Content-Type"] == nil { headers["Content-Type"] = "application/json" }
            return HTTPResponse(status: status, headers: headers, body: HTTPBody(Array(text.utf8)))
        case .bytes(let status, let bytes, let headers):
            return HTTPResponse(status: status, headers: headers, body: HTTPBody(bytes))
        case .cut(let status, let text, let error):
            let rest = Mutex<[UInt8]?>(Array(text.utf8))
            let body = HTTPBody(
                next: {
                    guard
                        let chunk = rest.withLock({ rest in
                            defer { rest = nil }; return rest
                        })
                    else { throw error }
                    return chunk
                }, cancel: {})
            return HTTPResponse(status: status, headers: ["Content-Type": "application/json"], body: body)
        case .failure(let error): throw error
        }
    }

    private static func url(_ target: String) -> String {
        let base = target.hasPrefix("io/") ? RunPodHosts.runPod.controlURL : RunPodHosts.runPod.jobsURL
        return base + target.dropFirst(2)
    }
}

extension HTTPRequest {
    var text: String { String(decoding: body ?? [], as: UTF8.self) }
}

/// Nothing here is, or looks like, a key of RunPod's.
let testKey = constant(RunPodKey("not-a-real-key-7c1f0e5b"))
let endpointID = constant(EndpointID("4m7x2k9q"))
let jobID = constant(JobID("bd9227e3-u1"))

private func constant<T>(_ value: T?) -> T {
    guard let value else { fatalError("a constant of the tests is not what it should be") }
    return value
}

extension RunPodControl {
    init(
        _ transport: ScriptedTransport, clock: ManualClock = ManualClock(), mayBegin: (@Sendable () -> Bool)? = nil,
        onExchange: (@Sendable (RunPodReport) -> Void)? = nil
    ) {
        self.init(
            key: testKey, transport: transport, queue: CallQueue(time: clock.instantSleep), time: clock.instantSleep,
            mayBegin: mayBegin, onExchange: onExchange)
    }
}

extension RunPodJobs {
    init(_ transport: ScriptedTransport, clock: ManualClock = ManualClock()) {
        self.init(
            key: testKey, transport: transport, queue: CallQueue(time: clock.instantSleep), time: clock.instantSleep)
    }
}

/// The error of a call that must fail.
func failure(of call: () async throws -> Void) async throws -> RunPodError {
    do { try await call() } catch let error as RunPodError { return error }
    throw Unexpected.success
}

enum Unexpected: Error { case success }
