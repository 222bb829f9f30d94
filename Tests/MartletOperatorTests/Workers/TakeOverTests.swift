import ControllerRuntime
import FoundationEssentials
import HTTPTransport
import Kubernetes
import KubernetesModel
import MartletAPI
import MartletDecisions
import Testing

@testable import MartletOperator

@Suite("Taking the lead over", .timeLimit(.minutes(1))) struct TakeOverTests {
    private let time = ManualTime()

    private func endpoint(lastActive: Date, _ conditions: [Condition] = []) -> InferenceEndpoint {
        var endpoint = InferenceEndpoint(
            metadata: ObjectMeta(name: "w", namespace: "dev"),
            spec: InferenceEndpointSpec(
                queue: QueueSpec(redis: RedisSpec(addresses: ["redis.dev.svc:6379"]), list: ListSpec(key: "jobs")),
                workers: WorkersSpec(targetRef: TargetRef(name: "w"), maxReplicas: 20)))
        endpoint.status = InferenceEndpointStatus(
            conditions: conditions, workers: WorkersStatus(replicas: 1, lastActiveTime: Timestamp(lastActive)))
        return endpoint
    }

    @Test(
        "what the one before told counts, where both saw the same and where it saw more", arguments: [-2.0, -1, 0, 7])
    func lastActive(difference: Double) {
        let own = time.now
        var memory = EndpointMemory(endpoint(lastActive: own), now: own)
        let told = own.addingTimeInterval(difference)
        memory.enter(term: 1, with: endpoint(lastActive: told))
        #expect(memory.history.lastActive == told)
    }

    @Test("a task that only this one saw is not forgotten")
    func sawMore() {
        let own = time.now
        var memory = EndpointMemory(endpoint(lastActive: own), now: own)
        memory.enter(term: 1, with: endpoint(lastActive: own.addingTimeInterval(-60)))
        #expect(memory.history.lastActive == own)
    }

    @Test("its conditions are what news is told against, once a term")
    func conditions() {
        let condition = Condition(
            type: "QueueReadable", status: .no, reason: "Unreachable", message: "",
            lastTransitionTime: Timestamp(time.now), observedGeneration: 1)
        var memory = EndpointMemory(endpoint(lastActive: time.now), now: time.now)
        memory.enter(term: 1, with: endpoint(lastActive: time.now, [condition]))
        #expect(memory.conditions == [condition])
        memory.conditions = []
        memory.enter(term: 1, with: endpoint(lastActive: time.now, [condition]))
        #expect(memory.conditions.isEmpty)
        memory.enter(term: 2, with: endpoint(lastActive: time.now, [condition]))
        #expect(memory.conditions == [condition])
    }

    @Test("a status that was withheld is dropped, and one asked for in the next term is written")
    func withheldStatus() async {
        let key = ObjectKey(namespace: "dev", name: "w")
        let path = "PATCH /apis/martlet.dev/v1alpha1/namespaces/dev/inferenceendpoints/w/status"
        let api = ScriptedAPI([path: #"{"metadata":{"name":"w","namespace":"dev"},"spec":{}}"#])
        let permit = SwitchedPermit()
        let writer = StatusWriter(
            api.client(time).writing(under: permit), time: time, logger: .silent, decisionsWait: { false })
        let status = InferenceEndpointStatus(workers: WorkersStatus(replicas: 3))
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await writer.run() }
            writer.submit(status, for: key, observed: nil)
            await until { permit.refusals == 1 }
            permit.grant()
            writer.forgetAll()
            writer.submit(status, for: key, observed: nil)
            await until { api.bodies(of: path).count == 1 }
            group.cancelAll()
        }
        #expect(permit.refusals == 1)
    }
}
