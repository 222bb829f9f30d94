import ControllerRuntime
import FoundationEssentials
import HTTPTransport
import Kubernetes
import KubernetesModel
import Synchronization
import Testing

/// An API server that has ConfigMaps and nothing else: versions, conflicts, and what a test has it refuse.
final class ConfigMapServer: HTTPTransport {
    fileprivate struct State {
        var maps: [String: ConfigMap] = [:]
        var version = 0
        var requests: [String] = []
        /// Before which of the requests to come somebody else is faster, and with what.
        var race: (countdown: Int, act: @Sendable (inout [String: ConfigMap]) -> Void)?
        var refusal: Status?
    }
    fileprivate struct Body: Decodable {
        var metadata: ObjectMeta?
        var data: [String: String?]?
    }
    private let state = Mutex(State())

    /// By `namespace/name`.
    subscript(path: String) -> ConfigMap? {
        get { state.withLock { $0.maps[path] } }
        set { state.withLock { $0.maps[path] = newValue } }
    }
    /// Verbs and names since the beginning.
    var requests: [String] { state.withLock { $0.requests } }
    /// Before the `number`th request from now on, 1 the next, somebody else does something.
    func before(_ number: Int, _ act: @escaping @Sendable (inout [String: ConfigMap]) -> Void) {
        state.withLock { $0.race = (number, act) }
    }
    /// Refuses every request with this status; nil: none any more.
    func refuse(_ code: Int?) {
        state.withLock { $0.refusal = code.map { Status(code: $0, reason: "Forbidden", message: "no") } }
    }

    func client() -> KubernetesClient {
        KubernetesClient(
            configuration: KubernetesConfiguration(server: "http://server"), transport: self,
            limits: RequestLimits(retries: 0), time: ClientTime(ManualTime()), logger: .silent)
    }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let path = request.url.dropFirst("http://server/api/v1/namespaces/".count).prefix { $0 != "?" }
        let parts = path.split(separator: "/")
        let (code, bytes) = state.withLock { state in
            state.answer(request, namespace: String(parts[0]), name: parts.count > 2 ? String(parts[2]) : nil)
        }
        return HTTPResponse(status: code, headers: [:], body: HTTPBody(bytes))
    }
}

extension ConfigMapServer.State {
    fileprivate mutating func answer(
        _ request: HTTPRequest, namespace: String, name: String?
    ) -> (Int, [UInt8]) {
        let body = (request.body.map { try? JSONDecoder().decode(ConfigMapServer.Body.self, from: Data($0)) }) ?? nil
        let path = "\(namespace)/\(name ?? body?.metadata?.name ?? "")"
        requests.append("\(request.method) \(path)")
        race?.countdown -= 1
        if let (countdown, act) = race, countdown == 0 {
            race = nil
            act(&maps)
        }
        if let refusal { return encoded(refusal.code, refusal) }
        let old = maps[path]
        if request.method == .post {
            guard old == nil else {
                return encoded(409, Status(code: 409, reason: "AlreadyExists", message: "exists"))
            }
        } else if old == nil {
            return encoded(404, Status(code: 404, reason: "NotFound", message: "not found"))
        }
        guard request.method != .get, let body else { return encoded(200, old) }
        var map = old ?? ConfigMap(metadata: body.metadata ?? ObjectMeta())
        if let version = body.metadata?.resourceVersion, old != nil, version != old?.metadata.resourceVersion {
            return encoded(409, Status(code: 409, reason: "Conflict", message: "changed"))
        }
        for (key, value) in body.data ?? [:] { map.data = (map.data ?? [:]).merging([key: value ?? ""]) { $1 } }
        for (key, value) in body.data ?? [:] where value == nil { map.data?[key] = nil }
        version += 1
        map.metadata.resourceVersion = ResourceVersion(rawValue: "\(version)")
        maps[path] = map
        return encoded(request.method == .post ? 201 : 200, map)
    }

    private func encoded(_ code: Int, _ value: some Encodable) -> (Int, [UInt8]) {
        (code, (try? JSONEncoder().encode(value)).map { [UInt8]($0) } ?? [])
    }
}
