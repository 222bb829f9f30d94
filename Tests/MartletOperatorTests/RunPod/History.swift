import ControllerRuntime
import FoundationEssentials
import HTTPTransport
import KubernetesModel
import RunPod
import RunPodSimulator
import Synchronization
import Testing

@testable import MartletAPI
@testable import MartletDecisions
@testable import MartletOperator

/// One generated history: objects, schedules, a RunPod that loses answers and lags, processes that die and lead at the
/// same time. The simulator's own view is checked after every call.
final class History: Sendable {
    struct Edge {
        var at: Date
        var opens: Bool
    }
    struct Plan {
        var key: ObjectKey
        var edges: [Edge]
    }

    let seed: UInt64
    let isTraced: Bool
    let time = JumpTime()
    let cluster = HistoryCluster()
    let runpod: SimulatedRunPod
    let problems = Mutex<[String]>([])
    let trace = Mutex<[String]>([])
    private let edges = Mutex<[ObjectKey: [Edge]]>([:])
    private let retained = Mutex<Set<String>>([])
    private let foreign: [RunPodWorld.EndpointID: RunPodWorld.Configuration]
    private let random: Mutex<SplitMix>
    private let processes = Mutex<[HistoryProcess]>([])
    private let terms = Mutex(0)
    private let fallback = SecretText(
        secret: ObjectKey(namespace: "martlet", name: "fallback"), key: "apiKey", demandsConsent: false)

    static let account = RunPodWorld.AccountID("acct")
    static let secret = ObjectKey(namespace: "dev", name: "runpod")

    init(seed: UInt64, isTraced: Bool) {
        self.seed = seed
        self.isTraced = isTraced
        var random = SplitMix(seed: seed)
        var settings = RunPodWorld.Settings()
        settings.rateQuotas = []
        settings.workerQuota = 1000
        if random.chance(0.5) {
            settings.lag.listAfterCreate = .seconds(random.int(0...90))
            settings.lag.listAfterDelete = .seconds(random.int(0...60))
            settings.lag.listAfterUpdate = .seconds(random.int(0...15))
            settings.lag.readAfterCreate = .seconds(random.int(0...20))
            settings.lag.readAfterDelete = .seconds(random.int(0...60))
            settings.lag.jobsAfterCreate = .seconds(random.int(0...30))
        }
        if random.chance(0.2) { settings.listedNameSuffix = random.chance(0.5) ? "-fb" : " -fb" }
        if random.chance(0.2) { settings.pageSize = 1 }
        // Every eighth has few calls a minute: what waits for its turn must not be sent when it is wrong by then.
        if seed % 8 == 0 {
            settings.rateQuotas = [
                RateQuota("minute", requests: settings.pageSize == nil ? 8 : 24, span: .seconds(60))
            ]
        }
        var world = RunPodWorld(seed: random.next(), at: SimulatedInstant(JumpTime.start), settings: settings)
        world.addAccount(Self.account, key: "key-a")
        world.addKey("key-b", to: Self.account)
        world.addAccount("other", key: "key-z")
        foreign = Self.addForeign(to: &world, &random)
        self.random = Mutex(random)
        runpod = SimulatedRunPod(world, time: time.simulated)
        cluster.state.withLock { $0.secrets[Self.secret] = ["apiKey": "key-a"] }
    }

    func draw<T>(_ body: (inout SplitMix) -> T) -> T { random.withLock { body(&$0) } }
    func note(_ text: @autoclosure () -> String) {
        // Describing each step takes longer than carrying it out.
        guard isTraced else { return }
        let at = Int(time.now.timeIntervalSince(JumpTime.start))
        let text = text()
        trace.withLock { $0.append("\(at) \(text)") }
    }
    func blame(_ text: String) {
        note("!!! \(text)")
        problems.withLock { $0.append(text) }
    }

    // MARK: Capacity

    func schedule(_ key: ObjectKey, _ list: [Edge]) { edges.withLock { $0[key] = list } }

    func isOpen(_ key: ObjectKey, at now: Date) -> Bool {
        edges.withLock { $0[key]?.last { $0.at <= now }?.opens ?? true }
    }

    private func capacity(of key: ObjectKey, at now: Date) -> Capacity {
        let list = edges.withLock { $0[key] ?? [] }
        guard !list.isEmpty else { return .ungoverned }
        let edge = list.last { $0.at <= now }
        let opens = edge?.opens ?? true
        let next = list.first { $0.at > now }
        return Capacity(
            isOpen: opens, by: "schedule", workers: nil,
            runpod: BackendCapacity(
                isOpen: opens, min: opens ? 1 : 0, max: opens ? 3 : 0, since: edge?.at, cause: .schedule),
            nextTransition: next?.at, nextOpens: next?.opens)
    }

    // MARK: Processes

    func start(leading: Bool = true) -> HistoryProcess {
        let process = HistoryProcess(
            cluster, isTraced: isTraced, runpod: runpod, time: time, fallback: draw { $0.chance(0.3) } ? fallback : nil,
            capacity: { [self] endpoint, _, now in capacity(of: endpoint.key, at: now) },
            check: { [self] request in check(request) })
        if leading { process.lead.take(term()) }
        process.wakeAll()
        processes.withLock { $0.append(process) }
        return process
    }

    /// Sees to it that somebody leads.
    func elect() {
        let alive = alive
        guard !alive.contains(where: { $0.lead.leadership != .standby }) else { return }
        guard let heir = alive.last else {
            _ = start()
            return
        }
        heir.lead.take(term())
        heir.wakeAll()
    }

    func term() -> Int {
        terms.withLock {
            $0 += 1
            return $0
        }
    }
    var alive: [HistoryProcess] {
        processes.withLock {
            $0.removeAll { $0.crash.isDead }; return $0
        }
    }

    /// Lets everything happen until `end`, one thing after the other.
    func live(until end: Date) async {
        while true {
            let next = alive.compactMap { process in process.next.map { (process: process, key: $0.key, at: $0.at) } }
                .min { $0.at < $1.at }
            guard let next, next.at <= end else { break }
            time.move(to: next.at)
            if draw({ $0.chance(0.9) }) { next.process.objects.sync() }
            let before = next.process.words.findings.withLock { $0[next.key] }
            await next.process.work(on: next.key)
            checkWorld()
            if isTraced {
                let steps = next.process.words.steps.withLock { steps in
                    defer { steps = [] }
                    return steps
                }
                for step in steps { note(step) }
            }
            if let word = next.process.words.findings.withLock({ $0[next.key] }), word.reason != before?.reason {
                note("-> \(word.reason): \(word.message)")
            }
            if next.process.crash.isDead {
                note("crashed")
                elect()
            }
        }
        time.move(to: end)
        checkWorld()
    }

    // MARK: Invariants

    private func check(_ request: HTTPRequest) {
        guard request.method != .get else { return }
        note("\(request.method) \(request.url.split(separator: "/").suffix(2).joined(separator: "/"))")
        checkWorld()
    }

    func checkWorld() {
        let found: [String] = runpod.withWorld { world in
            var found: [String] = []
            for (id, configuration) in foreign where world[id]?.configuration != configuration {
                found.append("the foreign endpoint \(id) was touched")
            }
            var billable: [String: Int] = [:]
            for endpoint in world.endpoints where endpoint.billing >= .mayBill {
                if let owner = endpoint.owner { billable[owner, default: 0] += 1 }
            }
            for (owner, count) in billable where count > 1 && !owner.hasPrefix("elsewhere") {
                found.append("\(count) billable endpoints of \(owner)")
            }
            return found
        }
        for problem in found where !problems.withLock({ $0.contains(problem) }) { blame(problem) }
    }

    private struct Seen {
        var id: String
        var owner: String?
        var name: String
        var bounds: RunPodBounds
        var jobs: Int
    }

    private var seen: [Seen] {
        runpod.withWorld { world in
            world.endpoints.map { endpoint in
                let workers = endpoint.configuration.workers
                return Seen(
                    id: endpoint.id.text, owner: endpoint.owner,
                    name: OwnedName.normalised(endpoint.configuration.name),
                    bounds: RunPodBounds(min: workers.min, max: workers.max), jobs: endpoint.unfinishedJobs)
            }
        }
    }

    /// Which objects have not what they want, where nothing goes wrong any more.
    func unsettled() -> [String] {
        cluster.all.flatMap { object -> [String] in
            if object.metadata.isBeingDeleted { return ["\(object.key) is still being deleted"] }
            guard case .accepted(let resolved) = object.resolution, let spec = resolved.runpod else { return [] }
            let mine = seen.filter { $0.owner == "cluster/dev/\(object.metadata.uid ?? "")" }
            guard isOpen(object.key, at: time.now) else {
                let count = mine.count
                if mine.contains(where: { $0.bounds.max != 0 }) { return ["\(object.key) is closed but has \(mine)"] }
                // Jobs are not discarded without a word in the spec.
                let hasJobs = mine.contains { $0.jobs > 0 }
                return count > (spec.whenClosed == .delete && !hasJobs ? 0 : 1)
                    ? ["\(object.key) is closed but has \(count)"] : []
            }
            guard mine.count == 1, let one = mine.first else { return ["\(object.key) has \(mine.count) while open"] }
            let isGoverned = edges.withLock { $0[object.key]?.isEmpty == false }
            let wanted =
                isGoverned ? RunPodBounds(min: 1, max: 3) : RunPodBounds(min: spec.workers.min, max: spec.workers.max)
            if one.bounds != wanted { return ["\(object.key) has \(one.bounds), not \(wanted)"] }
            let isRecorded = object.record.endpointID == one.id && object.record.intent == nil
            return isRecorded ? [] : ["\(object.key) records \(object.record), not \(one.id)"]
        }
    }

    /// Endpoints of this cluster that no object has, and that nobody gave up or kept.
    func leftOver() -> [String] {
        let uids = Set(cluster.all.compactMap(\.metadata.uid))
        let abandoned = cluster.abandoned
        return seen.compactMap { endpoint in
            guard let owner = endpoint.owner.flatMap(OwnerMarker.init), owner.cluster == HistoryProcess.clusterID,
                !uids.contains(owner.uid), !retained.withLock({ $0.contains(owner.uid) }),
                !abandoned.contains(where: { $0.id == endpoint.id || $0.id == nil && $0.name == endpoint.name })
            else { return nil }
            return "endpoint \(endpoint.id) of \(owner.uid) is left over"
        }
    }

    func retain(_ uid: String) { retained.withLock { _ = $0.insert(uid) } }

    private static func addForeign(
        to world: inout RunPodWorld, _ random: inout SplitMix
    ) -> [RunPodWorld.EndpointID: RunPodWorld.Configuration] {
        var names = [
            OwnedName.name(namespace: "dev", name: "image-gen", uid: "uid-elsewhere"), "somebodys", "live-other",
        ]
        if random.chance(0.1) { names.append("martlet") }
        for (index, name) in names.enumerated() {
            let owner = index == 0 ? #","env":{"MARTLET_OWNER":"elsewhere/dev/uid-1"}"# : ""
            let body =
                #"{"name":"\#(name)","type":"QUEUE","image":"a/b:1","gpu":{"pools":["ADA_24"]},"workers":{"min":1,"max":2},"#
                + #""scaling":{"type":"QUEUE_DELAY","queueDelay":4}\#(owner)}"#
            _ = world.handle(
                SimulatedRequest(
                    .control, "POST", "/v2/serverless", authorization: "Bearer key-a", body: Array(body.utf8)),
                at: world.now)
        }
        return Dictionary(uniqueKeysWithValues: world.endpoints.map { ($0.id, $0.configuration) })
    }
}

extension SplitMix {
    mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &self) < share }
    mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
    mutating func pick<T>(_ choices: [T]) -> T { choices[int(0...choices.count - 1)] }
}
