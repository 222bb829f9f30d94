import FoundationEssentials
import KubernetesModel
import MartletDecisions
import RunPodSimulator
import Testing

@testable import MartletAPI
@testable import MartletOperator

private let broken: [RunPodWorld.Garbling] = [
    .html, .empty, .truncated, .halfJSON, .missing(["id"]), .missing(["endpoints"]), .slow(.seconds(5)),
]

/// F12, F19, F22, F23 and F26 of docs/runpod-failures.md: what RunPod says is broken, strange, partial or missing.
@Suite("A RunPod whose answers are not whole", .timeLimit(.minutes(2)))
struct BrokenAnswerTests {
    @Test(
        "F12, F23: while lists come broken nothing is created",
        arguments: broken.filter { $0 != .missing(["id"]) })
    func noCreate(how: RunPodWorld.Garbling) async {
        let scene = FailureScene()
        scene.inject(.init(.list, answer: .garbled(how), times: nil))
        scene.create()
        await scene.live(900)
        #expect(scene.writes == 0)
        #expect(scene.finding?.answer == .unknown && scene.finding?.reason == .unreachable)
        scene.heal()
        await scene.live(300)
        #expect(scene.calls(.createEndpoint) == 1)
        scene.expectServed()
    }

    @Test("F12, F23: while every answer comes broken an open endpoint stands as it is", arguments: broken)
    func nothingTouched(how: RunPodWorld.Garbling) async {
        let scene = await FailureScene.opened()
        scene.inject(.init(.control, answer: .garbled(how), times: nil))
        await scene.live(900)
        #expect(scene.writes == 0)
        scene.heal()
        await scene.live(300)
        #expect(scene.writes == 0)
        scene.expectServed()
    }

    @Test(
        "F12, F23: a deleted object waits until a list can be read, and its endpoint goes",
        arguments: broken.filter { $0 != .missing(["id"]) })
    func deletion(how: RunPodWorld.Garbling) async {
        let scene = await FailureScene.opened()
        scene.inject(.init(.control, answer: .garbled(how), times: nil))
        scene.delete()
        await scene.live(900)
        #expect(scene.cluster[FailureScene.key] != nil, "it went before anything could be read")
        scene.heal()
        await scene.live(300)
        #expect(scene.endpoints.isEmpty)
        #expect(scene.cluster[FailureScene.key] == nil)
    }

    @Test("F19: words and members that no version knows change nothing but what the spec itself contradicts")
    func unknownValues() async {
        let scene = await FailureScene.opened()
        scene.inject(.init(.control, answer: .garbled(.unknownValues), times: nil))
        scene.inject(.init(.jobs, answer: .garbled(.unknownValues), times: nil))
        await scene.live(3600)
        #expect(scene.bounds == RunPodBounds(min: 1, max: 3))
        #expect(scene.calls(.createEndpoint) == 0 && scene.calls(.deleteEndpoint) == 0)
        // A kind of scaling that nobody knows is not the spec's; it is put right a few times, and then only told.
        #expect(scene.writes <= EndpointTiming.corrections + 1)
        scene.heal()
        await scene.live(3700)
        scene.expectServed()
    }

    @Test("F19: counts that disagree, or are left out, change words only, never bounds")
    func viewsDisagree() async {
        let scene = await FailureScene.opened()
        scene.inject(.viewsDisagree)
        await scene.live(1800)
        #expect(scene.writes == 0)
        #expect(scene.bounds == RunPodBounds(min: 1, max: 3))
        scene.schedule(isOpen: false)
        scene.change { $0.missingKeys = ["inQueue", "inProgress"] }
        await scene.live(300)
        // Jobs that are not told are not none.
        #expect(scene.bounds == RunPodBounds(min: 0, max: 3))
        await scene.live(400)
        #expect(scene.bounds == .disabled)
    }

    @Test("F22: a list whose second page fails is none: nothing is created for what may stand on it")
    func secondPageFails() async {
        let scene = FailureScene { $0.pageSize = 1 }
        let other = ObjectKey(namespace: "dev", name: "first")
        scene.create(other, uid: "uid-0")
        await scene.live(200)
        scene.inject(.init(.create, answer: .lost(.reset)))
        scene.create()
        await scene.live(1)
        #expect(scene.endpoints.count == 2)
        scene.restart()
        scene.inject(
            .init(
                .init(.listEndpoints, isFollowUpPage: true), commit: .never,
                answer: .problem(status: 500, detail: "internal error"), times: nil))
        scene.forgetCalls()
        await scene.live(1800)
        #expect(scene.writes == 0)
        #expect(scene.finding?.answer == .unknown)
        scene.heal()
        await scene.live(300)
        #expect(scene.endpoints.count == 2 && scene.calls(.createEndpoint) == 0)
        #expect(scene.finding?.reason == .ready)
    }

    @Test("F26: without the job plane endpoints open, and close when their drain is over; it is asked seldom")
    func jobPlaneDown() async {
        let scene = FailureScene()
        scene.inject(.jobPlaneDown)
        scene.schedule(isOpen: true)
        scene.create()
        await scene.live(200)
        scene.expectServed()
        scene.forgetCalls()
        scene.schedule(isOpen: false)
        await scene.live(590)
        #expect(scene.bounds == RunPodBounds(min: 0, max: 3), "jobs that nobody can count are not discarded")
        await scene.live(60)
        #expect(scene.bounds == .disabled)
        // Each look is three attempts.
        #expect(scene.calls(.health) <= 3 * 650 / 30)
    }

    @Test("F26: without the control plane a drain is still watched, and its end carried out once it answers")
    func controlPlaneDown() async {
        let scene = FailureScene()
        scene.schedule(isOpen: true)
        scene.create()
        await scene.live(200)
        scene.schedule(isOpen: false)
        await scene.live(2)
        #expect(scene.bounds == RunPodBounds(min: 0, max: 3))
        scene.change { $0.hostsDown = [.control] }
        scene.forgetCalls()
        await scene.live(1200)
        #expect(scene.calls(.health) > 0)
        scene.change { $0.hostsDown = [] }
        await scene.live(90)
        #expect(scene.bounds == .disabled)
    }

    @Test("F26: a job plane that fails is asked for one endpoint every half a minute, however many there are")
    func breaker() async {
        let scene = FailureScene()
        for number in 1...12 {
            scene.create(ObjectKey(namespace: "dev", name: "e\(number)"), uid: "uid-\(number)")
        }
        await scene.live(300)
        scene.inject(.jobPlaneDown)
        scene.forgetCalls()
        await scene.live(600)
        // A look is three attempts; without the pause there would be twelve looks a minute.
        #expect(scene.calls(.health) > 0)
        #expect(scene.calls(.health) < 3 * 40, "\(scene.calls(.health)) calls")
    }
}
