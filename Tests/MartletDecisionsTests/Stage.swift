import FoundationEssentials
import KubernetesModel
import MartletAPI

@testable import MartletDecisions

/// A target on a stage: tests set what is seen, let time pass and ask for decisions.
struct Stage {
    static let start = Date(timeIntervalSince1970: 1_800_000_000)

    var now = Stage.start
    var endpoint: ResolvedScaling
    var bounds: ScalingBounds
    var target: TargetSnapshot
    var pods: [PodSnapshot] = []
    var reading = ReadingState.current(QueueReading(waiting: 0, inFlight: 0))
    var listeningSince: Date?
    var refusal: Refusal?
    var history: ScalingHistory

    init(
        replicas: Int = 0, kind: TargetKind = .deployment(honoursDeletionCost: true), max: Int = 20,
        lastActiveSecondsAgo: Double = 0, list: ListSpec? = nil, stream: StreamSpec? = nil,
        _ edit: (inout InferenceEndpointSpec) -> Void = { _ in }
    ) throws {
        var spec = InferenceEndpointSpec(
            queue: QueueSpec(
                redis: RedisSpec(addresses: ["redis.dev.svc:6379"]),
                celery: list == nil && stream == nil ? CelerySpec() : nil, list: list, stream: stream),
            workers: WorkersSpec(targetRef: TargetRef(name: "worker"), maxReplicas: max, scaleDown: ScaleDownSpec()))
        edit(&spec)
        endpoint = try spec.accepted()
        bounds = ScalingBounds(of: endpoint.workers)
        target = TargetSnapshot(kind: kind, replicas: replicas)
        // Long enough on the stage for nothing to be fresh.
        listeningSince = Stage.start.addingTimeInterval(-1000)
        history = ScalingHistory(
            startedAt: Stage.start.addingTimeInterval(-1000),
            restoring: WorkersStatus(
                lastActiveTime: Timestamp(Stage.start.addingTimeInterval(-1000 - lastActiveSecondsAgo))))
    }

    var snapshot: ScalingSnapshot {
        ScalingSnapshot(
            now: now, endpoint: endpoint, bounds: bounds, target: target, pods: pods, reading: reading,
            listeningSince: listeningSince, refusal: refusal)
    }

    mutating func queue(_ waiting: Int, _ inFlight: Int = 0) {
        reading = .current(QueueReading(waiting: waiting, inFlight: inFlight))
    }

    mutating func pass(_ seconds: Double) { now = now.addingTimeInterval(seconds) }

    mutating func decide() -> ScalingDecision {
        let decision = snapshot.decision(after: history)
        history = decision.history
        return decision
    }

    /// Decides and lets the API server carry a scale out.
    @discardableResult
    mutating func act() -> ScalingDecision {
        let decision = decide()
        switch decision.action {
        case .hold: break
        case .scale(let count):
            history.scaled(from: target.replicas, to: count, at: now)
            target.replicas = count
        case .writeCosts(let costs):
            for cost in costs {
                for index in pods.indices where pods[index].name == cost.pod { pods[index].deletionCost = cost.cost }
            }
        }
        return decision
    }

    /// Fills the stage with Pods that have run for long and have keys of their own, which say this.
    mutating func pods(work: [PodWork]) {
        pods = work.enumerated().map { index, work in
            PodSnapshot(
                name: "worker-\(index)", startedAt: Stage.start.addingTimeInterval(-500), template: "a", work: work)
        }
    }

    /// Fills the stage with Pods that have run for long, as many as evidence is given.
    mutating func pods(_ evidence: [WorkerEvidence]) {
        pods = evidence.enumerated().map { index, evidence in
            PodSnapshot(
                name: "worker-\(index)", startedAt: Stage.start.addingTimeInterval(-5000), template: "a",
                evidence: evidence)
        }
    }
}

extension InferenceEndpointSpec {
    struct Refused: Error { var problems: [SpecProblem] }

    func accepted() throws -> ResolvedScaling {
        switch resolved() {
        case .accepted(let endpoint):
            guard let scaling = endpoint.scaling else { throw Refused(problems: []) }
            return scaling
        case .refused(let problems): throw Refused(problems: problems)
        }
    }
}

extension WorkerEvidence {
    static let idle = WorkerEvidence.idle(overdueAt: .distantFuture)
    static let working = WorkerEvidence.busy(.active(1))
    static func silent(for seconds: Double, at now: Date = Stage.start) -> WorkerEvidence {
        .busy(.silent(since: now.addingTimeInterval(-seconds)))
    }
}

extension [WorkerEvidence] {
    static func all(_ evidence: WorkerEvidence, _ count: Int) -> Self { Array(repeating: evidence, count: count) }
}
