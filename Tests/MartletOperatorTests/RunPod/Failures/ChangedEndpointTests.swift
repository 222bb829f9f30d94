import FoundationEssentials
import MartletDecisions
import RunPodSimulator
import Testing

@testable import MartletAPI
@testable import MartletOperator

/// F14, F20, F25 and F28 of docs/runpod-failures.md: RunPod changes an endpoint by itself, or does not change it as asked.
@Suite("An endpoint that does not stay as it was written", .timeLimit(.minutes(2)))
struct ChangedEndpointTests {
    @Test("F14: workers that find no GPU are told with what to do, and nothing is written because of them")
    func throttled() async {
        let scene = FailureScene()
        scene.inject(.throttled)
        scene.create()
        await scene.live(300)
        #expect(scene.finding?.answer == .no && scene.finding?.reason == .throttled)
        #expect(scene.finding?.message.contains("gpu.pools") == true)
        #expect(scene.writes == 2, "create and opening")
        scene.change { $0.capacity.closed = [] }
        await scene.live(150)
        scene.expectServed()
    }

    @Test("F20: an update that resets what it does not name is seen when it is read back, and put right")
    func nonSparse() async throws {
        let scene = await FailureScene.opened(spec: { $0.workers?.idleTimeoutSeconds = 45 })
        scene.inject(.updateResets)
        scene.edit { $0.executionTimeoutSeconds = 120 }
        await scene.live(1)
        #expect(scene.bounds == RunPodBounds(min: 0, max: 3), "the fault did nothing")
        await scene.live(20)
        let configuration = try #require(scene.endpoints.first?.configuration)
        #expect(scene.bounds == RunPodBounds(min: 1, max: 3) && configuration.workers.idleTimeout == 45)
        #expect(configuration.timeout == 120_000)
        #expect(scene.calls(.updateEndpoint) == 2)
        await scene.live(150)
        scene.expectServed()
    }

    @Test("F25: a raise beyond the quota leaves the old bounds, is told and spaced, and closing goes on")
    func quota() async {
        let scene = await FailureScene.opened()
        scene.inject(.quotaExhausted)
        scene.edit { $0.workers?.max = 5 }
        await scene.live(3600)
        #expect(scene.bounds == RunPodBounds(min: 1, max: 3))
        #expect(scene.finding?.answer == .no && scene.finding?.reason == .quotaExceeded)
        #expect(scene.finding?.message.contains("workers.max") == true)
        #expect((3...11).contains(scene.calls(.updateEndpoint)), "\(scene.calls(.updateEndpoint)) tries")
        scene.schedule(isOpen: false)
        await scene.live(60)
        #expect(scene.bounds == .disabled)
    }

    @Test("F25: a quota that was raised is used without anybody doing anything")
    func quotaRaised() async {
        let scene = await FailureScene.opened()
        scene.inject(.quotaExhausted)
        scene.edit { $0.workers?.max = 5 }
        await scene.live(3600)
        scene.runpod.withWorld { $0.setWorkerQuota(10, of: History.account) }
        await scene.live(720)
        scene.expectServed(RunPodBounds(min: 1, max: 5))
    }

    @Test("F28: bounds that RunPod lowered for want of requests are put back with the next list, each time")
    func idleScaleDown() async {
        let scene = await FailureScene.opened(settings: { $0.idleClock.first = .seconds(1200) })
        await scene.live(2 * 3600)
        #expect(scene.calls(.updateEndpoint) >= 4, "it was never lowered")
        #expect(scene.calls(.updateEndpoint) <= 6)
        scene.inject(.idleScaleDown)
        #expect(scene.bounds == .disabled)
        await scene.live(150)
        scene.expectServed()
    }

    @Test("F28: after a long holiday without an operator the opening puts back what RunPod took away")
    func holiday() async {
        let scene = await FailureScene.opened()
        scene.process.crash.kill()
        await scene.live(10 * 86_400)
        #expect(scene.bounds == .disabled)
        scene.schedule(isOpen: true)
        scene.restart()
        await scene.live(2)
        #expect(scene.bounds == RunPodBounds(min: 1, max: 3))
        await scene.live(150)
        scene.expectServed()
    }
}
