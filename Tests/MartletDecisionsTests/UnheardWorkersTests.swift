import FoundationEssentials
import KubernetesModel
import MartletAPI
import Testing

@testable import MartletDecisions

@Suite("Workers that were never heard, or fell silent")
struct UnheardWorkersTests {
    private func hasty(_ replicas: Int, _ edit: (inout InferenceEndpointSpec) -> Void = { _ in }) throws -> Stage {
        var stage = try Stage(replicas: replicas) {
            $0.workers?.scaleDown?.stabilizationSeconds = 0
            $0.workers?.scaleDown?.cooldownSeconds = 0
            edit(&$0)
        }
        stage.pods(.all(.unheard, replicas))
        return stage
    }

    @Test("Never heard counts as busy for three heartbeat periods after subscribing")
    func threePeriods() throws {
        var stage = try hasty(3)
        stage.listeningSince = stage.now
        let held = stage.act()
        #expect(held.action == .hold)
        #expect(held.inputs.unknown == 3)
        #expect(held.inputs.busynessKnown == .undecided)
        #expect(held.recheckAt == stage.now.addingTimeInterval(6))
        stage.pass(6)
        #expect(stage.act().action == .scale(to: 0))
    }

    @Test("A target of which no worker was ever heard goes down only when nothing waits, after the cooldown")
    func neverHeard() throws {
        var stage = try hasty(3) { $0.workers?.scaleDown?.cooldownSeconds = 300 }
        stage.queue(5)
        let held = stage.act()
        #expect(held.action == .hold)
        guard case .unknown("NoWorkerHeard", _) = held.inputs.busynessKnown else {
            Issue.record("BusynessKnown must be False")
            return
        }
        stage.queue(0, 0)
        stage.pass(299)
        #expect(stage.act().action == .hold)
        stage.pass(1)
        #expect(stage.act().action == .scale(to: 0))
    }

    @Test("Unacknowledged tasks that may be anyone's protect workers that nobody hears")
    func unattributed() throws {
        var stage = try hasty(3)
        stage.reading = .current(QueueReading(waiting: 0, inFlight: 0, isEstimate: true, unattributed: 2))
        #expect(stage.act().action == .hold)
        stage.reading = .current(QueueReading(waiting: 0, inFlight: 0, isEstimate: true, unattributed: 0))
        #expect(stage.act().action == .scale(to: 0))
    }

    @Test("After a restart, silent workers of a target whose workers used to speak stay busy until maxBusySeconds")
    func restartWhileAllBusy() throws {
        var stage = try hasty(2)
        stage.listeningSince = stage.now
        stage.history = ScalingHistory(startedAt: stage.now, busynessWasKnown: true)
        stage.pass(600)
        let held = stage.act()
        #expect(held.action == .hold)
        #expect(held.inputs.protected == 2)
        #expect(held.inputs.busynessKnown == .undecided, "the condition in the status stays True")
        stage.pass(3000)
        let freed = stage.act()
        #expect(freed.action == .scale(to: 0))
        #expect(freed.events.count == 2)
    }

    @Test("A new Pod of a kind that speaks, but has not spoken, has taken no task yet")
    func loadingPod() throws {
        var stage = try hasty(2)
        stage.pods[0].evidence = .working
        stage.pods[1].startedAt = stage.now.addingTimeInterval(-20)
        stage.queue(0, 1)
        stage.act()
        let decision = stage.act()
        #expect(decision.inputs.protected == 1)
        #expect(decision.action == .scale(to: 1))
    }

    @Test("A new Pod is given three heartbeat periods to speak up")
    func freshPod() throws {
        var stage = try hasty(2)
        stage.pods[0].evidence = .idle
        stage.pods[1].startedAt = stage.now.addingTimeInterval(-3)
        let decision = stage.act()
        #expect(decision.inputs.protected == 1)
        #expect(decision.recheckAt == stage.now.addingTimeInterval(3))
    }

    @Test("An old Pod that was not heard while its mates were may be in a long task")
    func oldSilentMate() throws {
        var stage = try hasty(2)
        stage.pods[0].evidence = .idle
        stage.queue(0, 0)
        let decision = stage.act()
        #expect(decision.inputs.protected == 1)
        #expect(decision.inputs.busynessKnown == .known)
    }

    @Test("A new template that never spoke gains nothing from the old one's heartbeats")
    func otherTemplate() throws {
        var stage = try hasty(2)
        stage.pods[0].evidence = .idle
        stage.pods[1].template = "b"
        stage.pods[1].startedAt = stage.now.addingTimeInterval(-500)
        #expect(stage.act().inputs.protected == 1)
    }

    @Test("A silent worker is busy until maxBusySeconds, then a warning says so, once")
    func maxBusy() throws {
        var stage = try hasty(1) { $0.workers?.scaleDown?.maxBusySeconds = 600 }
        stage.pods([.silent(for: 599)])
        let held = stage.decide()
        #expect(held.action == .hold)
        #expect(held.recheckAt == stage.now.addingTimeInterval(1))
        stage.pass(1)
        let freed = stage.decide()
        #expect(freed.events == [.maxBusyExceeded(pod: "worker-0", silentSeconds: 600)])
        #expect(freed.events[0].isWarning)
        #expect(freed.action == .scale(to: 0))
        #expect(stage.decide().events.isEmpty)
    }

    @Test("A worker that reports an active task is never given up, however long it takes")
    func activeForEver() throws {
        var stage = try hasty(1)
        stage.pods([.working])
        for _ in 0..<50 {
            stage.pass(86_400)
            #expect(stage.act().action == .hold)
        }
    }

    @Test("A solo worker's silence is activity, so the cooldown counts from its end")
    func silenceIsActivity() throws {
        var stage = try hasty(1) { $0.workers?.scaleDown?.cooldownSeconds = 100 }
        stage.pods([.silent(for: 10)])
        stage.act()
        stage.pods([.idle])
        stage.pass(99)
        #expect(stage.act().action == .hold)
        stage.pass(1)
        #expect(stage.act().action == .scale(to: 0))
    }

    @Test("A reconnection is no activity")
    func unprovenIsNoActivity() throws {
        var stage = try hasty(1) { $0.workers?.scaleDown?.cooldownSeconds = 100 }
        stage.pods([.busy(.unproven)])
        #expect(stage.act().action == .hold)
        stage.pods([.idle])
        #expect(stage.act().action == .scale(to: 0))
    }
}
