import HTTPTransport
import Kubernetes
import KubernetesModel
import Logging
import Synchronization
import Testing

/// A server whose every answer is written down beforehand. A request that is not the next one of the script fails.
final class ScriptedTransport: HTTPTransport {
    struct Exchange: Sendable {
        var method: HTTPMethod
        var target: String
        var reply: Reply
    }

    enum Reply: Sendable {
        case json(Int, String, headers: HTTPHeaders = [:])
        case stream([[UInt8]], end: HTTPError? = nil)
        case failure(HTTPError)
    }

    static let server = "https://api.example:6443"
    private let script: Mutex<[Exchange]>
    private let seen = Mutex<[HTTPRequest]>([])

    init(_ script: [Exchange]) { self.script = Mutex(script) }

    convenience init(_ method: HTTPMethod, _ target: String, _ reply: Reply) {
        self.init([Exchange(method: method, target: target, reply: reply)])
    }

    /// The requests so far.
    var requests: [HTTPRequest] { seen.withLock { $0 } }
    /// Exchanges that were expected and did not happen.
    var remaining: [String] { script.withLock { $0.map { "\($0.method) \($0.target)" } } }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        seen.withLock { $0.append(request) }
        let expected = script.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        guard let expected, expected.method == request.method, Self.server + expected.target == request.url else {
            Issue.record("unexpected request \(request.method) \(request.url), expected \(expected?.target ?? "none")")
            throw .connectFailed("not in the script")
        }
        switch expected.reply {
        case .json(let status, let text, let headers):
            return HTTPResponse(status: status, headers: headers, body: HTTPBody(Array(text.utf8)))
        case .stream(let chunks, let end):
            let source = ChunkSource(chunks, end: end)
            return HTTPResponse(status: 200, headers: [:], body: HTTPBody(next: { try source.next() }, cancel: {}))
        case .failure(let error): throw error
        }
    }

    private final class ChunkSource: Sendable {
        private let chunks: Mutex<[[UInt8]]>
        private let end: HTTPError?

        init(_ chunks: [[UInt8]], end: HTTPError?) {
            self.chunks = Mutex(chunks)
            self.end = end
        }

        func next() throws -> [UInt8]? {
            if let chunk = chunks.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return chunk }
            if let end { throw end }
            return nil
        }
    }
}

extension KubernetesClient {
    /// A client of the scripted server.
    init(
        _ transport: ScriptedTransport, credential: Credential = .none, limits: RequestLimits = RequestLimits(),
        time: ClientTime = ManualClock().instantSleep, onRequest: (@Sendable (RequestReport) -> Void)? = nil
    ) {
        let configuration = KubernetesConfiguration(server: ScriptedTransport.server, credential: credential)
        self.init(
            configuration: configuration, transport: transport, limits: limits, time: time,
            logger: Logger(label: "test"), onRequest: onRequest)
    }
}

extension HTTPRequest {
    var text: String { String(decoding: body ?? [], as: UTF8.self) }
}

/// The error of a call that must fail.
func failure<T>(of call: () async throws(KubernetesError) -> T) async -> KubernetesError? {
    do throws(KubernetesError) {
        _ = try await call()
        Issue.record("the call succeeded")
        return nil
    } catch { return error }
}
