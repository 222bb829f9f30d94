import ControllerRuntime
import FoundationEssentials
import KubernetesModel
import MartletAPI
import MartletDecisions
import Testing

@testable import MartletOperator

private let endpoint = InferenceEndpoint(
    metadata: ObjectMeta(name: "w", namespace: "dev"),
    spec: InferenceEndpointSpec(
        queue: QueueSpec(redis: RedisSpec(addresses: ["redis.dev.svc:6379"]), list: ListSpec(key: "jobs")),
        workers: WorkersSpec(targetRef: TargetRef(name: "w"), maxReplicas: 20)))

@Suite("What a decision is given") struct GatheredSnapshotTests {
    private let time = ManualTime()

    private func reading(of observation: QueueObservation?) throws -> ReadingState {
        guard case .accepted(let accepted) = endpoint.resolution, let resolved = accepted.scaling else {
            throw Problem.refused
        }
        let target = ScaleTarget(
            key: TargetKey(kind: .deployment, object: endpoint.key), resourceVersion: nil, replicas: 4,
            currentReplicas: 4, selector: LabelSelector(), gpusPerReplica: 0, graceSeconds: 30, consents: true,
            isBeingDeleted: false, firstOrdinal: 0)
        var memory = EndpointMemory(endpoint, now: time.now)
        return ScalingSnapshot(
            endpoint, Admitted(resolved: resolved, target: target, server: QueueServerConfiguration(addresses: [])),
            bounds: ScalingBounds(of: resolved.workers), memory: &memory, observation: observation, workers: [],
            roster: WorkerRoster(time: time, isPod: { _ in true }), honoursDeletionCost: true, time: time
        ).reading
    }

    private enum Problem: Error { case refused }

    @Test("before the first reading the queue counts as lost since the start, not as empty")
    func notReadYet() throws {
        let start = time.now
        #expect(try reading(of: nil) == .lost(since: start))
    }

    @Test("the last figures of a queue that can't be read any more are not taken for current ones")
    func stale() throws {
        let observation = QueueObservation(
            reading: QueueCounts(waiting: 0, inFlight: 0, at: .now),
            failure: QueueFailure(reason: .unreachable, message: "", since: .now))
        guard case .lost = try reading(of: observation) else {
            Issue.record("old figures are taken for current ones")
            return
        }
    }

    @Test("figures that were read are passed on as they are")
    func current() throws {
        let observation = QueueObservation(reading: QueueCounts(waiting: 7, inFlight: 2, at: .now))
        #expect(try reading(of: observation) == .current(QueueReading(waiting: 7, inFlight: 2)))
    }
}
