import FoundationEssentials
import Kubernetes
import KubernetesModel
import MartletAPI
import RedisTestSupport
import Synchronization
import Testing

/// A scene with a simulated RunPod.
struct RunPodScene: Sendable {
    let scene: Scene
    let lab: RunPodLab
    let watch: LabWatch

    var time: FastTime { lab.time }
    var martlet: OperatorProcess { scene.martlet }

    /// A variable's value that no program may ever write anywhere.
    static let secretValue = "env-canary-0815"

    /// Plays a scene whose operator and RunPod live `speed` times as fast, and in which no object may ever have two
    /// endpoints, no second may be billed twice and no secret told.
    static func play(
        speed: Int = 10, accounts: Int = 1, quota: Int = 50, flags: [String] = [], electing: Bool = false,
        _ body: (RunPodScene) async throws -> Void
    ) async throws {
        let cluster = try ControlPlane.shared()
        let lab = try await RunPodLab(accounts: accounts, quota: quota, time: FastTime(speed), in: cluster)
        defer { lab.stop() }
        try await Scene.play(
            flags: lab.flags + ["--log-level", "trace"] + flags, electing: electing, environment: lab.time.environment
        ) { scene in
            try await scene.createSecret("runpod", ["apiKey": lab.key])
            try await scene.createSecret("hf", ["token": secretValue])
            let watch = LabWatch(lab)
            let play = RunPodScene(scene: scene, lab: lab, watch: watch)
            let outcome: Result<Void, any Error>
            do {
                try await watch.whileWatching { try await body(play) }
                outcome = .success(try await play.expectSecrecy())
            } catch {
                let calls = ((try? lab.calls) ?? []).suffix(60).map(\.description).joined(separator: "\n")
                print("what RunPod was asked last:\n\(calls)")
                outcome = .failure(error)
            }
            try outcome.get()
            #expect(watch.duplicates == [:], "an object had two endpoints at once")
        }
    }

    // MARK: Objects

    /// An endpoint without traffic that has one worker at least while it is open; `changing` as RFC 7386 has it.
    static var spec: JSONValue {
        [
            "runpod": [
                "credentialsSecretRef": ["name": "runpod"], "image": "example/worker:1",
                "env": [
                    ["name": "MODEL", "value": "small"],
                    ["name": "HF_TOKEN", "secretKeyRef": ["name": "hf", "key": "token"]],
                ],
                "gpu": ["pools": ["ADA_24"]], "workers": ["min": 1, "max": 2, "idleTimeoutSeconds": 5],
                "drainSeconds": 60,
            ]
        ]
    }

    func createEndpoint(_ name: String = "work", changing changes: JSONValue = [:]) async throws {
        try await scene.createEndpoint(name, spec: Self.spec.merged(with: changes))
    }

    func override(_ name: String = "work", _ state: String?) async throws {
        let until = Timestamp(time.now.addingTimeInterval(86_400))
        let text = state.map { JSONValue.string("\($0) until=\(until)") } ?? .null
        let patch: JSONValue = ["metadata": ["annotations": ["martlet.dev/override": text]]]
        try await scene.resources(InferenceEndpoint.self).mergePatch(scene.key(name), patch, as: Scene.manager)
    }

    func delete(_ name: String = "work") async throws {
        try await scene.resources(InferenceEndpoint.self).delete(scene.key(name))
    }

    func isGone(_ name: String = "work") async throws -> Bool {
        do throws(KubernetesError) {
            _ = try await scene.resources(InferenceEndpoint.self).get(scene.key(name))
            return false
        } catch {
            guard error.isNotFound else { throw error }
            return true
        }
    }

    // MARK: What is to be seen

    /// The endpoints on RunPod that were made for an object of that name.
    func endpoints(of name: String = "work") throws -> [RunPodLab.Endpoint] {
        try lab.endpoints.filter { $0.name.hasPrefix("martlet-\(scene.namespace)-\(name)-") }
    }

    /// Waits until the object has one endpoint with these bounds, recorded and told as `reason`.
    @discardableResult
    func expectEndpoint(
        of name: String = "work", _ min: Int, _ max: Int, _ reason: String = "Ready", within seconds: Double = 400,
        at location: SourceLocation = #_sourceLocation
    ) async throws -> RunPodLab.Endpoint {
        try await scene.expectCondition(
            "RunPodReady", .yes, reason, of: name, within: time.real(seconds), at: location)
        let found = try await eventually(within: .seconds(10)) {
            let endpoint = try endpoints(of: name).first
            let id = try await scene.endpoint(name).status?.runpod?.endpointId
            return endpoint?.min == min && endpoint?.max == max && endpoint?.id == id
        }
        let all = try endpoints(of: name)
        let status = try await scene.endpoint(name).status
        #expect(found && all.count == 1, "\(all) \(String(describing: status))", sourceLocation: location)
        return try #require(all.first, sourceLocation: location)
    }

    func expectGone(
        _ name: String = "work", within seconds: Double = 600, at location: SourceLocation = #_sourceLocation
    ) async throws {
        let isGone = try await eventually(within: time.real(seconds)) { try await self.isGone(name) }
        let status = isGone ? nil : try await scene.endpoint(name).status
        #expect(isGone, "\(String(describing: status))", sourceLocation: location)
        #expect(try endpoints(of: name).isEmpty, sourceLocation: location)
    }

    /// Waits for a request that a fault got hold of.
    func awaitHeld(_ operation: String, at location: SourceLocation = #_sourceLocation) async throws {
        let isHeld = try await eventually { try lab.calls(operation).contains { $0.faulty } }
        let last = try lab.calls.suffix(20)
        try #require(isHeld, "no \(operation) came: \(last)", sourceLocation: location)
    }

    // MARK: Secrecy

    /// No key and no variable's value is in a log, an event, a status, a metric or a ConfigMap.
    private func expectSecrecy() async throws {
        let told = try await everythingTold()
        for canary in lab.keys + [Self.secretValue] {
            let found = told.ranges(of: canary).first.map { told[..<$0.upperBound].suffix(300) }
            #expect(found == nil, "a secret was told")
        }
    }

    private func everythingTold() async throws -> String {
        var told = await martlet.output
        told += (try? await martlet.metrics) ?? ""
        let encoder = JSONEncoder()
        for event in try await scene.resources(Event.self).page(in: scene.namespace, limit: 5000).items {
            told += String(decoding: try encoder.encode(event), as: UTF8.self)
        }
        for endpoint in try await scene.resources(InferenceEndpoint.self).page(in: scene.namespace).items {
            let status = try endpoint.status.map { try encoder.encode($0) }
            told += String(decoding: status ?? Data(), as: UTF8.self)
        }
        for map in try await scene.resources(ConfigMap.self).page(in: scene.namespace).items {
            told += String(decoding: try encoder.encode(map), as: UTF8.self)
        }
        return told
    }
}

/// Looks at the simulated RunPod all the time: what is wrong for a moment only is wrong too.
final class LabWatch: Sendable {
    private struct Seen {
        var ids: [String: Set<String>] = [:]
        var duplicates: [String: [String]] = [:]
    }

    private let lab: RunPodLab
    private let seen = Mutex(Seen())

    init(_ lab: RunPodLab) { self.lab = lab }

    /// Every endpoint that each owner ever had.
    var ids: [String: Set<String>] { seen.withLock { $0.ids } }
    /// Owners that had more than one endpoint at once.
    var duplicates: [String: [String]] { seen.withLock { $0.duplicates } }

    func whileWatching(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    self.look()
                    try? await Task.sleep(for: .milliseconds(20))
                }
            }
            defer { group.cancelAll() }
            try await body()
        }
        look()
    }

    private func look() {
        guard let endpoints = try? lab.endpoints else { return }
        let byOwner = Dictionary(grouping: endpoints.filter { $0.owner != nil }) { $0.owner ?? "" }
        seen.withLock { seen in
            for (owner, endpoints) in byOwner {
                seen.ids[owner, default: []].formUnion(endpoints.map(\.id))
                if endpoints.count > 1 { seen.duplicates[owner] = endpoints.map(\.id) }
            }
        }
    }
}
