import ControllerRuntime
import FoundationEssentials
import Kubernetes
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
private let scalePath = "PATCH /apis/apps/v1/namespaces/dev/deployments/w/scale"

@Suite("Scaler") struct ScalerTests {
    private let time = ManualTime()
    private let api = ScriptedAPI([
        scalePath:
            #"{"metadata":{"name":"w","namespace":"dev","resourceVersion":"7"},"spec":{"replicas":20},"status":{}}"#
    ])
    private let target = ScaleTarget(
        key: TargetKey(kind: .deployment, object: endpoint.key), resourceVersion: ResourceVersion(rawValue: "5"),
        replicas: 0, currentReplicas: 0, selector: LabelSelector(), gpusPerReplica: 0, graceSeconds: 30,
        consents: false, isBeingDeleted: false, firstOrdinal: 0)

    private func scaler() -> Scaler {
        let client = api.client(time)
        return Scaler(
            deployments: client.resources(), statefulSets: client.resources(), pods: client.resources(),
            metrics: ScalerMetrics(), time: time)
    }

    private func decision(waiting: Int, at replicas: Int) throws -> ScalingDecision {
        guard case .accepted(let accepted) = endpoint.resolution, let resolved = accepted.scaling else {
            throw Problem.refused
        }
        return ScalingSnapshot(
            now: time.now, endpoint: resolved,
            target: TargetSnapshot(kind: .deployment(honoursDeletionCost: true), replicas: replicas), pods: [],
            reading: .current(QueueReading(waiting: waiting, inFlight: 0))
        ).decision(after: ScalingHistory(startedAt: time.now))
    }

    private enum Problem: Error { case refused }

    @Test("a second write waits until 100 ms have passed, and then has the last word")
    func paced() async throws {
        var memory = EndpointMemory(endpoint, now: time.now)
        let first = await scaler().carryOut(
            try decision(waiting: 3, at: 0), on: target, pushedAt: nil, &memory)
        guard case .scaled = first else { return #expect(Bool(false), "\(first)") }
        time.advance(by: .milliseconds(30))
        let more = try decision(waiting: 100, at: 1)
        guard case .paced(let wait) = await scaler().carryOut(more, on: target, pushedAt: nil, &memory) else {
            return #expect(Bool(false), "a second write within 100 ms")
        }
        #expect(wait <= .milliseconds(71))
        #expect(api.bodies(of: scalePath).count == 1)
        time.advance(by: wait + .milliseconds(1))
        guard case .scaled = await scaler().carryOut(more, on: target, pushedAt: nil, &memory) else {
            return #expect(Bool(false), "the last word is lost")
        }
        #expect(api.bodies(of: scalePath).count == 2)
        #expect(api.bodies(of: scalePath).last?.contains(#""replicas":20"#) == true)
    }

    @Test("what was written is decided over until the watch shows it")
    func remembered() async throws {
        var memory = EndpointMemory(endpoint, now: time.now)
        _ = await scaler().carryOut(try decision(waiting: 100, at: 0), on: target, pushedAt: nil, &memory)
        #expect(memory.replicas(of: target, at: time.uptime) == 20)
    }
}
