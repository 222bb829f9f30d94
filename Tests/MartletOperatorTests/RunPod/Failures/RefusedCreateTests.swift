import FoundationEssentials
import MartletDecisions
import RunPodSimulator
import Testing

@testable import MartletAPI
@testable import MartletOperator

/// F5, F6, F8 and F27 of docs/runpod-failures.md: RunPod understood a create and refused it. What only people can put
/// right is told at once and tried again at growing distances.
@Suite("A create that is refused", .timeLimit(.minutes(2)))
struct RefusedCreateTests {
    /// Tries in an hour: at 0, 30, 90, 210 and 450 s, and every ten minutes after that.
    private let triesAnHour = 3...11

    @Test("F5: an empty balance is told and not knocked at, and credit is noticed without anybody doing anything")
    func balance() async {
        let scene = FailureScene()
        scene.inject(.balanceEmpty)
        scene.create()
        await scene.live(3600)
        #expect(scene.finding?.answer == .no && scene.finding?.reason == .balanceEmpty)
        #expect(scene.finding?.message.contains("add credit") == true)
        #expect(triesAnHour.contains(scene.calls(.createEndpoint)), "\(scene.calls(.createEndpoint)) tries")
        #expect(scene.record?.isEmpty == true)
        scene.runpod.withWorld { $0.setBalance(100, of: History.account) }
        await scene.live(720)
        scene.expectServed()
    }

    @Test("F6: where the first pool has no capacity the next is tried half a minute later, and its order is kept")
    func nextPool() async {
        let scene = FailureScene()
        scene.inject(
            .init(
                .init(.createEndpoint, bodyPart: #"["ADA_24""#), commit: .never,
                answer: .problem(
                    status: 400,
                    detail: "There are no longer any instances available with the requested specifications."),
                times: nil))
        scene.create()
        await scene.live(20)
        #expect(scene.finding?.reason == .capacityRefused)
        #expect(scene.finding?.message.contains("pools") == true)
        await scene.live(300)
        #expect(scene.calls(.createEndpoint) == 2)
        scene.expectServed()
        guard case .gpu(let selection)? = scene.endpoints.first?.configuration.compute else {
            Issue.record("no GPUs")
            return
        }
        #expect(selection.pools == ["AMPERE_24", "ADA_24"])
        #expect(scene.calls(.updateEndpoint) == 1, "the opening alone: the order of pools is no drift")
    }

    @Test("F6: capacity that every pool refuses is told, tried at growing distances, and taken when it is there")
    func noCapacity() async {
        let scene = FailureScene()
        scene.inject(.capacityRefused)
        scene.create()
        await scene.live(3600)
        #expect(scene.finding?.answer == .no && scene.finding?.reason == .capacityRefused)
        #expect(triesAnHour.contains(scene.calls(.createEndpoint)), "\(scene.calls(.createEndpoint)) tries")
        scene.change { $0.capacity.refusedPools = [] }
        await scene.live(720)
        scene.expectServed()
    }

    @Test("F8: a field that RunPod does not know any more is named, and only a new spec is tried at once")
    func unknownField() async {
        let scene = FailureScene()
        scene.inject(
            .init(
                .create, commit: .never,
                answer: .problem(
                    status: 422, detail: "Request validation failed.",
                    errors: ["$: additional properties 'workers' not allowed"]), times: nil))
        scene.create()
        await scene.live(3600)
        #expect(scene.finding?.answer == .no && scene.finding?.reason == .apiChanged)
        #expect(scene.finding?.message.contains("'workers' not allowed") == true)
        let tries = scene.calls(.createEndpoint)
        #expect(triesAnHour.contains(tries), "\(tries) tries")
        scene.heal()
        scene.edit { $0.image = "example/worker:2" }
        await scene.live(150)
        #expect(scene.calls(.createEndpoint) == tries + 1)
        scene.expectServed()
    }

    @Test(
        "F27: a template that vanished overnight is told, not replaced by anything else, and an image in the spec helps"
    )
    func templateGone() async {
        let scene = FailureScene()
        scene.runpod.withWorld { world in
            var container = RunPodWorld.Container()
            container.image = "example/worker:1"
            world.addTemplate("tmpl4711", to: History.account, container: container)
        }
        scene.schedule(isOpen: true)
        scene.create {
            $0.image = nil
            $0.templateId = "tmpl4711"
            $0.whenClosed = .delete
        }
        await scene.live(120)
        scene.expectServed()
        scene.schedule(isOpen: false)
        await scene.live(900)
        #expect(scene.endpoints.isEmpty)
        scene.inject(.templatesGone)
        scene.forgetCalls()
        scene.schedule(isOpen: true)
        await scene.live(3600)
        #expect(scene.finding?.answer == .no && scene.finding?.reason == .templateNotFound)
        #expect(scene.finding?.message.contains("image") == true)
        #expect(triesAnHour.contains(scene.calls(.createEndpoint)), "\(scene.calls(.createEndpoint)) tries")
        #expect(scene.endpoints.isEmpty)
        scene.edit {
            $0.templateId = nil
            $0.image = "example/worker:1"
        }
        await scene.live(150)
        scene.expectServed()
    }
}
