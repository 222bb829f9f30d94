import FoundationEssentials
import KubernetesModel
import MartletAPI
import MartletDecisions

extension Workload {
    /// What one reconcile computes for a target of twenty Pods of which some are busy, a thousand times.
    static func decision() throws -> Workload {
        let times = 1_000
        let start = Date(timeIntervalSince1970: 1_800_000_000)
        let spec = InferenceEndpointSpec(
            queue: QueueSpec(redis: RedisSpec(addresses: ["redis.dev.svc:6379"]), celery: CelerySpec()),
            workers: WorkersSpec(targetRef: TargetRef(name: "worker"), maxReplicas: 40, scaleDown: ScaleDownSpec()))
        guard case .accepted(let accepted) = spec.resolved(), let endpoint = accepted.scaling else {
            throw WrongResult(got: 0, wanted: 1)
        }
        let pods = (0..<20).map { number in
            PodSnapshot(
                name: "worker-\(number)", startedAt: start.addingTimeInterval(-5000), template: "7d4b9c",
                evidence: number % 3 == 0 ? .busy(.active(1)) : .idle(overdueAt: .distantFuture))
        }
        let snapshot = ScalingSnapshot(
            now: start, endpoint: endpoint, bounds: ScalingBounds(of: endpoint.workers),
            target: TargetSnapshot(kind: .deployment(honoursDeletionCost: true), replicas: 20), pods: pods,
            reading: .current(QueueReading(waiting: 143, inFlight: 7)),
            listeningSince: start.addingTimeInterval(-1000), refusal: nil)
        let history = ScalingHistory(startedAt: start.addingTimeInterval(-1000))
        return Workload("Decision: 1,000 for 20 Pods, 7 of them busy") {
            var scaled = 0
            for _ in 0..<times {
                if case .scale(let size) = snapshot.decision(after: history).action, size == 30 { scaled += 1 }
            }
            try expect(scaled, times)
        }
    }
}
