import FoundationEssentials
import KubernetesModel
import RunPod
import RunPodSimulator
import Synchronization
import Testing

@testable import MartletAPI
@testable import MartletDecisions
@testable import MartletOperator

/// One operator and one RunPod in virtual time, both sound until a test says what goes wrong. At every step it is checked
/// that no object has more than one endpoint that costs money.
final class FailureScene {
    /// What a schedule says of every object; nil: none governs them.
    private final class Door: Sendable {
        let state = Mutex<(isOpen: Bool, since: Date)?>(nil)

        func capacity(at now: Date) -> Capacity {
            guard let (isOpen, since) = state.withLock({ $0 }) else { return .ungoverned }
            return Capacity(
                isOpen: isOpen, by: "schedule", workers: nil,
                runpod: BackendCapacity(
                    isOpen: isOpen, min: isOpen ? 1 : 0, max: isOpen ? 3 : 0, since: since, cause: .schedule),
                nextTransition: nil, nextOpens: nil)
        }
    }

    static let key = ObjectKey(namespace: "dev", name: "image-gen")
    static let name = OwnedName.name(namespace: "dev", name: "image-gen", uid: "uid-1")

    let time = JumpTime()
    let cluster = HistoryCluster()
    let runpod: SimulatedRunPod
    private(set) var process: HistoryProcess
    private let door = Door()
    private var terms = 1

    init(_ change: (inout RunPodWorld.Settings) -> Void = { _ in }) {
        var settings = RunPodWorld.Settings()
        settings.rateQuotas = []
        settings.workerQuota = 100
        change(&settings)
        var world = RunPodWorld(seed: 1, at: SimulatedInstant(JumpTime.start), settings: settings)
        world.addAccount(History.account, key: "key-a")
        runpod = SimulatedRunPod(world, time: time.simulated)
        process = Self.process(cluster, runpod, time, door)
        process.lead.take(terms)
        cluster.state.withLock { $0.secrets[History.secret] = ["apiKey": "key-a"] }
    }

    /// `--runpod-credentials-secret`; there is no such Secret unless a test makes it.
    static let fallback = ObjectKey(namespace: "martlet", name: "fallback")

    private static func process(
        _ cluster: HistoryCluster, _ runpod: SimulatedRunPod, _ time: JumpTime, _ door: Door
    ) -> HistoryProcess {
        HistoryProcess(
            cluster, isTraced: false, runpod: runpod, time: time,
            fallback: SecretText(secret: fallback, key: "apiKey", demandsConsent: false),
            capacity: { _, _, now in door.capacity(at: now) }, check: { _ in })
    }

    /// A scene at rest: one endpoint, made and served, and nothing called since.
    static func opened(
        settings: (inout RunPodWorld.Settings) -> Void = { _ in }, scheduled: Bool = false,
        spec: (inout RunPodSpec) -> Void = { _ in }
    ) async -> FailureScene {
        let scene = FailureScene(settings)
        if scheduled { scene.schedule(isOpen: true) }
        scene.create(key, uid: "uid-1", spec)
        await scene.live(200)
        scene.expectServed()
        scene.forgetCalls()
        return scene
    }

    // MARK: What people do

    /// Somebody creates an object with an endpoint of 1 to 3 workers.
    func create(
        _ key: ObjectKey = FailureScene.key, uid: String = "uid-1", _ change: (inout RunPodSpec) -> Void = { _ in }
    ) {
        var spec = RunPodSpec(
            credentialsSecretRef: SecretKeyRef(name: "runpod"), image: "example/worker:1",
            gpu: RunPodGPUSpec(pools: ["ADA_24", "AMPERE_24"]), workers: RunPodWorkersSpec(min: 1, max: 3))
        change(&spec)
        cluster.create(key, uid: uid, InferenceEndpointSpec(runpod: spec), at: time.now)
        process.wakeAll()
    }

    func edit(_ change: (inout RunPodSpec) -> Void) {
        cluster.edit(Self.key) { spec in
            guard var runpod = spec.runpod else { return }
            change(&runpod)
            spec.runpod = runpod
        }
        process.wakeAll()
    }

    /// What a Secret holds from now on; nil: it is gone.
    func hold(_ key: String?, in secret: ObjectKey = History.secret) {
        cluster.state.withLock { $0.secrets[secret] = key.map { ["apiKey": $0] } }
        process.wakeAll()
    }

    func delete() {
        cluster.delete(Self.key, at: time.now)
        process.wakeAll()
    }

    /// A schedule's edge comes now.
    func schedule(isOpen: Bool) {
        let now = time.now
        door.state.withLock { $0 = (isOpen, now) }
        process.wakeAll()
    }

    /// The operator ends, if it has not died already, and another one starts.
    func restart() {
        process.crash.kill()
        terms += 1
        process = Self.process(cluster, runpod, time, door)
        process.lead.take(terms)
        process.wakeAll()
    }

    // MARK: What goes wrong

    func inject(_ fault: RunPodWorld.Fault) { runpod.withWorld { _ = $0.inject(fault) } }
    func inject(_ mode: RunPodWorld.FailureMode) { runpod.withWorld { $0.inject(mode) } }
    func heal() { runpod.withWorld { $0.removeAllFaults() } }
    func change(_ body: @Sendable (inout RunPodWorld.Settings) -> Void) { runpod.withWorld { body(&$0.settings) } }

    /// Lets everything happen for so many seconds, one thing after the other.
    func live(_ seconds: Double) async {
        let end = time.now.addingTimeInterval(seconds)
        while !process.crash.isDead, !Task.isCancelled, let next = process.next, next.at <= end {
            time.move(to: next.at)
            process.objects.sync()
            await process.work(on: next.key)
            checkBill()
        }
        time.move(to: end)
        checkBill()
    }

    private func checkBill() {
        let billed = runpod.withWorld { world in
            world.endpoints.filter { $0.billing >= .mayBill }.compactMap(\.owner)
        }
        #expect(Set(billed).count == billed.count, "an object pays for two endpoints: \(billed)")
    }

    // MARK: What came of it

    /// Every endpoint that exists, whosever it is.
    var endpoints: [RunPodWorld.Endpoint] { runpod.withWorld { $0.endpoints } }
    /// `min` and `max` of the only endpoint; nil if there is none, or more than one.
    var bounds: RunPodBounds? {
        let all = endpoints
        guard all.count == 1, let workers = all.first?.configuration.workers else { return nil }
        return RunPodBounds(min: workers.min, max: workers.max)
    }
    var record: EndpointRecord? { cluster[Self.key]?.record }
    var finding: RunPodFinding? { finding(of: Self.key) }
    func finding(of key: ObjectKey) -> RunPodFinding? { process.words.findings.withLock { $0[key] } }
    var events: [EndpointEvent] { process.objects.events.withLock { $0 } }

    var calls: [RunPodWorld.Call] { runpod.withWorld { $0.calls } }
    func calls(_ operation: RunPodWorld.Operation) -> Int { calls.count { $0.operation == operation } }
    /// The calls since the last `forgetCalls`.
    func forgetCalls() { runpod.withWorld { $0.forgetCalls() } }
    /// How often somebody tried to change something.
    var writes: Int { calls.count { $0.surface == .control && $0.method != "GET" } }

    /// The one endpoint is the object's, as the spec has it, recorded and told as ready.
    func expectServed(
        _ bounds: RunPodBounds = RunPodBounds(min: 1, max: 3), at place: SourceLocation = #_sourceLocation
    ) {
        #expect(self.bounds == bounds, sourceLocation: place)
        #expect(endpoints.first?.owner == "cluster/dev/uid-1", sourceLocation: place)
        #expect(record?.endpointID != nil && record?.intent == nil, sourceLocation: place)
        #expect(record?.endpointID == endpoints.first?.id.text, sourceLocation: place)
        #expect(finding?.reason == .ready, "\(String(describing: finding))", sourceLocation: place)
    }
}
