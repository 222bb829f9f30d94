import FoundationEssentials
import MartletDecisions
import RunPodSimulator
import Testing

@testable import MartletAPI
@testable import MartletOperator

/// F1 to F3 of docs/runpod-failures.md: nobody knows whether an endpoint was created.
@Suite("A create whose fate is unknown", .timeLimit(.minutes(2)))
struct LostCreateTests {
    @Test(
        "F1: a create that took effect while its answer got lost is found by name and marker, and not repeated",
        arguments: [LostAnswer.reset, .silence])
    func answerLost(how: LostAnswer) async {
        let scene = FailureScene()
        scene.inject(.init(.create, answer: .lost(how)))
        scene.create()
        await scene.live(300)
        #expect(scene.calls(.createEndpoint) == 1)
        scene.expectServed()
    }

    @Test("F1: a create that takes effect only after its caller gave up is waited for and found")
    func lateCommit() async {
        let scene = FailureScene()
        scene.inject(.init(.create, commit: .after(.seconds(90)), answer: .lost(.silence)))
        scene.create()
        await scene.live(60)
        #expect(scene.finding?.reason == .creating)
        await scene.live(340)
        #expect(scene.calls(.createEndpoint) == 1)
        scene.expectServed()
    }

    @Test("F1: a create that never arrived is repeated after two complete lists beyond the settling time, not before")
    func neverArrived() async {
        let scene = FailureScene()
        scene.inject(.init(.create, commit: .never, answer: .lost(.reset)))
        scene.create()
        await scene.live(119)
        #expect(scene.calls(.createEndpoint) == 1)
        await scene.live(181)
        #expect(scene.calls(.createEndpoint) == 2)
        scene.expectServed()
    }

    @Test(
        "F2: a process that dies around any call of a creation leaves one endpoint, which the next process has",
        arguments: 0...8, Crash.Moment.allCases)
    func death(calls: Int, moment: Crash.Moment) async {
        let scene = FailureScene()
        scene.process.crash.arm(after: calls, moment)
        scene.create()
        await scene.live(30)
        // Finalizer, list, intent, create, id and the opening are six calls at least.
        #expect(scene.process.crash.isDead || calls > 5)
        scene.restart()
        await scene.live(400)
        scene.expectServed()
        // Only a create that may not have been sent is repeated.
        #expect(scene.calls(.createEndpoint) == 1)
    }

    @Test(
        "F3: a create that answers 500 or 504 after it took effect is found, and not repeated", arguments: [500, 504])
    func failedAfterCommit(status: Int) async {
        let scene = FailureScene()
        scene.inject(.init(.create, answer: .problem(status: status, detail: "upstream timeout")))
        scene.create()
        await scene.live(300)
        #expect(scene.calls(.createEndpoint) == 1)
        scene.expectServed()
    }

    @Test(
        "F12, F23: a create whose answer is broken, foreign or without an id took effect, and is found",
        arguments: [
            RunPodWorld.Garbling.html, .empty, .truncated, .halfJSON, .wrongContentType, .missing(["id"]),
            .slow(.seconds(5)),
        ])
    func garbled(how: RunPodWorld.Garbling) async {
        let scene = FailureScene()
        scene.inject(.init(.create, answer: .garbled(how)))
        scene.create()
        await scene.live(400)
        #expect(scene.calls(.createEndpoint) == 1)
        scene.expectServed()
    }

    @Test("F21: under a name that lists show decorated, a lost create is still found", arguments: ["-fb", " -fb"])
    func decoratedName(suffix: String) async {
        let scene = FailureScene { $0.listedNameSuffix = suffix }
        scene.inject(.createAnswerLost)
        scene.create { $0.flashBoot = true }
        await scene.live(300)
        #expect(scene.calls(.createEndpoint) == 1)
        scene.expectServed()
        scene.restart()
        await scene.live(300)
        #expect(scene.writes == 2, "a name is no drift: create and opening are all there is to write")
    }
}
