import FoundationEssentials
import MartletDecisions
import RunPodSimulator
import Testing

@testable import MartletAPI
@testable import MartletOperator

/// F21 of docs/runpod-failures.md: names are not unique on RunPod, and not what was written.
@Suite("An endpoint of the object's name", .timeLimit(.minutes(1)))
struct NameTests {
    /// An endpoint as somebody else's create left it.
    private func add(_ name: String, owner: String?, min: Int = 2, to scene: FailureScene) -> String {
        let owner = owner.map { #","env":{"MARTLET_OWNER":"\#($0)"}"# } ?? ""
        let body =
            #"{"name":"\#(name)","type":"QUEUE","image":"example/worker:1","gpu":{"pools":["ADA_24"]},"#
            + #""workers":{"min":\#(min),"max":2},"scaling":{"type":"QUEUE_DELAY","queueDelay":4}\#(owner)}"#
        return scene.runpod.withWorld { world in
            _ = world.handle(
                SimulatedRequest(
                    .control, "POST", "/v2/serverless", authorization: "Bearer key-a", body: Array(body.utf8)),
                at: world.now)
            return world.endpoints.last?.id.text ?? ""
        }
    }

    @Test(
        "F21: without the object's marker it is NameTaken, never touched, and none is made beside it",
        arguments: [nil, "elsewhere/dev/uid-1", "cluster/dev/uid-2"], ["", "-fb"])
    func taken(owner: String?, suffix: String) async {
        let scene = FailureScene()
        let theirs = add(FailureScene.name + suffix, owner: owner, to: scene)
        scene.forgetCalls()
        scene.create()
        await scene.live(1800)
        #expect(scene.finding?.answer == .no && scene.finding?.reason == .nameTaken)
        #expect(scene.finding?.message.contains(theirs) == true)
        #expect(scene.writes == 0)
        scene.delete()
        await scene.live(60)
        #expect(scene.cluster[FailureScene.key] == nil)
        #expect(scene.writes == 0 && scene.bounds == RunPodBounds(min: 2, max: 2))
    }

    @Test("F21: once the stranger has gone, or another name, an endpoint is made")
    func freed() async {
        let scene = FailureScene()
        let theirs = add(FailureScene.name, owner: nil, to: scene)
        scene.create()
        await scene.live(300)
        #expect(scene.finding?.reason == .nameTaken)
        scene.runpod.withWorld { $0.remove(RunPodWorld.EndpointID(theirs)) }
        await scene.live(300)
        scene.expectServed()
    }

    @Test("F21: adopted by the spec's word it is the object's, and its environment is left as it is")
    func adopted() async throws {
        let scene = FailureScene()
        let theirs = add(FailureScene.name, owner: nil, to: scene)
        scene.create()
        await scene.live(120)
        scene.edit { $0.adoptEndpointId = theirs }
        await scene.live(200)
        #expect(scene.finding?.reason == .ready)
        #expect(scene.record?.endpointID == theirs)
        #expect(scene.bounds == RunPodBounds(min: 1, max: 3))
        #expect(try #require(scene.endpoints.first).owner == nil)
    }

    @Test("F21: of several that bear the object's marker the oldest is kept, the others are zeroed and deleted")
    func duplicates() async {
        let scene = FailureScene()
        let first = add(FailureScene.name, owner: "cluster/dev/uid-1", min: 0, to: scene)
        for suffix in ["-fb", ""] {
            scene.time.pass(.seconds(5))
            _ = add(FailureScene.name + suffix, owner: "cluster/dev/uid-1", min: 0, to: scene)
        }
        scene.create()
        await scene.live(300)
        #expect(scene.endpoints.map(\.id.text) == [first])
        #expect(scene.record?.endpointID == first)
    }
}
