import FoundationEssentials
import MartletDecisions
import RunPodSimulator
import Testing

@testable import MartletAPI
@testable import MartletOperator

/// F10 and F11 of docs/runpod-failures.md: a DELETE that is not what its answer says.
@Suite("A delete that fails, or seems to", .timeLimit(.minutes(2)))
struct FailedDeleteTests {
    @Test(
        "F10: a DELETE that answers 500 and took effect is read back as 404, and lists that are behind hold nothing up")
    func failsAfterCommit() async {
        let scene = await FailureScene.opened(scheduled: true)
        scene.inject(.deleteFailsAfterCommit)
        scene.delete()
        await scene.live(30)
        #expect(scene.endpoints.isEmpty)
        #expect(scene.cluster[FailureScene.key] == nil)
        #expect(scene.calls(.deleteEndpoint) <= 2)
        #expect(scene.calls(.createEndpoint) == 0)
    }

    @Test("F10: a DELETE that answers 204 is not believed while the endpoint can still be read")
    func stillReadable() async {
        let scene = await FailureScene.opened(scheduled: true)
        scene.change {
            $0.lag.readAfterDelete = .seconds(45)
            $0.lag.listAfterDelete = .seconds(60)
        }
        scene.delete()
        await scene.live(40)
        #expect(scene.cluster[FailureScene.key] != nil, "204 was believed")
        await scene.live(120)
        #expect(scene.cluster[FailureScene.key] == nil)
    }

    @Test("F10: a DELETE that answers 204 and does nothing is sent again")
    func nothingDone() async {
        let scene = await FailureScene.opened(scheduled: true)
        scene.inject(.init(.delete, commit: .never, answer: .problem(status: 204, detail: "")))
        scene.delete()
        await scene.live(200)
        #expect(scene.endpoints.isEmpty)
        #expect(scene.calls(.deleteEndpoint) == 2)
        #expect(scene.cluster[FailureScene.key] == nil)
    }

    @Test(
        "F11: an endpoint that can't be deleted has no workers meanwhile; that is told, tried on, and the object waits")
    func persistent() async {
        let scene = await FailureScene.opened(scheduled: true)
        scene.inject(.deleteFails)
        scene.delete()
        await scene.live(10)
        #expect(scene.bounds == .disabled)
        await scene.live(3600)
        #expect(scene.bounds == .disabled)
        #expect(scene.finding?.answer == .no && scene.finding?.reason == .deleteFailing)
        #expect(scene.cluster[FailureScene.key] != nil)
        // Each try is three attempts, at most once a minute.
        #expect((60...3 * 70).contains(scene.calls(.deleteEndpoint)), "\(scene.calls(.deleteEndpoint)) attempts")
        scene.heal()
        await scene.live(180)
        #expect(scene.endpoints.isEmpty)
        #expect(scene.cluster[FailureScene.key] == nil)
    }

    @Test("F11: a closing that can't delete its endpoint takes its workers, and the next opening uses it again")
    func atTheClose() async {
        let scene = await FailureScene.opened(scheduled: true, spec: { $0.whenClosed = .delete })
        scene.inject(.deleteFails)
        scene.schedule(isOpen: false)
        await scene.live(1800)
        #expect(scene.bounds == .disabled)
        #expect(scene.finding?.answer == .no && scene.finding?.reason == .deleteFailing)
        scene.schedule(isOpen: true)
        await scene.live(300)
        scene.expectServed()
        #expect(scene.calls(.createEndpoint) == 0)
    }

    @Test(
        "F11: an endpoint that can neither be zeroed nor deleted is tried on with both, and goes with the first success"
    )
    func neither() async {
        let scene = await FailureScene.opened(scheduled: true)
        scene.inject(.deleteFails)
        scene.inject(
            .init(.update, commit: .never, answer: .problem(status: 500, detail: "internal error"), times: nil))
        scene.delete()
        await scene.live(1800)
        #expect(scene.calls(.updateEndpoint) > 20 && scene.calls(.deleteEndpoint) > 20)
        #expect(scene.cluster[FailureScene.key] != nil)
        scene.heal()
        await scene.live(180)
        #expect(scene.cluster[FailureScene.key] == nil && scene.endpoints.isEmpty)
    }

    @Test(
        "F11: a closing that RunPod does not take is told, tried at most a minute apart, and carried out when it answers"
    )
    func closingFails() async {
        let scene = await FailureScene.opened(scheduled: true)
        scene.inject(
            .init(.update, commit: .never, answer: .problem(status: 500, detail: "internal error"), times: nil))
        scene.schedule(isOpen: false)
        await scene.live(900)
        #expect(scene.bounds == RunPodBounds(min: 1, max: 3))
        #expect(scene.finding?.answer == .no && scene.finding?.reason == .unreachable)
        // Each try is three attempts.
        #expect((3 * 15...3 * 25).contains(scene.calls(.updateEndpoint)), "\(scene.calls(.updateEndpoint)) attempts")
        scene.heal()
        await scene.live(62)
        #expect(scene.bounds == .disabled)
    }
}
