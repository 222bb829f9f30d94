import ControllerRuntime
import FoundationEssentials
import HTTPTransport
import KubernetesModel
import Logging
import RunPod
import RunPodSimulator
import Synchronization

@testable import MartletAPI
@testable import MartletDecisions
@testable import MartletOperator

/// What a process believes of its leadership.
final class Lead: Sendable {
    private let term = Mutex<Int?>(nil)
    var leadership: Leadership { term.withLock { $0.map(Leadership.leading) } ?? .standby }
    func take(_ new: Int) { term.withLock { $0 = new } }
    func lose() { term.withLock { $0 = nil } }
}

/// Keeps what the driver told last.
final class LastWord: DriverReporter {
    let findings = Mutex<[ObjectKey: RunPodFinding]>([:])
    func report(_ plan: EndpointPlan, _ look: DriverLook, _ memory: inout DriverMemory) async {
        let key = look.endpoint.key
        findings.withLock { $0[key] = plan.finding }
    }
    let isTraced: Bool
    let steps = Mutex<[String]>([])
    init(isTraced: Bool) { self.isTraced = isTraced }
    func carriedOut(_ step: EndpointStep, _ outcome: StepOutcome, edge: inout Date?) {
        if isTraced { steps.withLock { $0.append("\(step) => \(outcome)") } }
    }
    func forget(_ key: ObjectKey) {}
}

/// One operator process of a history.
final class HistoryProcess: Sendable {
    let crash = Crash()
    let lead = Lead()
    let objects: HistoryObjects
    let controller: RunPodController
    let sweep: OrphanSweep
    let words: LastWord
    let failures = Mutex<[String]>([])
    let due = Mutex<[ObjectKey: Date]>([:])
    private let time: JumpTime

    static let clusterID = "cluster"

    init(
        _ cluster: HistoryCluster, isTraced: Bool, runpod: SimulatedRunPod, time: JumpTime, fallback: SecretText?,
        capacity: @escaping @Sendable (InferenceEndpoint, SpecResolution, Date) -> Capacity,
        check: @escaping @Sendable (HTTPRequest) -> Void
    ) {
        self.time = time
        words = LastWord(isTraced: isTraced)
        let crash = crash
        let lead = lead
        let objects = HistoryObjects(cluster, crash)
        self.objects = objects
        let transport = CrashingTransport(inner: runpod, crash: crash, check: check)
        let accounts = RunPodAccounts(on: transport, time: time) { lead.leadership != .standby && !crash.isDead }
        let keys = RunPodKeys(objects: objects, accounts: accounts, fallback: fallback)
        let memories = DriverMemories()
        controller = RunPodController(
            objects: objects,
            gatherer: DriverGatherer(
                objects: objects, keys: keys, capacity: capacity, demandsConsent: { false }, clusterID: Self.clusterID,
                time: time),
            actions: EndpointActions(objects: objects, time: time), memories: memories, reporter: words,
            leadership: { crash.isDead ? .standby : lead.leadership }, time: time)
        sweep = OrphanSweep(
            accounts: accounts, objects: objects, keys: keys, memories: memories, ledger: nil,
            clusterID: Self.clusterID, namespaces: [], deletes: true, metrics: RunPodMetrics(),
            leads: { lead.leadership != .standby }, time: time,
            logger: Logger(label: "history") { _ in SwiftLogNoOpLogHandler() })
    }

    /// What the watch shows wakes every object.
    func wakeAll() {
        objects.sync()
        let keys = objects.all.map(\.key)
        let now = time.now
        due.withLock { due in for key in keys { due[key] = now } }
    }

    /// The next object to look at.
    var next: (key: ObjectKey, at: Date)? {
        due.withLock { due in due.min { ($0.value, $0.key) < ($1.value, $1.key) }.map { ($0.key, $0.value) } }
    }

    /// Reconciles one object, as the work queue would.
    func work(on key: ObjectKey) async {
        due.withLock { $0[key] = nil }
        do {
            switch try await controller.reconcile(key) {
            case .done: break
            case .again(let delay):
                let at = time.now.addingTimeInterval(
                    Double(delay.components.seconds) + Double(delay.components.attoseconds) / 1e18)
                due.withLock { $0[key] = min($0[key] ?? .distantFuture, at) }
            }
        } catch {
            failures.withLock { $0.append("\(error)") }
            let at = time.now.addingTimeInterval(1)
            due.withLock { $0[key] = at }
        }
    }
}

extension RunPodAccounts {
    /// Accounts that are reached by `transport`, in time that passes where somebody waits.
    convenience init(
        on transport: any HTTPTransport, time: JumpTime, mayBegin: @escaping @Sendable () -> Bool = { true }
    ) {
        let clock = RunPodTime(
            now: { time.uptime.sinceOrigin }, sleep: { try await time.sleep(for: $0) }, random: { 0.5 })
        self.init(time: time) { key in
            (
                RunPodControl(
                    key: key, transport: transport, queue: CallQueue(time: clock), time: clock, mayBegin: mayBegin),
                RunPodJobs(
                    key: key, transport: transport, queue: CallQueue(time: clock), time: clock, mayBegin: mayBegin)
            )
        }
    }
}
