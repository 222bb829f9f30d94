import FoundationEssentials
import Kubernetes
import KubernetesModel
import MartletAPI
import MartletDecisions
import Testing

@testable import MartletOperator

private let now = Date(timeIntervalSince1970: 1_800_000_000)

/// One endpoint at rest, to be changed by each test.
private struct Scene {
    var endpoint = InferenceEndpoint(
        metadata: ObjectMeta(name: "w", namespace: "dev"),
        spec: InferenceEndpointSpec(
            queue: QueueSpec(
                redis: RedisSpec(addresses: ["redis.dev.svc:6379"]), list: ListSpec(key: "jobs"), tasksPerReplica: 5),
            workers: WorkersSpec(targetRef: TargetRef(name: "w"), maxReplicas: 20)))
    var observation: QueueObservation? = QueueObservation(
        reading: QueueCounts(waiting: 7, inFlight: 0, at: .now))
    var refusal: Refusal?
    var outcome = ScaleOutcome.held
    var graceSeconds = 900

    func status() throws -> InferenceEndpointStatus {
        guard case .accepted(let accepted) = endpoint.resolution, let resolved = accepted.scaling else {
            throw SceneProblem.notAccepted
        }
        let target = ScaleTarget(
            key: TargetKey(kind: .deployment, object: endpoint.key), resourceVersion: nil, replicas: 2,
            currentReplicas: 1,
            selector: LabelSelector(matchLabels: ["app": "w"]), gpusPerReplica: 1, graceSeconds: graceSeconds,
            consents: true, isBeingDeleted: false, firstOrdinal: 0)
        let memory = EndpointMemory(endpoint, now: now)
        let reading: ReadingState =
            observation?.reading.map { .current(QueueReading(waiting: $0.waiting, inFlight: $0.inFlight)) }
            ?? .lost(since: now)
        let snapshot = ScalingSnapshot(
            now: now, endpoint: resolved,
            target: TargetSnapshot(kind: .deployment(honoursDeletionCost: true), replicas: 2), pods: [],
            reading: reading,
            refusal: refusal)
        return StatusReport(
            endpoint: endpoint,
            admitted: Admitted(
                resolved: resolved, target: target, server: QueueServerConfiguration(addresses: []), refusal: refusal),
            snapshot: snapshot, decision: snapshot.decision(after: memory.history), outcome: outcome,
            observation: observation, workersRefused: nil, now: now
        ).status(after: memory)
    }
}

private enum SceneProblem: Error { case notAccepted }

@Suite("Status report") struct StatusReportTests {
    @Test("an endpoint that is read and scaled is Ready, with the counts for the columns")
    func ready() throws {
        let status = try Scene().status()
        #expect(status.conditions?["Ready"]?.status == .yes)
        #expect(status.queue?.summary == "7+0")
        #expect(status.workers?.replicas == 1)
        #expect(status.workers?.decision?.waiting == 7)
        #expect(status.schedule?.open == true)
    }

    @Test("a queue that can't be read says why, keeps its last counts and is not Ready")
    func unreadable() throws {
        var scene = Scene()
        scene.observation?.failure = QueueFailure(reason: .unreachable, message: "check the address", since: .now)
        let status = try scene.status()
        #expect(status.conditions?["QueueReadable"]?.status == .no)
        #expect(status.conditions?["QueueReadable"]?.reason == "Unreachable")
        #expect(status.conditions?["Ready"]?.reason == "Unreachable")
        #expect(status.conditions?["Accepted"]?.status == .yes)
        #expect(status.queue?.waiting == 7)
    }

    @Test(
        "a refused or unknown host is a mistake of the spec",
        arguments: [QueueFailure.Reason.hostRefused, .hostNotFound])
    func host(reason: QueueFailure.Reason) throws {
        var scene = Scene()
        scene.observation?.failure = QueueFailure(reason: reason, message: "use another host", since: .now)
        let accepted = try scene.status().conditions?["Accepted"]
        #expect(accepted?.status == .no)
        #expect(accepted?.reason == reason.rawValue)
    }

    @Test("another autoscaler on the target is told in Accepted and WorkersScaled")
    func refused() throws {
        var scene = Scene()
        scene.refusal = Refusal(reason: "AnotherAutoscaler", message: "delete it")
        let conditions = try scene.status().conditions
        #expect(conditions?["Accepted"]?.reason == "AnotherAutoscaler")
        #expect(conditions?["WorkersScaled"]?.status == .no)
    }

    @Test("a server that must be asked again and again is readable, and why is said")
    func polled() throws {
        var scene = Scene()
        scene.observation?.source = .poll(why: "the ACL forbids CLIENT TRACKING")
        let readable = try scene.status().conditions?["QueueReadable"]
        #expect(readable?.status == .yes)
        #expect(readable?.reason == "Polled")
        #expect(readable?.message.contains("CLIENT TRACKING") == true)
    }

    @Test("a grace period shorter than the drain is warned of")
    func grace() throws {
        var scene = Scene()
        scene.graceSeconds = 30
        #expect(try scene.status().conditions?["GracePeriodSufficient"]?.status == .no)
        #expect(try Scene().status().conditions?["GracePeriodSufficient"]?.status == .yes)
    }

    @Test("a condition that stays what it was keeps its transition time")
    func transition() throws {
        var scene = Scene()
        let old = Timestamp(now.addingTimeInterval(-3600))
        scene.endpoint.status = InferenceEndpointStatus(conditions: [
            Condition(
                type: "Ready", status: .yes, reason: "Ready", message: "", lastTransitionTime: old,
                observedGeneration: 1),
            Condition(
                type: "QueueReadable", status: .no, reason: "Unreachable", message: "", lastTransitionTime: old,
                observedGeneration: 1),
        ])
        let conditions = try scene.status().conditions
        #expect(conditions?["Ready"]?.lastTransitionTime == old)
        #expect(conditions?["QueueReadable"]?.lastTransitionTime == Timestamp(now))
    }

    @Test("a status that differs only in the decision's time is not worth a write")
    func timeAlone() throws {
        let first = try Scene().status()
        var second = first
        second.workers?.decision?.time = Timestamp(now.addingTimeInterval(300))
        #expect(!second.differs(from: first))
        second.queue = QueueStatus(waiting: 8, inFlight: 0, source: .push)
        #expect(second.differs(from: first))
        #expect(!second.differsUrgently(from: first))
        second.conditions = []
        #expect(second.differsUrgently(from: first))
    }
}
