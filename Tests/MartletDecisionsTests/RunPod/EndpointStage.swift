import FoundationEssentials
import Testing

@testable import MartletAPI
@testable import MartletDecisions

/// One object and one RunPod account, both obedient unless told otherwise: carries each step out as the shell would.
struct EndpointStage {
    static let start = Date(timeIntervalSince1970: 1_800_000_000)
    static let name = "martlet-dev-image-gen-00000001"

    /// What RunPod does with the next call of a kind.
    enum Fate { case refused(RunPodReason), lost(isDone: Bool), failed }

    var now = start
    var spec: ResolvedRunPod
    var capacity: BackendCapacity?
    var generation: Int64 = 1
    var suspend = false
    var isRetiring = false
    var policy = RunPodDeletionPolicy.delete
    var isMarked = false
    var isReleased = false
    var record = EndpointRecord()
    var key = KeyView.usable(fingerprint: "key-one")
    var listKey = "key-one"
    var environmentProblem: CallProblem?
    var rival: String?
    var account: [ObservedEndpoint] = []
    /// What lists show instead, while they lag.
    var listed: [ObservedEndpoint]?
    var list: AccountList?
    var listProblem: CallProblem?
    var jobs = 0
    var workers = WorkerCounts()
    var healthAnswers = true
    var history = EndpointHistory()
    var fates: [EndpointHistory.CallKind: Fate] = [:]
    var steps: [EndpointStep] = []
    var events: [EndpointEvent] = []
    var abandoned: [UnmanagedEndpoint] = []
    var retained: [UnmanagedEndpoint] = []
    private var lastID = 0

    init(_ change: (inout RunPodSpec) -> Void = { _ in }) throws {
        var runpod = RunPodSpec(
            credentialsSecretRef: SecretKeyRef(name: "runpod"), image: "example/worker:1",
            gpu: RunPodGPUSpec(pools: ["ADA_24", "AMPERE_24"]), workers: RunPodWorkersSpec(min: 1, max: 3))
        change(&runpod)
        spec = try #require(Self.resolve(runpod))
    }

    static func resolve(_ runpod: RunPodSpec) -> ResolvedRunPod? {
        guard case .accepted(let endpoint) = InferenceEndpointSpec(runpod: runpod).resolved(name: "image-gen") else {
            return nil
        }
        return endpoint.runpod
    }

    var snapshot: EndpointSnapshot {
        var snapshot = EndpointSnapshot(
            now: now, name: Self.name, spec: spec, generation: generation, isMarked: isMarked, record: record, key: key,
            list: list)
        snapshot.suspend = suspend
        snapshot.isRetiring = isRetiring
        snapshot.deletionPolicy = policy
        snapshot.capacity = capacity
        snapshot.environmentProblem = environmentProblem
        snapshot.rival = rival
        snapshot.listProblem = listProblem
        return snapshot
    }

    mutating func pass(_ seconds: Double) { now += seconds }

    mutating func closeSchedule(since: Date? = nil) {
        capacity = BackendCapacity(isOpen: false, min: 0, max: 0, since: since ?? now, cause: .schedule)
    }

    mutating func openSchedule() {
        capacity = BackendCapacity(isOpen: true, min: 1, max: 3, since: now, cause: .schedule)
    }

    mutating func restart() {
        history = EndpointHistory()
        list = nil
    }

    /// Decides once and carries it out.
    @discardableResult
    mutating func act() -> EndpointPlan {
        let plan = snapshot.plan(after: history)
        history = plan.history
        carryOut(plan.step)
        events += history.takeEvents()
        return plan
    }

    /// Acts until there is nothing to do at this instant.
    @discardableResult
    mutating func settle() -> EndpointPlan {
        for _ in 0..<60 {
            let plan = act()
            if plan.step == .hold { return plan }
        }
        Issue.record("it never comes to rest: \(steps.suffix(6))")
        return act()
    }

    /// Lives on for `seconds`, acting whenever a plan asked for it.
    @discardableResult
    mutating func live(_ seconds: Double) -> EndpointPlan {
        let end = now + seconds
        var plan = settle()
        while true {
            let next = max(plan.recheckAt ?? end, now + 0.5)
            guard next <= end else { break }
            now = next
            plan = settle()
        }
        now = end
        return settle()
    }

    private mutating func carryOut(_ step: EndpointStep) {
        if step != .hold { steps.append(step) }
        history.note(step, outcome(of: step), at: now)
    }

    private mutating func outcome(of step: EndpointStep) -> StepOutcome {
        switch step {
        case .hold: return .done
        case .mark: isMarked = true
        case .readList:
            guard listProblem == nil else { return .done }
            list = AccountList(began: now, keyFingerprint: listKey, endpoints: listed ?? account)
        case .record(let new): record = new
        case .create(let draft): return effect(.create) { stage in .created(id: stage.add(draft)) }
        case .update(let id, let change, let urgency):
            return effect(urgency == .closing ? .close : .update) { stage in
                guard let index = stage.account.firstIndex(where: { $0.id == id }) else {
                    return .refused(CallProblem(.unreachable, "not found"))
                }
                stage.account[index] = change.applied(to: stage.account[index])
                return .done
            }
        case .readHealth:
            guard healthAnswers else { return .failed(CallProblem(.unreachable, "no answer")) }
            return .health(HealthReading(time: now, queued: jobs, running: 0, workers: workers))
        case .delete(let id):
            return effect(.delete) { stage in
                guard stage.account.contains(where: { $0.id == id }) else { return .gone }
                stage.account.removeAll { $0.id == id }
                return .done
            }
        case .verifyGone(let id): return account.contains { $0.id == id } ? .stillThere : .gone
        case .abandon(let endpoint): abandoned.append(endpoint)
        case .retain(let endpoint): retained.append(endpoint)
        case .release:
            isMarked = false
            isReleased = true
        }
        return .done
    }

    private mutating func effect(
        _ kind: EndpointHistory.CallKind, _ call: (inout EndpointStage) -> StepOutcome
    ) -> StepOutcome {
        switch fates.removeValue(forKey: kind) {
        case nil: return call(&self)
        case .refused(let reason): return .refused(CallProblem(reason, "refused"))
        case .failed: return .failed(CallProblem(.rateLimited, "not now"))
        case .lost(let isDone):
            if isDone { _ = call(&self) }
            return .doubtful(CallProblem(.unreachable, "no answer"))
        }
    }

    private mutating func add(_ draft: EndpointDraft) -> String {
        let endpoint = endpoint(draft)
        account.append(endpoint)
        return endpoint.id
    }

    /// What RunPod makes of a draft, without putting it into the account.
    mutating func endpoint(_ draft: EndpointDraft) -> ObservedEndpoint {
        lastID += 1
        var endpoint = ObservedEndpoint(
            id: "ep\(lastID)", name: draft.name, mark: .ours, bounds: draft.workers.bounds)
        endpoint.pools = draft.pools
        endpoint.gpuCount = 1
        endpoint.image = "example/worker:1"
        endpoint.timeoutMilliseconds = 300_000
        endpoint.flashBoot = false
        endpoint.scaling = .queueDelay(seconds: 4)
        endpoint.idleTimeoutSeconds = draft.workers.idleTimeoutSeconds
        endpoint.environment = .asWanted
        endpoint.createdAt = now
        return endpoint
    }

    var creates: Int { steps.count { if case .create = $0 { true } else { false } } }
    var updates: [EndpointChange] {
        steps.compactMap { if case .update(_, let change, _) = $0 { change } else { nil } }
    }
    var bounds: RunPodBounds? { account.first?.bounds }
}
