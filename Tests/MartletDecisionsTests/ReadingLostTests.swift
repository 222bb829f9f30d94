import FoundationEssentials
import KubernetesModel
import MartletAPI
import Testing

@testable import MartletDecisions

@Suite("No reading is not zero")
struct ReadingLostTests {
    @Test("Without a reading the last decision holds, for ever")
    func hold() throws {
        var stage = try Stage(replicas: 7)
        stage.pods(.all(.idle, 7))
        stage.reading = .lost(since: stage.now)
        for _ in 0..<100 {
            stage.pass(3600)
            #expect(stage.act().action == .hold)
        }
    }

    @Test("Fallback raises after afterSeconds, and never lowers", arguments: [(0, 4), (2, 4), (4, 4), (9, 9)])
    func fallback(current: Int, replicas: Int) throws {
        var stage = try Stage(replicas: current) {
            $0.workers?.onReadingLost = ReadingLostSpec(afterSeconds: 30, behavior: .fallback, replicas: 4)
        }
        stage.reading = .lost(since: stage.now)
        let early = stage.act()
        #expect(early.action == .hold)
        #expect(early.recheckAt == stage.now.addingTimeInterval(30))
        stage.pass(30)
        stage.act()
        #expect(stage.target.replicas == replicas)
    }

    @Test("minReplicas needs no reading")
    func minimum() throws {
        var stage = try Stage { $0.workers?.minReplicas = 2 }
        stage.reading = .lost(since: stage.now)
        #expect(stage.act().action == .scale(to: 2))
    }

    @Test("Replicas above the maximum are not brought back blindly")
    func aboveMax() throws {
        var stage = try Stage(replicas: 30)
        stage.pods(.all(.idle, 30))
        stage.reading = .lost(since: stage.now)
        #expect(stage.act().action == .hold)
    }

    @Test("Demand that shows up again is met at once")
    func recoveryUp() throws {
        var stage = try Stage(replicas: 1)
        stage.reading = .lost(since: stage.now)
        stage.act()
        stage.queue(50)
        #expect(stage.act().action == .scale(to: 10))
    }

    @Test("An empty queue that shows up again lowers nothing before the stabilization window")
    func recoveryDown() throws {
        var stage = try Stage(replicas: 10)
        stage.pods(.all(.idle, 10))
        stage.queue(50)
        stage.act()
        stage.reading = .lost(since: stage.now)
        stage.pass(1000)
        stage.act()
        stage.queue(0)
        #expect(stage.act().action == .hold)
        stage.pass(60)
        #expect(stage.act().action == .scale(to: 0))
    }

    @Test("An operator that has just started and reads nothing lowers nothing")
    func justStarted() throws {
        var stage = try Stage(replicas: 5) { $0.workers?.scaleDown?.stabilizationSeconds = 0 }
        stage.history = ScalingHistory(startedAt: stage.now)
        stage.reading = .lost(since: stage.now)
        stage.listeningSince = nil
        #expect(stage.act().action == .hold)
        #expect(stage.act().inputs.demand == nil)
    }
}
