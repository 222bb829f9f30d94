import FoundationEssentials
import MartletDecisions
import RunPodSimulator
import Testing

@testable import MartletAPI
@testable import MartletOperator

/// The key of an endpoint goes, with or before its object.
@Suite("An endpoint whose Secret goes", .timeLimit(.minutes(1)))
struct LostKeyTests {
    @Test("gone with its object it is still deleted: the key that was held reaches it")
    func withTheObject() async {
        let scene = await FailureScene.opened()
        scene.hold(nil)
        scene.delete()
        await scene.live(60)
        #expect(scene.endpoints.isEmpty && scene.cluster[FailureScene.key] == nil)
        #expect(scene.cluster.abandoned.isEmpty)
    }

    @Test("gone before its object it is told, and the endpoint still closes at its hour")
    func beforeTheObject() async {
        let scene = await FailureScene.opened()
        scene.hold(nil)
        await scene.live(120)
        #expect(scene.finding?.answer == .no && scene.finding?.reason == .secretNotFound)
        #expect(scene.bounds == RunPodBounds(min: 1, max: 3))
        scene.schedule(isOpen: false)
        await scene.live(60)
        #expect(scene.bounds == .disabled)
    }

    @Test("gone over a restart the operator's own key deletes it, and creates nothing")
    func fallback() async {
        let scene = await FailureScene.opened()
        scene.runpod.withWorld { $0.addKey("key-b", to: History.account) }
        scene.hold("key-b", in: FailureScene.fallback)
        scene.hold(nil)
        scene.delete()
        scene.restart()
        await scene.live(60)
        #expect(scene.endpoints.isEmpty && scene.cluster[FailureScene.key] == nil)

        scene.create(FailureScene.key, uid: "uid-2")
        await scene.live(600)
        #expect(scene.finding?.reason == .secretNotFound)
        #expect(scene.calls(.createEndpoint) == 0)
    }

    @Test("gone over a restart without any key it is waited for ten minutes, then it stands in the ledger")
    func ledger() async {
        let scene = await FailureScene.opened()
        let id = scene.record?.endpointID
        scene.hold(nil)
        scene.delete()
        scene.restart()
        await scene.live(590)
        #expect(scene.cluster[FailureScene.key] != nil && scene.cluster.abandoned.isEmpty)
        await scene.live(70)
        #expect(scene.cluster[FailureScene.key] == nil)
        #expect(scene.cluster.abandoned.map(\.id) == [id])
        #expect(scene.endpoints.count == 1)
    }

    @Test("replaced by another account's key neither makes a second endpoint nor loses the first")
    func anotherAccount() async {
        let scene = await FailureScene.opened()
        scene.runpod.withWorld { _ = $0.addAccount("other", key: "key-z") }
        scene.hold("key-z")
        scene.restart()
        await scene.live(1200)
        #expect(scene.finding?.answer == .no && scene.finding?.reason == .endpointNotInAccount)
        #expect(scene.calls(.createEndpoint) == 0)
        scene.hold("key-a")
        await scene.live(200)
        scene.expectServed()
    }
}
