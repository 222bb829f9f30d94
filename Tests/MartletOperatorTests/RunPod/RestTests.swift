import FoundationEssentials
import KubernetesModel
import RunPodSimulator
import Synchronization
import Testing

@testable import MartletAPI
@testable import MartletOperator

@Suite("Endpoints at rest", .timeLimit(.minutes(1)))
struct RestTests {
    @Test(
        "twelve of one key cost a list a minute together, health a minute where open and none where closed, and no write"
    )
    func anHour() async {
        let scene = FailureScene()
        for number in 0..<12 {
            scene.create(ObjectKey(namespace: "dev", name: "e\(number)"), uid: "uid-\(number)") {
                $0.workers = RunPodWorkersSpec(min: 0, max: 3)
            }
        }
        await scene.live(300)
        for number in 0..<6 {
            scene.cluster.edit(ObjectKey(namespace: "dev", name: "e\(number)")) {
                $0.runpod?.workers = RunPodWorkersSpec(min: 0, max: 0)
            }
        }
        scene.process.wakeAll()
        await scene.live(300)
        let open = Set(scene.endpoints.filter { $0.configuration.workers.max > 0 }.map(\.id))
        #expect(open.count == 6 && scene.endpoints.count == 12)
        let version = scene.cluster.state.withLock { $0.version }
        scene.forgetCalls()

        await scene.live(3600)
        #expect((58...62).contains(scene.calls(.listEndpoints)), "\(scene.calls(.listEndpoints)) lists")
        let healths = scene.calls.filter { $0.operation == .health }
        #expect((6 * 58...6 * 62).contains(healths.count), "\(healths.count) looks at health")
        #expect(Set(healths.compactMap(\.endpoint)) == open)
        #expect(scene.calls.count == scene.calls(.listEndpoints) + healths.count)
        #expect(scene.cluster.state.withLock { $0.version } == version, "something was written to the API server")
    }
}
