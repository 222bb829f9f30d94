import FoundationEssentials
import KubernetesModel
import MartletAPI
import Testing

@testable import MartletDecisions

@Suite("Closing")
struct ClosingTests {
    private func closing(
        _ evidence: [WorkerEvidence], to ceiling: Int = 0, cause: ClosingCause = .schedule,
        kind: TargetKind = .deployment(honoursDeletionCost: true)
    ) throws -> Stage {
        var stage = try Stage(replicas: evidence.count, kind: kind)
        stage.pods(evidence)
        stage.bounds = ScalingBounds(floor: 0, ceiling: ceiling, closing: Closing(since: stage.now, cause: cause))
        return stage
    }

    @Test("Idle workers go at once: neither the stabilization nor the cooldown holds them")
    func idleGo() throws {
        var stage = try closing(.all(.idle, 8))
        stage.queue(40)
        let decision = stage.act()
        #expect(decision.action == .scale(to: 0))
        #expect(decision.events == [.closedWithWaiting(tasks: 40)])
    }

    @Test("Busy workers have drainSeconds, then they go with an event that counts them")
    func drain() throws {
        var stage = try closing([.working, .working, .idle])
        stage.queue(0, 2)
        stage.act()
        #expect(stage.act().action == .scale(to: 2))
        stage.pods([.working, .working])
        stage.pass(599)
        let held = stage.act()
        #expect(held.action == .hold)
        #expect(held.closing == .draining(until: Stage.start.addingTimeInterval(600)))
        #expect(held.recheckAt == stage.now.addingTimeInterval(1))
        stage.pass(1)
        let end = stage.act()
        #expect(end.action == .scale(to: 0))
        #expect(end.events == [.drainEnded(busy: 2)])
        #expect(stage.act().closing == .done)
    }

    @Test("Nothing scales above the fallen ceiling, whatever waits")
    func noScaleUp() throws {
        var stage = try closing([.working], to: 1)
        stage.queue(1000, 1)
        #expect(stage.act().action == .hold)
    }

    @Test("Below a ceiling that fell to more than zero the queue still decides")
    func belowCeiling() throws {
        var stage = try closing([.working], to: 4)
        stage.queue(1000, 1)
        #expect(stage.act().action == .scale(to: 4))
    }

    @Test("A closing is carried out while the queue can't be read")
    func withoutReading() throws {
        var stage = try closing([.idle, .silent(for: 30)], kind: .deployment(honoursDeletionCost: false))
        stage.reading = .lost(since: stage.now)
        #expect(stage.act().action == .hold)
        stage.pass(600)
        #expect(stage.act().action == .scale(to: 0))
    }

    @Test("A deleted endpoint's workers go to minReplicas, the busy after the drain, and nothing scales up")
    func deletion() throws {
        var stage = try Stage(replicas: 5) { $0.workers?.minReplicas = 2 }
        stage.pods(.all(.working, 4) + [.idle])
        stage.queue(500, 4)
        stage.bounds = .deleted(stage.endpoint.workers, since: stage.now)
        stage.act()
        #expect(stage.act().action == .scale(to: 4))
        stage.pods(.all(.working, 4))
        stage.pass(600)
        let end = stage.act()
        #expect(end.action == .scale(to: 2))
        #expect(end.events.contains(.drainEnded(busy: 2)))
        #expect(stage.act().closing == .done)
    }

    @Test("A deleted endpoint whose workers are at or below minReplicas is done at once", arguments: [0, 1, 2])
    func deletedBelowMin(replicas: Int) throws {
        var stage = try Stage(replicas: replicas) { $0.workers?.minReplicas = 2 }
        stage.queue(500)
        stage.bounds = .deleted(stage.endpoint.workers, since: stage.now)
        let decision = stage.act()
        #expect(decision.action == .hold)
        #expect(decision.closing == .done)
    }

    @Test("A suspended or refused endpoint has nothing left to do when it is deleted")
    func deletedSuspended() throws {
        var stage = try Stage(replicas: 5) { $0.suspend = true }
        stage.pods(.all(.working, 5))
        stage.bounds = .deleted(stage.endpoint.workers, since: stage.now)
        #expect(stage.act().action == .hold)
        #expect(stage.act().closing == .done)
    }

    @Test("Restarted in the middle of a drain, the operator keeps its end")
    func restart() throws {
        var stage = try closing(.all(.working, 3))
        stage.queue(0, 3)
        stage.act()
        stage.pass(300)
        stage.history = ScalingHistory(startedAt: stage.now)
        #expect(stage.act().action == .hold)
        stage.pass(300)
        #expect(stage.act().action == .scale(to: 0))
    }

    @Test("Workers of which nothing is known get the whole drain while tasks remain")
    func unknownWorkers() throws {
        var stage = try closing(.all(.unheard, 3))
        stage.queue(10)
        #expect(stage.act().action == .hold)
        stage.queue(0)
        #expect(stage.act().action == .scale(to: 0))
    }
}
