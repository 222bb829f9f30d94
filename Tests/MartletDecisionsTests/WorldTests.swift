import FoundationEssentials
import KubernetesModel
import MartletAPI
import Testing

@testable import MartletDecisions

@Suite("Whole lives in simulated time")
struct WorldTests {
    /// Seconds for which a worker may pass for idle after it took a task: one and a half heartbeat periods. Its warm shutdown
    /// finishes such a task within the Pod's grace.
    static let blindSpot = 3.0

    private func live(_ world: inout World, hours: Double, unrest: Bool) {
        for _ in 0..<Int(hours * 3600) {
            if Int.random(in: 0..<120, using: &world.random) == 0 {
                world.push(Int.random(in: 1...40, using: &world.random))
            }
            if unrest {
                switch Int.random(in: 0..<3000, using: &world.random) {
                case 0...3: world.restartOperator()
                case 4: world.stopRedis(for: Double.random(in: 1...200, using: &world.random))
                case 5:
                    world.stage.target.replicas = Int.random(in: world.stage.target.replicas...14, using: &world.random)
                default: break
                }
            }
            world.tick()
        }
    }

    private func settle(_ world: inout World) {
        for _ in 0..<4 * 3600 where world.stage.target.replicas > 0 || world.waiting > 0 { world.tick() }
    }

    @Test(
        "No busy worker is ever taken, every task is done, and the end is zero", arguments: 1...6 as ClosedRange<UInt64>
    )
    func quietLife(seed: UInt64) throws {
        var world = try World(seed: seed) { $0.workers?.scaleDown?.cooldownSeconds = 30 }
        live(&world, hours: 0.4, unrest: false)
        settle(&world)
        #expect(world.casualties.filter { $0.taskAge > Self.blindSpot } == [])
        #expect(world.done >= world.pushed)
        #expect(world.pushed > 0)
        #expect(world.stage.target.replicas == 0)
    }

    @Test(
        "Restarts, outages and hands on the scale change none of that", arguments: 100...107 as ClosedRange<UInt64>)
    func unrest(seed: UInt64) throws {
        var world = try World(seed: seed) {
            $0.workers?.scaleDown?.cooldownSeconds = 20
            $0.workers?.scaleDown?.stabilizationSeconds = seed % 2 == 0 ? 0 : 30
        }
        live(&world, hours: 0.4, unrest: true)
        settle(&world)
        #expect(world.casualties.filter { $0.taskAge > Self.blindSpot } == [])
        #expect(world.loweredBlindly == 0)
        #expect(world.done >= world.pushed)
        #expect(world.stage.target.replicas == 0)
    }

    @Test(
        "A closing leaves the busy their drain, then reaches its ceiling whatever happens",
        arguments: 1...8 as ClosedRange<UInt64>)
    func closing(seed: UInt64) throws {
        var world = try World(seed: seed) { $0.workers?.closing = ClosingSpec(drainSeconds: 45) }
        live(&world, hours: 0.2, unrest: true)
        world.push(60)
        for _ in 0..<30 { world.tick() }
        let casualties = world.casualties.count
        let closedAt = world.now
        world.stage.bounds = ScalingBounds(floor: 0, ceiling: 0, closing: Closing(since: closedAt, cause: .schedule))
        var highest = world.stage.target.replicas
        for _ in 0..<44 {
            world.tick()
            #expect(world.stage.target.replicas <= highest, "nothing scales up in a closing")
            highest = world.stage.target.replicas
        }
        #expect(world.casualties.dropFirst(casualties).allSatisfy { $0.taskAge <= Self.blindSpot })
        world.tick()
        #expect(world.stage.target.replicas == 0)
    }

    @Test(
        "A rising queue makes replicas rise to exactly the wish and never dip", arguments: 1...10 as ClosedRange<UInt64>
    )
    func monotonic(seed: UInt64) throws {
        var stage = try Stage()
        var random = SplitMix(seed: seed)
        var waiting = 0
        var last = 0
        while waiting < 100 {
            waiting = min(100, waiting + Int.random(in: 1...9, using: &random))
            stage.queue(waiting)
            stage.pass(0.1)
            stage.act()
            #expect(stage.target.replicas >= last)
            last = stage.target.replicas
        }
        #expect(last == 20)
        #expect(stage.act().action == .hold)
    }
}

@Suite("Whatever is seen")
struct ArbitrarySnapshotTests {
    private func arbitrary(_ random: inout SplitMix) throws -> Stage {
        let kinds: [TargetKind] = [
            .deployment(honoursDeletionCost: true), .deployment(honoursDeletionCost: false),
            .statefulSet(firstOrdinal: 0),
            .other,
        ]
        let replicas = Int.random(in: 0...15, using: &random)
        let kind = kinds.randomElement(using: &random) ?? .other
        let isList = Int.random(in: 0..<5, using: &random) == 0
        var stage = try Stage(
            replicas: replicas, kind: kind, max: Int.random(in: 1...12, using: &random),
            list: isList ? ListSpec(key: "jobs", inFlightKeys: ["doing"]) : nil
        ) {
            $0.workers?.scaleDown?.stabilizationSeconds = 0
            $0.workers?.scaleDown?.cooldownSeconds = Bool.random(using: &random) ? 0 : 300
            $0.workers?.scaleDown?.maxStep = Int.random(in: 0...3, using: &random)
            $0.workers?.onReadingLost = ReadingLostSpec(afterSeconds: 1, behavior: .fallback, replicas: 1)
        }
        let evidence: [WorkerEvidence] = [
            .idle, .working, .busy(.worked), .busy(.unproven), .silent(for: 100), .silent(for: 9000), .unheard,
        ]
        stage.pods((0..<replicas).map { _ in evidence.randomElement(using: &random) ?? .unheard })
        for index in stage.pods.indices {
            stage.pods[index].isReady = Int.random(in: 0..<9, using: &random) > 0
            stage.pods[index].isTerminating = Int.random(in: 0..<20, using: &random) == 0
            stage.pods[index].deletionCost = [0, 0, 100, PodCost.leaving].randomElement(using: &random) ?? 0
        }
        stage.queue(Int.random(in: 0...30, using: &random), Int.random(in: 0...8, using: &random))
        if Int.random(in: 0..<6, using: &random) == 0 {
            stage.reading = .lost(since: stage.now.addingTimeInterval(-60))
        }
        return stage
    }

    @Test(
        "Outside a closing no decision lowers below the protected, blindly, or above the ceiling",
        arguments: 1...20 as ClosedRange<UInt64>)
    func invariants(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        for _ in 0..<100 {
            var stage = try arbitrary(&random)
            let history = stage.history
            let decision = stage.decide()
            #expect(decision == stage.snapshot.decision(after: history), "pure")
            #expect(decision.recheckAt.map { $0 > stage.now } ?? true)
            #expect(decision.steps.count <= DecisionStatus.maxSteps)
            #expect(!decision.reason.isEmpty)
            guard case .scale(let count) = decision.action else { continue }
            #expect(count != stage.target.replicas)
            if count > stage.target.replicas {
                #expect(count <= stage.bounds.ceiling)
                continue
            }
            guard case .current = stage.reading else {
                Issue.record("lowered without a reading")
                continue
            }
            #expect(count >= decision.inputs.protected)
            if count == 0 { #expect(decision.inputs.demand == 0) }
            if decision.inputs.protected > 0 { #expect(stage.target.kind != .deployment(honoursDeletionCost: false)) }
            if decision.inputs.protected > 0 { #expect(stage.target.kind != .other) }
        }
    }
}
