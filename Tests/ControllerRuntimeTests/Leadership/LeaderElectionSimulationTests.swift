import Testing

@testable import ControllerRuntime

@Suite("Leader election, simulated") struct LeaderElectionSimulationTests {
    @Test("Two never write at the same time, whatever is lost, late, stopped or killed, and one leads again afterwards")
    func safety() {
        var takeovers = 0
        var leaderless = 0
        for seed in UInt64(1)...40 {
            var world = ElectionWorld(seed: seed)
            for _ in 0..<30 {
                world.trouble = Double.random(in: 0...1, using: &world.random)
                let victim = Int.random(in: 0...1, using: &world.random)
                switch Int.random(in: 0..<6, using: &world.random) {
                case 0: world.stop(victim, for: Int.random(in: 100...40_000, using: &world.random))
                case 1: world.replace(victim)
                case 2: world.resign(victim)
                default: break
                }
                world.run(for: Int.random(in: 500...12_000, using: &world.random))
                if world.leaders.isEmpty { leaderless += 1 }
            }
            world.trouble = 0
            world.run(for: 90_000)
            #expect(world.leaders.count == 1, "seed \(seed): nobody leads after a quiet minute")
            #expect(world.violations.isEmpty, "seed \(seed): \(world.violations.prefix(3))")
            takeovers += world.takeovers
        }
        // Else the trouble was none.
        #expect(takeovers > 120)
        #expect(leaderless > 120)
    }

    @Test("In a quiet network the lead stays where it is")
    func stability() {
        for seed in UInt64(1)...8 {
            var world = ElectionWorld(seed: seed)
            world.run(for: 5000)
            let first = world.leaders
            #expect(first.count == 1)
            for _ in 0..<60 {
                world.run(for: 10_000)
                #expect(world.leaders == first)
            }
            #expect(world.takeovers == 0)
        }
    }

    @Test("A leader that resigns is followed within a second, one that is killed within 16.5 s")
    func handOver() throws {
        for seed in UInt64(1)...25 {
            var world = ElectionWorld(seed: seed)
            world.run(for: 20_000)
            let first = try #require(world.leaders.first)
            world.run(for: Int.random(in: 50...4000, using: &world.random))
            world.resign(first)
            // Writes of the one that goes are waited for; here they were short or are over after that.
            let isBusy = world.candidates[first].busyUntil > world.now
            world.run(for: isBusy ? 20_000 : 1000)
            #expect(!world.leaders.isEmpty, "seed \(seed)")

            world.run(for: 20_000)
            let second = try #require(world.leaders.first)
            world.stop(second, for: 60_000)
            world.run(for: 16_500)
            #expect(world.leaders == [1 - second], "seed \(seed)")
            #expect(world.violations.isEmpty, "seed \(seed): \(world.violations.prefix(3))")
        }
    }
}
