import Testing

@testable import Redis

/// Transcripts: what happened, and what the watch does next.
@Suite struct ClusterWatchStateTests {
    private let a = address(1)
    private let b = address(2)
    private let c = address(3)
    private let seeds = [RedisAddress(host: "seed-1", port: 1), RedisAddress(host: "seed-2", port: 1)]

    private static func address(_ number: Int) -> RedisAddress { RedisAddress(host: "10.0.0.\(number)", port: 6379) }

    private struct World {
        let start = ContinuousClock.now
        var now: ContinuousClock.Instant
        var state: ClusterWatchState

        init(_ seeds: [RedisAddress]) {
            now = start
            state = ClusterWatchState(seeds: seeds, at: start)
        }

        mutating func receive(_ event: ClusterWatchState.Event) { state.receive(event, at: now, jitter: 0) }

        /// All steps up to the next rest.
        mutating func steps() -> [ClusterWatchState.Step] {
            var steps: [ClusterWatchState.Step] = []
            while true {
                let step = state.nextStep(at: now)
                if case .rest = step { return steps }
                steps.append(step)
            }
        }

        /// How long it rests when it does nothing.
        mutating func rest() -> Duration? {
            guard case .rest(let until) = state.nextStep(at: now) else { return nil }
            return until - now
        }
    }

    /// Slots in equal parts.
    private func view(_ masters: RedisAddress..., epoch: Int? = nil, leaving: Set<RedisSlot> = []) throws -> ClusterView
    {
        let bounds = (0...masters.count).map { $0 * RedisSlot.count / masters.count }
        let ranges = masters.enumerated().map { (slots: bounds[$0]...(bounds[$0 + 1] - 1), master: $1) }
        return ClusterView(map: try ClusterMap(ranges), epoch: epoch, leaving: leaving)
    }

    /// Found at the first seed, with its masters connected and asked once.
    private func settled(_ masters: ClusterView) -> World {
        var world = World(seeds)
        _ = world.steps()
        world.receive(.found(seeds[0], .success(masters)))
        _ = world.steps()
        for master in masters.map.masters { world.receive(.connected(master)) }
        guard case .ask(let node)? = world.steps().first else { return world }
        world.receive(.answered(node, .success(masters)))
        return world
    }

    @Test("the first seed that answers is told before its masters are opened, and each is opened once")
    func search() throws {
        var world = World(seeds)
        #expect(world.steps() == [.search(seeds[0])])
        world.now += ClusterWatchState.answerLimit
        #expect(world.steps() == [.search(seeds[1])])
        let view = try view(a, b, c)
        world.receive(.found(seeds[1], .success(view)))
        #expect(world.steps() == [.tell(.mapped(view.map)), .open(a), .open(b), .open(c)])
        world.receive(.found(seeds[0], .success(view)))
        #expect(world.steps() == [])
        world.receive(.connected(b))
        #expect(world.steps() == [.ask(b)])
    }

    @Test("seeds that fail are tried again with growing waits, and one of them is told")
    func noSeed() {
        var world = World(seeds)
        var waits: [Duration] = []
        for _ in 0..<3 {
            _ = world.steps()
            world.receive(.found(seeds[0], .failure(.refused(.generic))))
            #expect(world.steps() == [.search(seeds[1])])
            world.receive(.found(seeds[1], .failure(.unreachable(.closed))))
            #expect(world.steps() == [.tell(.unmapped(.refused(.generic)))])
            let wait = world.rest() ?? .zero
            waits.append(wait)
            world.now += wait
        }
        #expect(waits == [.milliseconds(100), .milliseconds(200), .milliseconds(400)])
    }

    @Test("a settled cluster is asked once a second, in turns")
    func interval() throws {
        let view = try view(a, b, c)
        var world = settled(view)
        var asked: [ClusterWatchState.Step] = []
        for _ in 0..<3 {
            #expect(world.rest() == ClusterWatchState.interval)
            world.now += ClusterWatchState.interval
            asked += world.steps()
            guard case .ask(let node)? = asked.last else { continue }
            world.receive(.answered(node, .success(view)))
            #expect(world.steps() == [])
        }
        #expect(asked == [.ask(b), .ask(c), .ask(a)])
    }

    @Test("a redirection is followed by asking the node that sent it, 200 ms after the last time")
    func disturbance() throws {
        var world = settled(try view(a, b, c))
        for _ in 0..<100 { world.receive(.disturbed(by: c)) }
        #expect(world.rest() == ClusterWatchState.shortestInterval)
        world.now += ClusterWatchState.shortestInterval
        #expect(world.steps() == [.ask(c)])
    }

    @Test("a lost master is asked about at once and each 500 ms, until another serves its slots")
    func failover() throws {
        let before = try view(a, b)
        var world = settled(before)
        world.now += .milliseconds(300)
        world.receive(.lost(a))
        #expect(world.steps() == [.ask(b)])
        world.receive(.answered(b, .success(before)))
        #expect(world.rest() == ClusterWatchState.unsettledInterval)
        world.now += ClusterWatchState.unsettledInterval
        #expect(world.steps() == [.ask(b)])
        let after = try view(c, b)
        world.receive(.answered(b, .success(after)))
        #expect(world.steps() == [.close(a), .tell(.mapped(after.map)), .open(c)])
        world.receive(.connected(c))
        world.receive(.lost(a))
        world.receive(.ended(a))
        #expect(world.rest() == ClusterWatchState.interval)
    }

    @Test("a master that comes back before its old connection is gone is opened only then")
    func reopening() throws {
        var world = settled(try view(a, b))
        for master in [c, a] {
            world.now += ClusterWatchState.interval
            guard case .ask(let node)? = world.steps().first else { return }
            world.receive(.answered(node, .success(try view(master, b))))
            if master == c { #expect(world.steps().contains(.close(a))) }
        }
        #expect(!world.steps().contains(.open(a)))
        world.receive(.ended(a))
        #expect(world.steps() == [.open(a)])
    }

    @Test("a node that does not answer is passed over after 500 ms and not asked twice")
    func silence() throws {
        var world = settled(try view(a, b))
        world.now += ClusterWatchState.interval
        #expect(world.steps() == [.ask(b)])
        #expect(world.rest() == ClusterWatchState.answerLimit)
        for _ in 0..<3 {
            world.now += ClusterWatchState.interval
            #expect(world.steps() == [.ask(a)])
            world.receive(.answered(a, .success(try view(a, b))))
        }
    }

    @Test("a map of a lower epoch is out of date, unless nobody tells another one for 10 s")
    func epochs() throws {
        var world = settled(try view(a, b, epoch: 7))
        let outdated = try view(c, b, epoch: 6)
        world.now += ClusterWatchState.interval
        guard case .ask(let node)? = world.steps().first else { return }
        world.receive(.answered(node, .success(outdated)))
        #expect(world.steps() == [])
        for _ in 0..<10 {
            world.now += ClusterWatchState.interval
            guard case .ask(let node)? = world.steps().first else { return }
            world.receive(.answered(node, .success(outdated)))
        }
        #expect(world.steps() == [.close(a), .tell(.mapped(outdated.map)), .open(c)])
    }

    @Test("with all masters gone the seeds are tried again, and stop being tried when one is back")
    func allGone() throws {
        let view = try view(a, b)
        var world = settled(view)
        world.receive(.lost(a))
        world.receive(.lost(b))
        #expect(world.rest() == ClusterWatchState.patience)
        world.now += ClusterWatchState.patience
        #expect(world.steps() == [.search(seeds[0])])
        world.receive(.found(seeds[0], .success(view)))
        #expect(world.steps() == [])
        world.now += ClusterWatchState.patience
        #expect(world.steps() == [.search(seeds[0])])
        world.receive(.connected(b))
        #expect(world.steps() == [.ask(b)])
    }

    @Test("slots on their way are told with each answer, and once more when they are whole again")
    func leaving() throws {
        var world = settled(try view(a))
        let slots = Set([RedisSlot(7)].compactMap { $0 })
        for (leaving, told) in [(slots, true), (slots, true), ([], true), ([], false)] {
            world.now += ClusterWatchState.interval
            #expect(world.steps() == [.ask(a)])
            world.receive(.answered(a, .success(try view(a, leaving: leaving))))
            #expect(world.steps() == (told ? [.tell(.leaving(a, leaving))] : []))
        }
    }
}
