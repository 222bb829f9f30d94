import ControllerRuntime
import HTTPTransport
import Kubernetes
import Logging
import Synchronization
import Testing

/// An API server that knows a few answers by heart. A watch stays silent; any other request is the test's failure.
final class ScriptedAPI: HTTPTransport {
    private let answers: [String: String]
    private let seen = Mutex<[(line: String, body: String)]>([])

    /// `answers` by request, as `GET /api/v1/pods`, without the query.
    init(_ answers: [String: String]) { self.answers = answers }

    /// The bodies that were sent with `request`, in order.
    func bodies(of request: String) -> [String] {
        seen.withLock { $0.filter { $0.line == request }.map(\.body) }
    }

    /// The requests other than lists and watches, in order.
    var requests: [String] { seen.withLock { $0.map(\.line) }.filter { !Self.lists.contains($0) } }

    private static let lists: Set = [
        "GET /apis/martlet.dev/v1alpha1/inferenceendpoints", "GET /apis/apps/v1/deployments",
        "GET /apis/apps/v1/statefulsets",
    ]

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let target = request.url.dropFirst("http://server".count)
        guard !target.contains("watch=true") else { return try await silence() }
        let line = "\(request.method) \(target.prefix { $0 != "?" })"
        seen.withLock { $0.append((line, String(decoding: request.body ?? [], as: UTF8.self))) }
        guard let answer = answers[line] else {
            Issue.record("unexpected request: \(line)")
            throw .connectFailed("no such answer")
        }
        return HTTPResponse(status: 200, headers: [:], body: HTTPBody([UInt8](answer.utf8)))
    }

    private func silence() async throws(HTTPError) -> HTTPResponse {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        for await _ in stream {}
        continuation.finish()
        throw .cancelled
    }

    /// A client of this server that never repeats a request by itself.
    func client(_ time: ManualTime) -> KubernetesClient {
        KubernetesClient(
            configuration: KubernetesConfiguration(server: "http://server"), transport: self,
            limits: RequestLimits(retries: 0), time: ClientTime(time), logger: .silent)
    }

    /// A list with these objects.
    static func list(_ items: String...) -> String {
        #"{"metadata":{"resourceVersion":"1"},"items":[\#(items.joined(separator: ","))]}"#
    }
}

extension Logger {
    /// Swallows everything.
    static var silent: Logger { Logger(label: "silent") { _ in SwiftLogNoOpLogHandler() } }
}

/// Lets the other tasks go on until `condition` holds; the test's time limit ends a wait in vain.
func until(_ condition: () -> Bool) async {
    while !condition(), !Task.isCancelled { await Task.yield() }
}
