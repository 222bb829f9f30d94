import HTTPTransport
import RunPodSimulator

/// A world with one account, and the shortest way to ask it something.
struct Bench {
    static let start = SimulatedInstant(milliseconds: 1_790_000_000_000)
    static let key = "lab-key"

    var world: RunPodWorld

    init(seed: UInt64 = 1, quota: Int = 100, _ settings: RunPodWorld.Settings = Bench.quiet) {
        var settings = settings
        settings.workerQuota = quota
        world = RunPodWorld(seed: seed, at: Self.start, settings: settings)
        world.addAccount("acme", key: Self.key)
    }

    /// Without rate limits of the control plane.
    static var quiet: RunPodWorld.Settings {
        var settings = RunPodWorld.Settings()
        settings.rateQuotas = []
        return settings
    }

    /// A valid create; `changes` replace members, null removes them.
    static func draft(_ changes: [String: WireJSON] = [:]) -> WireJSON {
        var body: [String: WireJSON] = [
            "name": "llm", "type": "QUEUE", "image": "acme/llm:1", "gpu": ["pools": ["ADA_24"]],
            "scaling": ["type": "QUEUE_DELAY", "queueDelay": 4],
        ]
        body = body.merging(changes) { $1 }.filter { $0.value != .null }
        return .object(body)
    }

    mutating func ask(
        _ method: String, _ target: String, _ body: WireJSON? = nil, key: String? = Bench.key,
        on surface: SimulatedRequest.Surface = .control
    ) -> SimulatedAnswer {
        let request = SimulatedRequest(
            surface, method, target, authorization: key.map { "Bearer \($0)" }, body: body?.bytes ?? [])
        return world.handle(request, at: world.now)
    }

    /// For what is answered at once; 0 and no body otherwise.
    mutating func call(
        _ method: String, _ target: String, _ body: WireJSON? = nil, key: String? = Bench.key,
        on surface: SimulatedRequest.Surface = .control
    ) -> (status: Int, json: WireJSON, headers: HTTPHeaders) {
        guard case .response(let response) = ask(method, target, body, key: key, on: surface) else {
            return (0, .null, [:])
        }
        return (response.status, response.json ?? .null, response.headers)
    }

    /// Creates an endpoint and says its id.
    mutating func create(_ changes: [String: WireJSON] = [:]) -> RunPodWorld.EndpointID {
        RunPodWorld.EndpointID(call("POST", "/v2/serverless", Self.draft(changes)).json["id"]?.string ?? "none")
    }

    mutating func patch(_ id: RunPodWorld.EndpointID, _ body: WireJSON) -> Int {
        call("PATCH", "/v2/serverless/\(id)", body).status
    }

    mutating func pass(_ duration: Duration) { world.advance(to: world.now + duration) }

    /// The names in a list of endpoints.
    mutating func listed() -> [String] {
        call("GET", "/v2/serverless").json["endpoints"]?.array?.compactMap { $0["name"]?.string } ?? []
    }

    /// Statuses of an endpoint's workers, sorted.
    func workers(_ id: RunPodWorld.EndpointID) -> [String] {
        (world[id]?.workers.values ?? []).map(\.phase.status).sorted()
    }
}

extension Duration {
    static func minutes(_ count: Int) -> Duration { .seconds(count * 60) }
    static func hours(_ count: Int) -> Duration { .seconds(count * 3600) }
    static func days(_ count: Int) -> Duration { .seconds(count * 86_400) }
}
