import ControllerRuntime
import FoundationEssentials
import KubernetesModel
import MartletAPI
import Testing

@testable import MartletOperator

private let endpoint = InferenceEndpoint(
    metadata: ObjectMeta(name: "w", namespace: "dev"), spec: InferenceEndpointSpec())

private func target(_ replicas: Int, version: String) -> ScaleTarget {
    ScaleTarget(
        key: TargetKey(kind: .deployment, object: endpoint.key), resourceVersion: ResourceVersion(rawValue: version),
        replicas: replicas, currentReplicas: 0, selector: LabelSelector(), gpusPerReplica: 0, graceSeconds: 30,
        consents: false, isBeingDeleted: false, firstOrdinal: 0)
}

@Suite("A write that the watch has not shown yet") struct PendingScaleTests {
    private let time = ManualTime()

    private func memory() -> EndpointMemory {
        var memory = EndpointMemory(endpoint, now: time.now)
        memory.pendingScale = PendingScale(
            replicas: 20, version: ResourceVersion(rawValue: "7"), writtenAt: time.uptime)
        return memory
    }

    @Test("counts as done, so that it is not written twice")
    func lagging() {
        var memory = memory()
        #expect(memory.replicas(of: target(0, version: "5"), at: time.uptime) == 20)
        #expect(memory.replicas(of: target(0, version: "6"), at: time.uptime) == 20)
    }

    @Test("gives way once the watch shows it, to whatever follows")
    func shown() {
        var memory = memory()
        #expect(memory.replicas(of: target(20, version: "7"), at: time.uptime) == 20)
        #expect(memory.replicas(of: target(3, version: "8"), at: time.uptime) == 3)
    }

    @Test("gives way after a while, for somebody else may have written meanwhile")
    func overruled() {
        var memory = memory()
        time.advance(by: .seconds(6))
        #expect(memory.replicas(of: target(3, version: "9"), at: time.uptime) == 3)
    }
}
