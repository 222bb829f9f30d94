import FoundationEssentials
import Kubernetes
import KubernetesModel
import MartletAPI
import RedisTestSupport
import Testing

/// A test's own corner of the shared cluster: a namespace, a Redis and an operator that sees nothing else.
struct Scene: Sendable {
    let cluster: ControlPlane
    let namespace: String
    let redis: RedisServerProcess
    let martlet: OperatorProcess

    static let manager: FieldManager = "martlet-scenario"

    /// Builds the corner, runs the test in it and takes it down. A crash of the operator fails any test.
    static func play(
        flags: [String] = [], wholeCluster: Bool = false, electing: Bool = false, redisOptions: [String] = [],
        environment: [String: String] = [:],
        _ body: (Scene) async throws -> Void
    ) async throws {
        let cluster = try ControlPlane.shared()
        let namespace = "scene-\(UUID().uuidString.prefix(8).lowercased())"
        let wish: JSONValue = ["metadata": ["name": .string(namespace)]]
        _ = try await cluster.client.resources(Namespace.self).create(wish, as: manager)
        let scene = Scene(
            cluster: cluster, namespace: namespace, redis: try RedisServerProcess(redisOptions),
            martlet: try OperatorProcess(
                cluster, namespaces: wholeCluster ? [] : [namespace],
                flags: flags + (electing ? electionFlags(in: namespace) : []), environment: environment))
        let outcome: Result<Void, any Error>
        do {
            try await scene.martlet.waitUntilReady()
            outcome = .success(try await body(scene))
        } catch {
            outcome = .failure(error)
        }
        let survived = await scene.martlet.isRunning
        let output = await scene.martlet.output
        #expect(survived, "the operator ended by itself: \(output.suffix(4000))")
        #expect(!output.contains("Fatal error"))
        await scene.martlet.crash()
        scene.redis.stop()
        try? await scene.tidyUp()
        if case .failure = outcome { print("operator of \(namespace):\n\(output.suffix(6000))") }
        try outcome.get()
    }

    static func electionFlags(in namespace: String) -> [String] {
        ["--leader-elect", "--leader-elect-namespace", namespace]
    }

    /// Without this a finalizer that nobody serves any more would keep the namespace for ever.
    private func tidyUp() async throws {
        let endpoints = cluster.client.resources(InferenceEndpoint.self)
        let release: JSONValue = ["metadata": ["finalizers": nil]]
        for endpoint in try await endpoints.page(in: namespace).items {
            try await endpoints.mergePatch(endpoint.key, release, as: Self.manager)
        }
        try await cluster.client.resources(Namespace.self).delete(ObjectKey(name: namespace))
    }

    func key(_ name: String) -> ObjectKey { ObjectKey(namespace: namespace, name: name) }
    func commands() throws -> RedisCommands { try RedisCommands(port: redis.port) }

    func resources<O: KubernetesObject>(_: O.Type) -> Resources<O> { cluster.client.resources(O.self) }

    // MARK: The world as it is

    func endpoint(_ name: String = "work") async throws -> InferenceEndpoint {
        try await resources(InferenceEndpoint.self).get(key(name))
    }

    func condition(_ type: String, of name: String = "work") async throws -> Condition? {
        try await endpoint(name).status?.conditions?[type]
    }

    /// The wished replicas of a Deployment.
    func replicas(_ name: String = "work") async throws -> Int {
        try await resources(Deployment.self).get(key(name)).spec?.replicas ?? 1
    }

    func events(on name: String = "work") async throws -> [Event] {
        try await resources(Event.self).page(in: namespace, limit: 5000).items.filter {
            $0.involvedObject.kind == "InferenceEndpoint" && $0.involvedObject.name == name
        }
    }

    /// The operator's replica writes so far.
    func scaleWrites(of name: String? = nil) async throws -> [AuditLog.Entry] {
        try await writes().filter {
            $0.objectRef?.subresource == "scale" && (name == nil || $0.objectRef?.name == name)
        }
    }

    /// All of the operator's writes so far. The server logs a write a little after it answered, so a write of our own
    /// that is in the log says that those before it are.
    func writes() async throws -> [AuditLog.Entry] {
        let marker = "marker-\(UUID().uuidString.lowercased())"
        let object: JSONValue = ["metadata": ["name": .string(marker)]]
        _ = try await resources(ConfigMap.self).create(object, in: namespace, as: Self.manager)
        let isLogged = await eventually { cluster.audit.contains(marker) }
        try #require(isLogged)
        return cluster.audit.operatorWrites(in: namespace)
    }

    // MARK: Waiting for it to be otherwise

    /// Waits for a Deployment's wished replicas; fails with the endpoint's own account of why not.
    func expectReplicas(
        _ wanted: Int, of name: String = "work", within limit: Duration = .seconds(30),
        at location: SourceLocation = #_sourceLocation
    ) async throws {
        let reached = try await eventually(within: limit) { try await replicas(name) == wanted }
        guard !reached else { return }
        let account = try? await endpoint(name).status
        Issue.record(
            "\(name) has \(try await replicas(name)) replicas instead of \(wanted): \(String(describing: account))",
            sourceLocation: location)
    }

    /// Waits for a condition with that status and, if given, that reason.
    func expectCondition(
        _ type: String, _ status: ConditionStatus, _ reason: String? = nil, of name: String = "work",
        within limit: Duration = .seconds(30), at location: SourceLocation = #_sourceLocation
    ) async throws {
        var last: Condition?
        let reached = try await eventually(within: limit) {
            last = try await condition(type, of: name)
            return last?.status == status && (reason == nil || last?.reason == reason)
        }
        guard !reached else { return }
        Issue.record(
            "\(name): \(type) is \(String(describing: last)) instead of \(status.rawValue) \(reason ?? "")",
            sourceLocation: location)
    }
}
