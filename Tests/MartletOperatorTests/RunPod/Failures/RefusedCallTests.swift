import FoundationEssentials
import KubernetesModel
import MartletDecisions
import RunPodSimulator
import Testing

@testable import MartletAPI
@testable import MartletOperator

/// F4, F7 and F9 of docs/runpod-failures.md: RunPod refuses to listen at all.
@Suite("A RunPod that refuses every call", .timeLimit(.minutes(2)))
struct RefusedCallTests {
    /// Seconds between the first call that was answered with 429 and the one after it.
    private func pause(_ scene: FailureScene) -> Double? {
        let calls = scene.calls.filter { $0.surface == .control }
        guard let refused = calls.firstIndex(where: { $0.status == 429 }), refused + 1 < calls.count else { return nil }
        return calls[refused + 1].at.date.timeIntervalSince(calls[refused].at.date)
    }

    @Test(
        "F4: a refused list is asked for again when RunPod said, not a second earlier, and once",
        arguments: [12, 45])
    func shortWait(seconds: Int) async {
        let scene = FailureScene()
        scene.inject(
            .init(.list, commit: .never, answer: .problem(status: 429, detail: "minute", retryAfter: seconds)))
        scene.create()
        await scene.live(400)
        #expect(pause(scene).map { (Double(seconds) - 0.01...Double(seconds) + 2).contains($0) } == true)
        #expect(scene.calls.count { $0.status == 429 } == 1)
        scene.expectServed()
    }

    @Test("F4: where an hour is used up, nothing is asked for half an hour, and that is told")
    func longWait() async {
        let scene = FailureScene()
        scene.inject(.init(.list, commit: .never, answer: .problem(status: 429, detail: "hour", retryAfter: 1800)))
        scene.create()
        await scene.live(900)
        #expect(scene.finding?.reason == .rateLimited)
        await scene.live(1200)
        #expect(pause(scene).map { (1799.9...1830).contains($0) } == true)
        scene.expectServed()
    }

    @Test("F4: a create that the rate limit refused is sent again after the wait, under an intent of its own")
    func create() async {
        let scene = FailureScene()
        scene.inject(.init(.create, commit: .never, answer: .problem(status: 429, detail: "minute", retryAfter: 40)))
        scene.create()
        await scene.live(38)
        #expect(scene.calls(.createEndpoint) == 1)
        await scene.live(300)
        #expect(scene.calls(.createEndpoint) == 2)
        scene.expectServed()
    }

    @Test(
        "F7: a key that is revoked stops everything but a look a minute, is told, and leaves another key's endpoint alone"
    )
    func revoked() async {
        let scene = FailureScene()
        scene.runpod.withWorld { _ = $0.addAccount("other", key: "key-z") }
        scene.hold("key-z", in: ObjectKey(namespace: "dev", name: "other"))
        scene.create()
        await scene.live(200)
        scene.runpod.withWorld { $0.revokeKey("key-a") }
        scene.forgetCalls()
        let beside = ObjectKey(namespace: "dev", name: "beside")
        scene.create(beside, uid: "uid-2") { $0.credentialsSecretRef = SecretKeyRef(name: "other") }
        await scene.live(3600)
        #expect(scene.finding?.answer == .no && scene.finding?.reason == .keyRefused)
        #expect(scene.calls.count { $0.status == 401 && $0.surface == .control } <= 70)
        #expect(scene.calls.count { $0.status == 401 } <= 140)
        #expect(scene.finding(of: beside)?.reason == .ready)
        #expect(scene.endpoints.count == 2)

        scene.runpod.withWorld { $0.addKey("key-b", to: History.account) }
        scene.hold("key-b")
        await scene.live(200)
        #expect(scene.finding?.reason == .ready)
        #expect(scene.endpoints.count == 2 && scene.calls(.createEndpoint) == 1)
    }

    @Test("F7: a key that may only read is told as such, and creates are tried at growing distances")
    func readOnly() async {
        let scene = FailureScene()
        scene.runpod.withWorld { $0.addKey("key-a", to: History.account, right: .readOnly) }
        scene.create()
        await scene.live(3600)
        #expect(scene.finding?.answer == .no && scene.finding?.reason == .keyForbidden)
        #expect(scene.finding?.message.contains("write access") == true)
        #expect((3...11).contains(scene.calls(.createEndpoint)))
    }

    @Test(
        "F9: an interface that was retired is told as that, and not as an outage; nothing is written, and little asked")
    func retired() async {
        let scene = await FailureScene.opened()
        scene.inject(.gone)
        await scene.live(3600)
        #expect(scene.finding?.reason == .apiChanged)
        #expect(scene.finding?.message.contains("update Martlet") == true)
        #expect(scene.writes == 0)
        #expect(scene.calls.count { $0.status == 410 } <= 70)
        scene.heal()
        await scene.live(200)
        #expect(scene.writes == 0)
        scene.expectServed()
    }

    @Test("F9: a host that is away is an outage; nothing is written, and the endpoint stands")
    func outage() async {
        let scene = await FailureScene.opened()
        scene.change { $0.hostsDown = [.control] }
        await scene.live(3600)
        #expect(scene.finding?.answer == .unknown && scene.finding?.reason == .unreachable)
        #expect(scene.writes == 0)
        scene.change { $0.hostsDown = [] }
        await scene.live(200)
        #expect(scene.writes == 0)
        scene.expectServed()
    }
}
