import FoundationEssentials
import KubernetesModel
import MartletAPI
import Testing

@testable import MartletDecisions

@Suite("Busy is sacred")
struct BusyTests {
    /// No stabilization and no cooldown, so that only the busy hold.
    private func hasty(
        _ replicas: Int, kind: TargetKind = .deployment(honoursDeletionCost: true), list: ListSpec? = nil
    ) throws -> Stage {
        try Stage(replicas: replicas, kind: kind, lastActiveSecondsAgo: 5000, list: list) {
            $0.workers?.scaleDown?.stabilizationSeconds = 0
            $0.workers?.scaleDown?.cooldownSeconds = 0
        }
    }

    @Test("Idle Pods are priced lower, the price is read back, and only then they go")
    func costsFirst() throws {
        var stage = try hasty(4)
        stage.pods([.idle, .working, .idle, .working])
        stage.queue(0, 2)
        let first = stage.decide()
        #expect(
            first.action
                == .writeCosts([
                    PodCost(pod: "worker-0", cost: PodCost.leaving), PodCost(pod: "worker-2", cost: PodCost.leaving),
                ]))
        #expect(first.desired == 2)
        // Not yet read back: asked for again, never scaled.
        #expect(stage.decide().action == first.action)
        stage.act()
        #expect(stage.act().action == .scale(to: 2))
    }

    @Test("A Pod that turned busy after it was priced is priced back before anything goes")
    func repriced() throws {
        var stage = try hasty(3)
        stage.pods([.idle, .idle, .working])
        stage.queue(0, 6)
        stage.act()
        let priced = try #require(stage.pods.firstIndex { $0.deletionCost == PodCost.leaving })
        stage.pods[priced].evidence = .working
        guard case .writeCosts(let costs) = stage.decide().action else {
            Issue.record("no write without new costs")
            return
        }
        #expect(costs.contains(PodCost(pod: stage.pods[priced].name, cost: PodCost.neutral)))
        #expect(costs.count == 2)
    }

    @Test("Without deletion costs scale-down waits until all are idle")
    func oldServer() throws {
        var stage = try hasty(4, kind: .deployment(honoursDeletionCost: false))
        stage.pods([.idle, .idle, .idle, .working])
        stage.queue(0, 1)
        let held = stage.act()
        #expect(held.action == .hold)
        #expect(held.desired == 4)
        #expect(held.reason.contains("waits until all are idle"))
        stage.pods(.all(.idle, 4))
        stage.queue(0)
        #expect(stage.act().action == .scale(to: 0))
    }

    @Test("A busy Pod that is not Ready holds everything: it would go first")
    func busyNotReady() throws {
        var stage = try hasty(3)
        stage.pods([.idle, .idle, .working])
        stage.pods[2].isReady = false
        stage.queue(0, 1)
        #expect(stage.act().action == .hold)
        stage.pods[2].isReady = true
        #expect(stage.act().action != .hold)
    }

    @Test("During a rollout scale-down waits: each ReplicaSet prices only its own Pods")
    func rollout() throws {
        var stage = try hasty(3)
        stage.pods([.idle, .idle, .working])
        stage.pods[0].template = "b"
        stage.queue(0, 1)
        #expect(stage.act().action == .hold)
    }

    @Test("While not all Pods are there a cut with busy ones waits")
    func missingPods() throws {
        var stage = try hasty(5)
        stage.pods([.idle, .idle, .working])
        stage.queue(0, 1)
        #expect(stage.act().action == .hold)
    }

    @Test("Pods that are Pending go before idle ones")
    func pendingFirst() throws {
        var stage = try hasty(3)
        stage.pods([.working, .idle, .unheard])
        stage.pods[2].phase = .pending
        stage.queue(0, 6)
        #expect(stage.act().action == .writeCosts([PodCost(pod: "worker-2", cost: PodCost.leaving)]))
    }

    @Test("A terminating busy Pod is gone already and holds nothing")
    func terminating() throws {
        var stage = try hasty(1)
        stage.pods([.idle, .working])
        stage.pods[1].isTerminating = true
        #expect(stage.act().inputs.protected == 0)
    }

    @Test(
        "A StatefulSet is never cut below its highest busy ordinal",
        arguments: [(0, 2, 3), (0, 0, 1), (5, 7, 3), (5, 5, 1)])
    func statefulSet(first: Int, busyOrdinal: Int, replicas: Int) throws {
        var stage = try hasty(6, kind: .statefulSet(firstOrdinal: first))
        stage.pods = (first..<first + 6).map { ordinal in
            PodSnapshot(
                name: "db-worker-\(ordinal)", template: "a", evidence: ordinal == busyOrdinal ? .working : .idle)
        }
        stage.queue(0, 1)
        #expect(stage.act().action == .scale(to: replicas))
    }

    @Test("A list with inFlightKeys is all or nothing: nothing goes while anything waits or is in flight")
    func listInFlight() throws {
        var stage = try hasty(4, list: ListSpec(key: "jobs", inFlightKeys: ["jobs:processing"]))
        stage.pods(.all(.unheard, 4))
        stage.queue(0, 1)
        #expect(stage.act().action == .hold)
        stage.queue(1, 0)
        #expect(stage.act().action == .hold)
        stage.queue(0, 0)
        let decision = stage.act()
        #expect(decision.action == .scale(to: 0))
        #expect(decision.inputs.busynessKnown == .known)
    }

    @Test("A list without inFlightKeys gives nothing back before the cooldown")
    func listWithoutInFlight() throws {
        var stage = try Stage(replicas: 4, list: ListSpec(key: "jobs")) {
            $0.workers?.scaleDown?.stabilizationSeconds = 0
        }
        stage.pods(.all(.unheard, 4))
        stage.queue(20)
        stage.act()
        stage.queue(0)
        stage.pass(299)
        let held = stage.act()
        #expect(held.action == .hold)
        #expect(held.recheckAt == stage.now.addingTimeInterval(1))
        stage.pass(1)
        let decision = stage.act()
        #expect(decision.action == .scale(to: 0))
        guard case .unknown("NothingInFlightShown", _) = decision.inputs.busynessKnown else {
            Issue.record("nothing is known of the workers of such a list")
            return
        }
    }
}
