import FoundationEssentials
import KubernetesModel
import MartletAPI
import Testing

@testable import MartletDecisions

@Suite("Going down in time")
struct ScaleDownTests {
    @Test("A lower wish waits until no higher one was in force for stabilizationSeconds")
    func stabilization() throws {
        var stage = try Stage(replicas: 20)
        stage.pods(.all(.idle, 20))
        stage.queue(100)
        #expect(stage.act().action == .hold)
        stage.pass(500)
        stage.queue(25)
        let held = stage.act()
        #expect(held.action == .hold)
        #expect(held.recheckAt == stage.now.addingTimeInterval(60))
        stage.pass(59)
        #expect(stage.act().action == .hold)
        stage.pass(1)
        #expect(stage.act().action == .scale(to: 5))
    }

    @Test("Pods that there are and that were not seen yet may be busy: nothing goes before")
    func unseenPods() throws {
        var stage = try Stage(replicas: 4)
        stage.pods(.all(.idle, 1))
        stage.target.created = 4
        stage.queue(0)
        stage.act()
        stage.pass(400)
        let held = stage.act()
        #expect(held.action == .hold)
        #expect(held.reason.contains("3 Pods not seen yet"))
        stage.pods(.all(.idle, 4))
        #expect(stage.act().action == .scale(to: 0))
    }

    @Test("A short rise within the window keeps the replicas that it wanted")
    func riseWithinWindow() throws {
        var stage = try Stage(replicas: 10)
        stage.pods(.all(.idle, 10))
        stage.queue(10)
        stage.act()
        stage.pass(50)
        stage.queue(40)
        stage.act()
        stage.pass(1)
        stage.queue(10)
        stage.act()
        stage.pass(20)
        #expect(stage.act().action == .scale(to: 8))
        stage.pods(.all(.idle, 8))
        stage.pass(40)
        #expect(stage.act().action == .scale(to: 2))
    }

    @Test("The last replica waits for the cooldown, those before it do not")
    func cooldown() throws {
        var stage = try Stage(replicas: 20)
        stage.pods(.all(.idle, 20))
        stage.queue(100)
        stage.act()
        stage.queue(0)
        stage.act()
        stage.pass(60)
        #expect(stage.act().action == .scale(to: 1))
        stage.pods([.idle])
        let waiting = stage.act()
        #expect(waiting.action == .hold)
        #expect(waiting.recheckAt == Stage.start.addingTimeInterval(300))
        #expect(waiting.reason.contains("cooldown"))
        stage.pass(239)
        #expect(stage.act().action == .hold)
        stage.pass(1)
        #expect(stage.act().action == .scale(to: 0))
    }

    @Test("A restart does not start the cooldown again")
    func cooldownSurvivesRestart() throws {
        var stage = try Stage(replicas: 1)
        stage.pods([.idle])
        stage.history = ScalingHistory(
            startedAt: stage.now,
            restoring: WorkersStatus(lastActiveTime: Timestamp(stage.now.addingTimeInterval(-280))))
        stage.listeningSince = stage.now
        #expect(stage.act().action == .hold)
        stage.pass(20)
        #expect(stage.act().action == .hold)
        // Only the stabilization window begins anew, as what was wished before is not known.
        stage.pass(40)
        #expect(stage.act().action == .scale(to: 0))
    }

    @Test("A task that came and went between two readings is activity")
    func touched() throws {
        var stage = try Stage(replicas: 1)
        stage.pods([.idle])
        stage.act()
        stage.pass(200)
        stage.reading = .current(QueueReading(waiting: 0, inFlight: 0, touchedAt: stage.now))
        stage.act()
        stage.pass(150)
        #expect(stage.act().action == .hold)
        stage.pass(150)
        #expect(stage.act().action == .scale(to: 0))
    }

    @Test("maxStep takes so many every fifteen seconds")
    func maxStepDown() throws {
        var stage = try Stage(replicas: 10) {
            $0.workers?.scaleDown?.maxStep = 4
            $0.workers?.scaleDown?.stabilizationSeconds = 0
            $0.workers?.scaleDown?.cooldownSeconds = 0
        }
        stage.pods(.all(.idle, 10))
        #expect(stage.act().action == .scale(to: 6))
        stage.pass(5)
        #expect(stage.act().action == .hold)
        stage.pass(10)
        #expect(stage.act().action == .scale(to: 2))
        stage.pass(15)
        #expect(stage.act().action == .scale(to: 0))
    }

    @Test("Replicas set above maxReplicas by hand are brought back at once when idle")
    func aboveMax() throws {
        var stage = try Stage(replicas: 30)
        stage.pods(.all(.idle, 30))
        stage.queue(100)
        #expect(stage.act().action == .scale(to: 20))
    }

    @Test("Replicas above maxReplicas are brought back no lower than the busy")
    func aboveMaxBusy() throws {
        var stage = try Stage(replicas: 30)
        stage.pods(.all(.working, 25) + .all(.idle, 5))
        stage.queue(100, 25)
        guard case .writeCosts(let costs) = stage.act().action else {
            Issue.record("costs come first")
            return
        }
        #expect(costs.map(\.pod) == (25..<30).map { "worker-\($0)" })
        #expect(stage.act().action == .scale(to: 25))
    }

    @Test("A clock set back neither holds replicas for ever nor drops them early")
    func clockSetBack() throws {
        var stage = try Stage(replicas: 4)
        stage.pods(.all(.idle, 4))
        stage.queue(20)
        stage.act()
        stage.pass(-86_400)
        stage.listeningSince = stage.now.addingTimeInterval(-100)
        stage.queue(0)
        #expect(stage.act().action == .hold)
        stage.pass(60)
        #expect(stage.act().action == .scale(to: 1))
    }

    @Test("The window of wishes stays small however many there are")
    func boundedWindow() {
        var window = WishWindow(10_000)
        var now = Stage.start
        for wish in stride(from: 9_999, through: 0, by: -1) {
            now = now.addingTimeInterval(0.01)
            window.record(wish, at: now, window: 600)
            #expect(window.highest(at: now, window: 600).wish == 10_000)
        }
        #expect(window.entryCount <= 65)
        #expect(window.highest(at: now.addingTimeInterval(601), window: 600).wish == 0)
    }
}
