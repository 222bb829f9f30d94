import KubernetesModel
import Redis
import Testing

@testable import MartletOperator

/// Transcripts of a cluster of two masters: `{2}…` is a key of the first, `{0}…` of the second.
@Suite struct ClusterStateTests {
    private let a = ObjectKey(namespace: "dev", name: "a")
    private let b = ObjectKey(namespace: "dev", name: "b")
    private let first = QueueNodeID.master(RedisAddress(host: "10.0.0.1", port: 6379))
    private let second = QueueNodeID.master(RedisAddress(host: "10.0.0.2", port: 6379))
    private let third = QueueNodeID.master(RedisAddress(host: "10.0.0.3", port: 6379))

    private func list(_ key: String, _ inFlight: [String] = []) -> QueueQuery {
        .list(key: key, inFlightKeys: inFlight)
    }

    /// The lower and the upper half of the slots; nil: nobody serves it.
    private func map(_ lower: QueueNodeID?, _ upper: QueueNodeID?) throws -> ClusterMap {
        let half = RedisSlot.count / 2
        return try ClusterMap(
            [(0...half - 1, lower), (half...RedisSlot.count - 1, upper)].compactMap { slots, node in
                guard case .master(let address)? = node else { return nil }
                return (slots: slots, master: address)
            })
    }

    /// Both masters connected, the queries read once with these sizes, in the order of the keys' names.
    private func settled(
        _ queries: [(ObjectKey, QueueQuery)], _ onFirst: [RESPValue], _ onSecond: [RESPValue]
    ) throws -> Transcript {
        var world = Transcript(.cluster(nil))
        for (id, query) in queries { world.observe(id, query) }
        world.receive(.mapped(try map(first, second)))
        for (node, replies) in [(first, onFirst), (second, onSecond)] {
            world.receive(.connected(node, .push))
            _ = world.step(node)
            world.answer(node, replies)
            _ = world.step(node)
        }
        return world
    }

    private func redirection(_ word: String, to node: QueueNodeID) -> RESPValue {
        guard case .master(let address) = node else { return .null }
        return .error(RedisReplyError(line: Array("\(word) 1 \(address)".utf8)))
    }

    @Test("keys of the test are where it says")
    func homes() throws {
        let layout = QueueLayout.cluster(try map(first, second))
        #expect(layout.node(of: "{0}jobs") == second)
        #expect(layout.node(of: "{2}jobs") == first)
    }

    @Test("each key is read at its own master, and a queue of both is told when both have answered")
    func spread() throws {
        var world = Transcript(.cluster(nil))
        world.observe(a, list("{2}jobs", ["{0}doing"]))
        #expect(world.step(.nowhere) == .rest(until: nil))
        world.receive(.mapped(try map(first, second)))
        world.receive(.connected(first, .push))
        world.receive(.connected(second, .push))
        #expect(world.reads(first) == ["LLEN {2}jobs"])
        #expect(world.reads(second) == ["LLEN {0}doing"])
        world.answer(first, [.integer(3)])
        #expect(world.counts(a) == nil)
        world.answer(second, [.integer(1)])
        #expect(world.step(second) == .notify([a]))
        #expect(world.counts(a) == [3, 1])
    }

    @Test("a cluster that is not found, or has no master for a slot, fails the queues concerned")
    func unserved() throws {
        var world = Transcript(.cluster(nil))
        world.observe(a, list("{2}jobs"))
        world.observe(b, list("{0}jobs"))
        world.receive(.unmapped(QueueFault(ClusterFault.refused(.generic))))
        #expect(world.step(.nowhere) == .notify([a, b]))
        #expect(world.reason(a) == .notCluster)
        world.receive(.mapped(try map(first, nil)))
        #expect(world.reason(b) == .slotNotServed)
        world.receive(.connected(first, .push))
        _ = world.step(first)
        #expect(world.reads(first) == ["LLEN {2}jobs"])
        world.answer(first, [.integer(1)])
        #expect(world.reason(a) == nil)
        #expect(world.reason(b) == .slotNotServed)
        #expect(world.counts(b) == nil)
    }

    @Test("a lost master fails its own queues with their counts kept; a new one is read before anything is told")
    func failover() throws {
        var world = try settled(
            [(a, list("{2}jobs", ["{0}doing"])), (b, list("{0}jobs"))], [.integer(3)], [.integer(1), .integer(5)])
        world.receive(.lost(first, QueueFault(.closed, at: first)))
        #expect(world.step(second) == .notify([a]))
        #expect(world.counts(a) == [3, 1])
        world.receive(.mapped(try map(third, second)))
        #expect(world.reason(a) == .unreachable)
        world.receive(.connected(third, .push))
        #expect(world.reads(third) == ["LLEN {2}jobs"])
        #expect(world.counts(a) == [3, 1])
        world.answer(third, [.integer(2)])
        #expect(world.step(third) == .notify([a]))
        #expect(world.counts(a) == [2, 1])
        #expect(world.reason(a) == nil)
        #expect(world.counts(b) == [5, 0])
    }

    @Test("what a former master still answers is not taken")
    func lateAnswer() throws {
        var world = try settled([(a, list("{2}jobs"))], [.integer(3)], [])
        world.receive(.invalidated(["{2}jobs"]))
        #expect(world.reads(first) == ["LLEN {2}jobs"])
        world.receive(.mapped(try map(second, second)))
        world.answer(first, [.integer(0)])
        #expect(world.counts(a) == [3, 0])
        #expect(world.reads(second) == ["LLEN {2}jobs"])
        world.answer(second, [.integer(4)])
        #expect(world.counts(a) == [4, 0])
    }

    @Test("a redirection asks for the map, and fails the queue only when it lasts")
    func moved() throws {
        var world = try settled([(a, list("{2}jobs"))], [.integer(3)], [])
        world.receive(.invalidated(["{2}jobs"]))
        _ = world.step(first)
        world.answer(first, [redirection("MOVED", to: second)])
        #expect(world.state.takeDisturbed() == [first])
        #expect(world.reason(a) == nil)
        #expect(world.step(first) == .rest(until: world.now + QueueNode.moveRetry))
        for _ in 0..<4 {
            world.advance(QueueNode.moveRetry)
            #expect(world.reads(first) == ["LLEN {2}jobs"])
            world.answer(first, [redirection("MOVED", to: second)])
        }
        #expect(world.step(first) == .notify([a]))
        #expect(world.reason(a) == .slotNotServed)
        #expect(world.counts(a) == [3, 0])
        world.receive(.mapped(try map(second, second)))
        #expect(world.reads(second) == ["LLEN {2}jobs"])
        world.answer(second, [.integer(3)])
        #expect(world.reason(a) == nil)
    }

    @Test("a key that is at the other end of its way is asked for there, and never taken for absent")
    func asking() throws {
        var world = try settled([(a, list("{2}jobs"))], [.integer(3)], [])
        world.receive(.invalidated(["{2}jobs"]))
        _ = world.step(first)
        world.answer(first, [redirection("ASK", to: second)])
        #expect(world.counts(a) == [3, 0])
        #expect(world.reads(second) == ["ASKING", "LLEN {2}jobs"])
        world.answer(second, [.string(Array("OK".utf8)), .integer(4)])
        #expect(world.step(second) == .notify([a]))
        #expect(world.counts(a) == [4, 0])
        // The push comes from the other end; the home is asked first.
        world.receive(.invalidated(["{2}jobs"]))
        #expect(world.reads(first) == ["LLEN {2}jobs"])
    }

    @Test("an answer that the other end owed when it was lost is asked for again")
    func askedOfTheDead() throws {
        var world = try settled([(a, list("{2}jobs"))], [.integer(3)], [])
        world.receive(.invalidated(["{2}jobs"]))
        _ = world.step(first)
        world.answer(first, [redirection("ASK", to: second)])
        _ = world.step(second)
        world.receive(.lost(second, QueueFault(.closed, at: second)))
        #expect(world.reads(first) == ["LLEN {2}jobs"])
        // With the other end gone there is nobody to ask.
        world.answer(first, [redirection("ASK", to: second)])
        #expect(world.reason(a) == nil)
        #expect(world.counts(a) == [3, 0])
        world.advance(QueueServerState.movingGrace)
        #expect(world.reads(first) == ["LLEN {2}jobs"])
        world.answer(first, [redirection("ASK", to: third)])
        #expect(world.reason(a) == .slotNotServed)
    }

    @Test("empty queues of a slot that is on its way are polled, and no others")
    func leaving() throws {
        var world = try settled(
            [(a, list("{2}jobs", ["{2}doing"])), (b, list("{3}jobs"))], [.integer(2), .integer(0), .integer(0)], [])
        world.receive(.leaving(first, [RedisSlot(of: "{2}")]))
        #expect(world.reads(first) == ["LLEN {2}jobs"])
    }

    @Test("the safety poll names only keys of one slot in a command")
    func sweep() throws {
        var world = try settled(
            [(a, list("{2}jobs", ["{2}doing"])), (b, list("{3}jobs"))], [.integer(0), .integer(0), .integer(0)], [])
        world.advance(QueueNode.safetyInterval)
        #expect(Set(world.reads(first).map { Set($0.split(separator: " ")) }) == [
            ["EXISTS", "{2}jobs", "{2}doing"], ["EXISTS", "{3}jobs"],
        ])
        // A slot on its way answers TRYAGAIN for several keys: each is then asked for itself.
        world.answer(first, [.error(.tryAgain), .error(.tryAgain)])
        #expect(Set(world.reads(first)) == ["LLEN {2}jobs", "LLEN {2}doing", "LLEN {3}jobs"])
    }

    @Test("the unacknowledged tasks of Celery move with their slot, and no figure of before is told meanwhile")
    func celery() throws {
        let query = QueueQuery.celery(queues: ["{0}q"], priorities: [0], unackedKey: "{2}unacked")
        var world = try settled([(a, query)], [.integer(2)], [.integer(3)])
        #expect(world.counts(a) == [3, 2])
        world.receive(.mapped(try map(third, second)))
        world.receive(.invalidated(["{0}q"]))
        #expect(world.reads(second) == ["LLEN {0}q"])
        world.answer(second, [.integer(2)])
        #expect(world.counts(a) == [3, 2])
        world.receive(.connected(third, .push))
        #expect(world.reads(third) == ["HLEN {2}unacked"])
        world.answer(third, [.integer(3)])
        #expect(world.counts(a) == [2, 3])
    }
}
