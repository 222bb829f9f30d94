import ControllerRuntime
import FoundationEssentials
import KubernetesModel
import Logging
import RunPod
import RunPodSimulator
import Synchronization
import Testing

@testable import MartletAPI
@testable import MartletDecisions
@testable import MartletOperator

/// A sweep over one or two simulated accounts, without anything else of an operator.
final class SweepScene {
    static let marker = "cluster/dev/uid-gone"

    let time = JumpTime()
    let cluster = HistoryCluster()
    let crash = Crash()
    let lead = Lead()
    let objects: HistoryObjects
    let runpod: SimulatedRunPod
    let accounts: RunPodAccounts
    let sweep: OrphanSweep

    init(
        deletes: Bool = true, namespaces: [String] = [], keys: [String] = ["key-a"], pageSize: Int? = nil,
        ledger: EndpointLedger? = nil
    ) throws {
        let (time, lead) = (self.time, self.lead)
        var settings = RunPodWorld.Settings()
        settings.rateQuotas = []
        settings.pageSize = pageSize
        var world = RunPodWorld(seed: 1, at: SimulatedInstant(JumpTime.start), settings: settings)
        for key in keys { world.addAccount(RunPodWorld.AccountID(key), key: key) }
        let runpod = SimulatedRunPod(world, time: time.simulated)
        let accounts = RunPodAccounts(on: runpod, time: time)
        for key in keys { _ = accounts[try #require(RunPodKey(key))] }
        objects = HistoryObjects(cluster, crash)
        self.runpod = runpod
        self.accounts = accounts
        lead.take(1)
        sweep = OrphanSweep(
            accounts: accounts, objects: objects,
            keys: RunPodKeys(objects: objects, accounts: accounts, fallback: nil), memories: DriverMemories(),
            ledger: ledger, clusterID: "cluster", namespaces: namespaces, deletes: deletes, metrics: RunPodMetrics(),
            leads: { lead.leadership != .standby }, time: time,
            logger: Logger(label: "sweep") { _ in SwiftLogNoOpLogHandler() })
    }

    /// An endpoint that stands there with workers.
    @discardableResult
    func add(_ name: String = "lost", owner: String? = SweepScene.marker, under key: String = "key-a") -> String {
        let owner = owner.map { #","env":{"MARTLET_OWNER":"\#($0)"}"# } ?? ""
        let body =
            #"{"name":"\#(name)","type":"QUEUE","image":"a/b:1","gpu":{"pools":["ADA_24"]},"workers":{"min":1,"max":1},"#
            + #""scaling":{"type":"QUEUE_DELAY","queueDelay":4}\#(owner)}"#
        return runpod.withWorld { world in
            _ = world.handle(
                SimulatedRequest(
                    .control, "POST", "/v2/serverless", authorization: "Bearer \(key)", body: Array(body.utf8)),
                at: world.now)
            return world.endpoints.last?.id.text ?? ""
        }
    }

    /// An object of that uid, which the operator's cache need not know.
    func addObject(_ uid: String = "uid-gone", recording id: String? = nil) {
        let key = ObjectKey(namespace: "dev", name: "one")
        cluster.create(key, uid: uid, InferenceEndpointSpec(), at: time.now)
        guard let id else { return }
        cluster.state.withLock { state in
            guard var object = state.objects[key] else { return }
            object.status = InferenceEndpointStatus(runpod: RunPodStatus(endpointId: id))
            _ = state.put(object)
        }
    }

    func events(about id: String) -> [OrphanEvent] { objects.orphanEvents.withLock { $0[id] ?? [] } }
    func pass(_ seconds: Int) { time.pass(.seconds(seconds)) }
    var ids: Set<String> { runpod.withWorld { Set($0.endpoints.map(\.id.text)) } }
    var writes: Int { runpod.withWorld { $0.calls.count { $0.method != "GET" } } }
    func failFollowUpPages(_ times: Int?) {
        runpod.withWorld {
            _ = $0.inject(
                .init(
                    .init(.listEndpoints, isFollowUpPage: true), commit: .never,
                    answer: .problem(status: 500, detail: "internal error"), times: times))
        }
    }
}
