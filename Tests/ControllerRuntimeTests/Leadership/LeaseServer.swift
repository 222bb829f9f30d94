import FoundationEssentials
import HTTPTransport
import Kubernetes
import KubernetesModel
import Synchronization

@testable import ControllerRuntime

/// An API server that has one Lease: it can be listed, watched, read, created, and patched at the right version.
final class LeaseServer: HTTPTransport {
    private struct State {
        var lease: JSONValue?
        var version = 0
        var watches: [AsyncStream<[UInt8]>.Continuation] = []
        var writes: [String] = []
    }

    private let state: Mutex<State>

    /// Begins with this Lease; nil: with none.
    init(_ lease: JSONValue? = nil) { state = Mutex(State(lease: lease)) }

    var lease: JSONValue? { state.withLock { $0.lease } }
    /// The bodies of the writes that were accepted.
    var writes: [String] { state.withLock { $0.writes } }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let isOne = request.url.split(separator: "?")[0].hasSuffix("martlet.dev")
        return state.withLock { state in
            switch request.method {
            case .get where request.url.contains("watch=true"):
                let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
                state.watches.append(continuation)
                // What changed since the list; telling it again does no harm.
                if let lease = state.lease { continuation.yield(Self.event(lease)) }
                return HTTPResponse(status: 200, headers: [:], body: Self.body(stream))
            case .get where isOne:
                return state.lease.map { Self.response(200, $0) } ?? Self.refusal(404, "NotFound")
            case .get:
                let items = JSONValue.array(state.lease.map { [$0] } ?? [])
                return Self.response(
                    200, ["metadata": ["resourceVersion": .string("\(state.version)")], "items": items])
            case .post:
                guard state.lease == nil else { return Self.refusal(409, "AlreadyExists") }
                return Self.store(Self.decode(request), &state, request)
            default:
                guard let lease = state.lease else { return Self.refusal(404, "NotFound") }
                let patch = Self.decode(request)
                guard patch["metadata"]?["resourceVersion"] == lease["metadata"]?["resourceVersion"] else {
                    return Self.refusal(409, "Conflict")
                }
                return Self.store(lease.merged(with: patch), &state, request)
            }
        }
    }

    func client(_ time: ManualTime) -> KubernetesClient {
        KubernetesClient(
            configuration: KubernetesConfiguration(server: "http://server"), transport: self, time: ClientTime(time),
            logger: .silent)
    }

    private static func store(_ lease: JSONValue, _ state: inout State, _ request: HTTPRequest) -> HTTPResponse {
        state.version += 1
        let stored = lease.merged(with: ["metadata": ["resourceVersion": .string("\(state.version)")]])
        state.lease = stored
        state.writes.append(String(decoding: request.body ?? [], as: UTF8.self))
        for watch in state.watches { watch.yield(event(stored)) }
        return response(200, stored)
    }

    private static func body(_ stream: AsyncStream<[UInt8]>) -> HTTPBody {
        HTTPBody(
            next: {
                for await line in stream { return line }
                throw HTTPError.cancelled
            }, cancel: {})
    }

    private static func decode(_ request: HTTPRequest) -> JSONValue {
        (try? JSONDecoder().decode(JSONValue.self, from: Data(request.body ?? []))) ?? .null
    }

    private static func encode(_ value: JSONValue) -> [UInt8] { [UInt8]((try? JSONEncoder().encode(value)) ?? Data()) }

    private static func event(_ lease: JSONValue) -> [UInt8] { encode(["type": "MODIFIED", "object": lease]) + [10] }

    private static func response(_ status: Int, _ value: JSONValue) -> HTTPResponse {
        HTTPResponse(status: status, headers: [:], body: HTTPBody(encode(value)))
    }

    private static func refusal(_ status: Int, _ reason: String) -> HTTPResponse {
        response(
            status,
            ["kind": "Status", "status": "Failure", "reason": .string(reason), "code": .integer(Int64(status))])
    }
}

extension JSONValue {
    /// What a server makes of it with a merge patch (RFC 7386).
    func merged(with patch: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var result: [String: JSONValue] = if case .object(let own) = self { own } else { [:] }
        for (key, change) in changes {
            result[key] = change == .null ? nil : (result[key] ?? .null).merged(with: change)
        }
        return .object(result)
    }
}
