import FoundationEssentials
import KubernetesModel
import MartletAPI
import Testing

@testable import MartletDecisions

@Suite("Going up")
struct DemandTests {
    @Test(
        "Replicas are the tasks over tasksPerReplica, rounded up, within the bounds",
        arguments: [
            (0, 0, 0), (1, 0, 1), (5, 0, 1), (6, 0, 2), (96, 4, 20), (0, 4, 1), (1000, 0, 20), (Int.max, Int.max, 20),
            (-7, 0, 0),
        ])
    func wish(waiting: Int, inFlight: Int, replicas: Int) throws {
        var stage = try Stage()
        stage.queue(waiting, inFlight)
        #expect(stage.decide().action == (replicas == 0 ? .hold : .scale(to: replicas)))
    }

    @Test("A hundred tasks take zero to twenty in one write, and the reason says why")
    func zeroToTwenty() throws {
        var stage = try Stage()
        stage.queue(96, 4)
        let decision = stage.decide()
        #expect(decision.action == .scale(to: 20))
        #expect(decision.desired == 20)
        #expect(decision.reason == "96 waiting + 4 in flight, 5 a replica")
        #expect(decision.inputs.demand == 100)
    }

    @Test("In flight is the larger of what the queue and what the heartbeats say")
    func largerInFlight() throws {
        var stage = try Stage(replicas: 2)
        stage.pods([.busy(.active(8)), .busy(.active(3))])
        stage.queue(0, 4)
        #expect(stage.decide().inputs.inFlight == 11)
        stage.queue(0, 30)
        #expect(stage.decide().inputs.inFlight == 30)
    }

    @Test("Zero is left only when demand exceeds activationTasks")
    func activation() throws {
        var stage = try Stage { $0.queue?.activationTasks = 3 }
        stage.queue(3)
        let held = stage.decide()
        #expect(held.action == .hold)
        #expect(held.steps.contains { $0.hasPrefix("activation:") })
        stage.queue(4)
        #expect(stage.decide().action == .scale(to: 1))
    }

    @Test("Above zero a single task keeps a replica whatever activationTasks says")
    func activationOnlyFromZero() throws {
        var stage = try Stage(replicas: 1) {
            $0.queue?.activationTasks = 50
            $0.workers?.scaleDown?.cooldownSeconds = 0
            $0.workers?.scaleDown?.stabilizationSeconds = 0
        }
        stage.pods([.idle])
        stage.queue(1)
        #expect(stage.decide().action == .hold)
    }

    @Test("minReplicas is kept without any demand")
    func floor() throws {
        var stage = try Stage { $0.workers?.minReplicas = 3 }
        #expect(stage.decide().action == .scale(to: 3))
    }

    @Test(
        "gpuLimit caps replicas by the GPUs of the template", arguments: [(1, 20), (2, 10), (3, 6), (0, 20), (40, 0)])
    func gpuLimit(perReplica: Int, replicas: Int) throws {
        var stage = try Stage { $0.workers?.gpuLimit = 20 }
        stage.target.gpusPerReplica = perReplica
        stage.queue(1000)
        #expect(stage.decide().action == (replicas == 0 ? .hold : .scale(to: replicas)))
    }

    @Test("gpuLimit wins over minReplicas")
    func gpuLimitOverFloor() throws {
        var stage = try Stage {
            $0.workers?.minReplicas = 4
            $0.workers?.gpuLimit = 2
        }
        stage.target.gpusPerReplica = 1
        #expect(stage.decide().action == .scale(to: 2))
    }

    @Test("maxStep adds so many, then waits fifteen seconds and says when to look again")
    func maxStepUp() throws {
        var stage = try Stage { $0.workers?.scaleUp = ScaleUpSpec(maxStep: 8) }
        stage.queue(100)
        #expect(stage.act().action == .scale(to: 8))
        stage.pass(5)
        let waiting = stage.act()
        #expect(waiting.action == .hold)
        #expect(waiting.desired == 20)
        #expect(waiting.recheckAt == stage.now.addingTimeInterval(10))
        stage.pass(10)
        #expect(stage.act().action == .scale(to: 16))
        stage.pass(15)
        #expect(stage.act().action == .scale(to: 20))
    }

    @Test("A step whose write failed is tried again at once")
    func failedStep() throws {
        var stage = try Stage { $0.workers?.scaleUp = ScaleUpSpec(maxStep: 8) }
        stage.queue(100)
        #expect(stage.decide().action == .scale(to: 8))
        stage.pass(0.1)
        #expect(stage.decide().action == .scale(to: 8))
    }

    @Test("A target that someone set to zero is scaled up again when there is demand")
    func setToZeroByHand() throws {
        var stage = try Stage(replicas: 5)
        stage.queue(25)
        #expect(stage.act().action == .hold)
        stage.target.replicas = 0
        #expect(stage.act().action == .scale(to: 5))
    }

    @Test("suspend and a refusal write nothing and still tell what would be done")
    func writesNothing() throws {
        var suspended = try Stage { $0.suspend = true }
        suspended.queue(100)
        let decision = suspended.decide()
        #expect(decision.action == .hold)
        #expect(decision.desired == 20)
        #expect(decision.reason.hasPrefix("suspended"))

        var refused = try Stage()
        refused.queue(100)
        refused.refusal = Refusal(reason: "AnotherAutoscaler", message: "")
        #expect(refused.decide().action == .hold)
        #expect(refused.decide().reason.contains("AnotherAutoscaler"))
    }

    @Test("An estimated figure is called one")
    func estimate() throws {
        var stage = try Stage()
        stage.reading = .current(QueueReading(waiting: 1, inFlight: 2, isEstimate: true))
        #expect(stage.decide().reason.contains("estimated"))
    }
}
