import FoundationEssentials
import KubernetesModel
import MartletAPI
import Testing

@testable import MartletDecisions

@Suite("A key of its own for each Pod")
struct PodKeyTests {
    private let list = ListSpec(key: "jobs", inFlightKeys: ["jobs:doing:{pod}"])

    /// No stabilization and no cooldown, so that only the busy hold.
    private func hasty(_ replicas: Int, cooldown: Int = 0) throws -> Stage {
        try Stage(replicas: replicas, lastActiveSecondsAgo: 5000, list: list) {
            $0.queue?.tasksPerReplica = 1
            $0.workers?.scaleDown?.stabilizationSeconds = 0
            $0.workers?.scaleDown?.cooldownSeconds = cooldown
        }
    }

    private func empty(_ stage: Stage, for seconds: Double, seen: Double = 0) -> PodWork {
        .empty(since: stage.now.addingTimeInterval(-seconds), confirmedAt: stage.now.addingTimeInterval(-seen))
    }

    @Test("Quiet Pods go while others work, once their prices are read back")
    func partial() throws {
        var stage = try hasty(4)
        stage.pods(work: [.tasks(1), empty(stage, for: 10), empty(stage, for: 10), .tasks(2)])
        stage.queue(0, 3)
        let priced = stage.act()
        #expect(priced.inputs.busy == 2)
        #expect(priced.inputs.idle == 2)
        #expect(priced.inputs.busynessKnown == .known)
        #expect(priced.action == .writeCosts([PodCost(pod: "worker-1", cost: PodCost.leaving)]))
        #expect(stage.act().action == .scale(to: 3))
    }

    @Test("A key that was just emptied proves nothing until it has been quiet for three seconds")
    func justEmptied() throws {
        var stage = try hasty(2)
        stage.pods(work: [.tasks(1), empty(stage, for: 1)])
        stage.queue(0, 1)
        let held = stage.act()
        #expect(held.action == .hold)
        #expect(held.inputs.protected == 2)
        #expect(held.recheckAt == stage.now.addingTimeInterval(2))
        stage.pass(2)
        stage.pods(work: [.tasks(1), empty(stage, for: 3)])
        stage.act()
        #expect(stage.act().action == .scale(to: 1))
    }

    @Test("Where the server is polled, the quiet counts to the last reading and not to now")
    func polled() throws {
        var stage = try hasty(2)
        stage.pods(work: [.tasks(1), empty(stage, for: 4, seen: 2)])
        stage.queue(0, 1)
        let held = stage.act()
        #expect(held.action == .hold)
        #expect(try #require(held.recheckAt) > stage.now)
    }

    @Test("While a task waits, or is in flight in a key of no Pod's own, no Pod is idle")
    func waiting() throws {
        var stage = try hasty(4)
        stage.pods(work: [.tasks(1), empty(stage, for: 99), empty(stage, for: 99), empty(stage, for: 99)])
        stage.queue(1, 1)
        #expect(stage.act().action == .hold)
        stage.reading = .current(QueueReading(waiting: 0, inFlight: 2, unassigned: 1))
        let held = stage.act()
        #expect(held.action == .hold)
        #expect(held.inputs.protected == 4)
        stage.queue(0, 2)
        guard case .writeCosts = stage.act().action else {
            Issue.record("the same Pods are idle once nothing waits")
            return
        }
    }

    @Test("A key that is not read yet protects its Pod, and so does a reading that is lost")
    func unread() throws {
        var stage = try hasty(2)
        stage.pods(work: [.tasks(1), .unread])
        stage.queue(0, 1)
        #expect(stage.act().action == .hold)
        stage.pods(work: [empty(stage, for: 99), empty(stage, for: 99)])
        stage.reading = .lost(since: stage.now)
        let held = stage.act()
        #expect(held.action == .hold)
        #expect(held.inputs.protected == 2)
    }

    @Test("Keys that were never seen in use prove nothing: all or nothing, after the cooldown, and that is said")
    func neverUsed() throws {
        var stage = try hasty(3, cooldown: 60)
        stage.pods(work: [empty(stage, for: 99), empty(stage, for: 99), empty(stage, for: 99)])
        stage.queue(1)
        guard case .unknown(let reason, _) = stage.act().inputs.busynessKnown else {
            Issue.record("a pattern that fits no worker passes for known")
            return
        }
        #expect(reason == "NoWorkSeen")
        stage.queue(0)
        stage.pass(30)
        #expect(stage.act().action == .hold)
        stage.pass(31)
        #expect(stage.act().action == .scale(to: 0))
    }

    @Test("A template whose workers never used a key gains nothing from another template's")
    func otherTemplate() throws {
        var stage = try hasty(2, cooldown: 60)
        stage.pods(work: [.tasks(1), empty(stage, for: 99)])
        stage.pods[1].template = "b"
        stage.queue(0, 1)
        let held = stage.act()
        #expect(held.action == .hold)
        #expect(held.inputs.unknown == 1)
    }

    @Test("After a restart the condition that stood is enough for Pods from before, once their keys were quiet")
    func restart() throws {
        var stage = try hasty(2)
        stage.history = ScalingHistory(startedAt: stage.now, busynessWasKnown: true)
        stage.pods(work: [empty(stage, for: 1), empty(stage, for: 1)])
        stage.queue(0)
        #expect(stage.act().action == .hold)
        stage.pass(3)
        stage.pods(work: [empty(stage, for: 4), empty(stage, for: 4)])
        #expect(stage.act().action == .scale(to: 0))
    }
}

@Suite("Streams")
struct StreamDemandTests {
    private func stage(_ replicas: Int = 0, group: String? = "workers") throws -> Stage {
        try Stage(replicas: replicas, lastActiveSecondsAgo: 5000, stream: StreamSpec(key: "jobs", group: group)) {
            $0.queue?.activationTasks = 3
            $0.workers?.scaleDown?.stabilizationSeconds = 0
            $0.workers?.scaleDown?.cooldownSeconds = 0
        }
    }

    @Test("A group that does not exist yet gets one replica, whatever the length of the stream")
    func missingGroup() throws {
        var stage = try stage()
        stage.reading = .current(QueueReading(waiting: 3, inFlight: 0, estimate: .groupMissing))
        #expect(stage.act().action == .hold)
        stage.reading = .current(QueueReading(waiting: 1_000_000, inFlight: 0, estimate: .groupMissing))
        let decision = stage.act()
        #expect(decision.action == .scale(to: 1))
        #expect(
            decision.reason == "1000000 waiting + 0 in flight, 5 a replica; one replica until the consumer group exists"
        )
        stage.queue(100)
        #expect(stage.act().action == .scale(to: 20))
    }

    @Test("A group that went missing takes no worker away while the stream has entries")
    func lostGroup() throws {
        var stage = try stage(5)
        stage.pods(.all(.unheard, 5))
        stage.reading = .current(QueueReading(waiting: 50, inFlight: 0, estimate: .groupMissing))
        #expect(stage.act().action == .hold)
    }

    @Test("A count that was ended early says so")
    func atLeast() throws {
        var stage = try stage()
        stage.reading = .current(QueueReading(waiting: 100, inFlight: 2, estimate: .atLeast))
        let decision = stage.act()
        #expect(decision.action == .scale(to: 20))
        #expect(decision.reason == "at least 100 waiting + 2 in flight, 5 a replica")
    }

    @Test("With a group what is pending holds all workers; without one nothing is known of them")
    func busyness() throws {
        var grouped = try stage(3)
        grouped.pods(.all(.unheard, 3))
        grouped.queue(0, 1)
        let held = grouped.act()
        #expect(held.action == .hold)
        #expect(held.inputs.busynessKnown == .known)
        grouped.queue(0, 0)
        #expect(grouped.act().action == .scale(to: 0))

        var ungrouped = try stage(3, group: nil)
        ungrouped.pods(.all(.unheard, 3))
        ungrouped.queue(0, 0)
        guard case .unknown(let reason, let message) = ungrouped.act().inputs.busynessKnown else {
            Issue.record("a stream without a group passes for known")
            return
        }
        #expect(reason == "NothingInFlightShown")
        #expect(message.hasPrefix("The stream is read without a group"))
    }
}
