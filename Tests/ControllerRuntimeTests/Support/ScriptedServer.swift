import HTTPTransport
import Kubernetes
import KubernetesModel
import Logging
import Synchronization
import Testing

@testable import ControllerRuntime

/// An API server that expects certain requests in a certain order. Any other request is the test's failure.
final class ScriptedServer: HTTPTransport {
    enum Reply: Sendable {
        case json(String, status: Int = 200)
        case status(Int, reason: String, retryAfter: Int? = nil)
        case stream(WatchScript)
        case failure(HTTPError)
        /// No answer before the request is cancelled.
        case silence
    }

    private struct Step {
        let request: String
        let reply: Reply
    }

    private let script = Mutex<[Step]>([])
    /// Every request that came, as `GET /path?query`, without what the client always asks.
    let requests = Inbox<String>()
    /// The bodies of the requests that had one, behind their request.
    let bodies = Inbox<String>()

    /// Expects a request, after those expected before; `request` is as in `requests`.
    func expect(_ request: String, _ reply: Reply) {
        script.withLock { $0.append(Step(request: request, reply: reply)) }
    }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let line = Self.line(request)
        let step = script.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        if let body = request.body { bodies.put(String(decoding: body, as: UTF8.self)) }
        requests.put(line)
        guard let step else {
            Issue.record("unexpected request: \(line)")
            throw .connectFailed("script is over")
        }
        #expect(line == step.request)
        switch step.reply {
        case .json(let text, let status): return response(status, text)
        case .status(let code, let reason, let retryAfter):
            let details = retryAfter.map { #","details":{"retryAfterSeconds":\#($0)}"# } ?? ""
            return response(
                code, #"{"kind":"Status","status":"Failure","code":\#(code),"reason":"\#(reason)"\#(details)}"#)
        case .stream(let stream):
            let body = HTTPBody(next: { try await stream.next() }, cancel: {})
            return HTTPResponse(status: 200, headers: [:], body: body)
        case .failure(let error): throw error
        case .silence:
            // Nobody rings this bell.
            try? await Bell().wait()
            throw .cancelled
        }
    }

    /// A client of this server that never repeats a request by itself.
    func client(_ time: ManualTime) -> KubernetesClient {
        KubernetesClient(
            configuration: KubernetesConfiguration(server: "http://server"), transport: self,
            limits: RequestLimits(retries: 0),
            time: ClientTime(time), logger: .silent)
    }

    private func response(_ status: Int, _ text: String) -> HTTPResponse {
        HTTPResponse(status: status, headers: [:], body: HTTPBody([UInt8](text.utf8)))
    }

    private static func line(_ request: HTTPRequest) -> String {
        let target = request.url.dropFirst("http://server".count)
        let parts = target.split(separator: "?", maxSplits: 1)
        let always = ["limit=500", "watch=true", "allowWatchBookmarks=true"]
        let query = (parts.count > 1 ? parts[1] : "").split(separator: "&").filter { item in
            !always.contains(String(item)) && !item.hasPrefix("timeoutSeconds=") && !item.hasPrefix("fieldManager=")
        }
        let verb = target.contains("watch=true") ? "WATCH" : request.method.rawValue
        return "\(verb) \(parts[0])" + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
    }
}

/// The body of a watch, written by the test while it is read.
final class WatchScript: Sendable {
    private struct State {
        var chunks: [[UInt8]] = []
        var end: Result<Void, HTTPError>?
    }

    private let state = Mutex(State())
    private let bell = Bell()

    func send(_ type: String, _ object: String) {
        state.withLock { $0.chunks.append([UInt8](#"{"type":"\#(type)","object":\#(object)}"#.utf8) + [10]) }
        bell.ring()
    }

    func bookmark(_ version: String) {
        send("BOOKMARK", #"{"kind":"ConfigMap","metadata":{"resourceVersion":"\#(version)"}}"#)
    }

    func end(_ result: Result<Void, HTTPError> = .success(())) {
        state.withLock { $0.end = result }
        bell.ring()
    }

    fileprivate func next() async throws -> [UInt8]? {
        while true {
            let (chunk, end) = state.withLock { ($0.chunks.isEmpty ? nil : $0.chunks.removeFirst(), $0.end) }
            if let chunk { return chunk }
            if let end {
                try end.get()
                return nil
            }
            do { try await bell.wait() } catch { throw HTTPError.cancelled }
        }
    }
}

extension Logger {
    /// Swallows everything.
    static var silent: Logger { Logger(label: "silent") { _ in SwiftLogNoOpLogHandler() } }
}

/// A ConfigMap as the server writes it.
func configMap(_ name: String, version: Int, uid: String? = nil, value: String = "") -> String {
    """
    {"metadata":{"namespace":"ns","name":"\(name)","uid":"\(uid ?? name)","resourceVersion":"\(version)"},\
    "data":{"value":"\(value)"}}
    """
}

/// A page of ConfigMaps as the server writes it.
func page(_ items: [String], version: Int, next: String = "") -> ScriptedServer.Reply {
    .json(
        #"{"metadata":{"resourceVersion":"\#(version)","continue":"\#(next)"},"items":[\#(items.joined(separator: ","))]}"#
    )
}
