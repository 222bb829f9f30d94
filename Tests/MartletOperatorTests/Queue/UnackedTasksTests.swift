import KubernetesModel
import Redis
import Testing

@testable import MartletOperator

@Suite struct UnackedTasksTests {
    private let a = ObjectKey(namespace: "dev", name: "a")
    private let b = ObjectKey(namespace: "dev", name: "b")

    private func celery(_ queue: String) -> QueueQuery { .celery(queues: [queue], priorities: [0]) }
    private func text(_ value: String) -> RESPValue { .string(Array(value.utf8)) }
    private func body(_ routingKey: String, exchange: String = "") -> RESPValue {
        text(#"[{"body": "eA==", "headers": {"id": "1", "deep": [[{}]]}}, "\#(exchange)", "\#(routingKey)"]"#)
    }

    /// Two queues that share the hash, with `count` tasks in it.
    private func shared(_ count: Int64) -> Transcript {
        var world = Transcript()
        world.observe(a, celery("a"))
        world.observe(b, celery("b"))
        world.receive(.connected(.sole, .push))
        #expect(world.reads() == ["HLEN unacked", "LLEN a", "LLEN b"])
        world.answer([.integer(count), .integer(0), .integer(0)])
        return world
    }

    @Test("priorities become the lists that kombu uses, with the prefix in front of everything")
    func keys() {
        let query = QueueQuery.celery(queues: ["q"], priorities: [0, 3], keyPrefix: "p:", unackedKey: "unacked")
        var world = Transcript()
        world.observe(a, query)
        world.receive(.connected(.sole, .push))
        #expect(world.reads() == ["HLEN p:unacked", "LLEN p:q", "LLEN p:q\u{06}\u{16}3"])
    }

    @Test("where one query alone reads the hash, its length is in flight")
    func sole() {
        var world = Transcript()
        world.settled([(a, celery("a"))], [.integer(3), .integer(2)])
        #expect(world.counts(a) == [2, 3])
        #expect(world.state.observation(for: a)?.reading?.inFlightIsEstimate == false)
    }

    @Test("a shared hash is attributed by the bodies, each read once")
    func attribution() {
        var world = shared(3)
        #expect(world.reads() == ["HKEYS unacked"])
        world.answer([.array([text("1"), text("2"), text("3")])])
        #expect(world.reads() == ["HSTRLEN unacked 1", "HSTRLEN unacked 2", "HSTRLEN unacked 3"])
        world.answer([.integer(900), .integer(900), .integer(900)])
        #expect(world.reads() == ["HGET unacked 1", "HGET unacked 2", "HGET unacked 3"])
        world.answer([body("a"), body("b"), body("a", exchange: "a")])
        #expect(world.step() == .notify([a, b]))
        #expect(world.counts(a) == [0, 2])
        #expect(world.counts(b) == [0, 1])

        world.advance(.seconds(2))
        world.receive(.invalidated(["unacked"]))
        #expect(world.reads() == ["HLEN unacked"])
        world.answer([.integer(3)])
        #expect(world.reads() == ["HKEYS unacked"])
        world.answer([.array([text("1"), text("2"), text("4")])])
        #expect(world.reads() == ["HSTRLEN unacked 4"])
        world.answer([.integer(900)])
        #expect(world.reads() == ["HGET unacked 4"])
        world.answer([body("elsewhere")])
        #expect(world.step() == .notify([a]))
        #expect(world.counts(a) == [0, 1])
        #expect(world.counts(b) == [0, 1])
    }

    @Test("too many or too large bodies are not read, and the figure is called an estimate")
    func estimate() {
        var many = shared(201)
        #expect(many.step() == .notify([a, b]))
        #expect(many.state.observation(for: a)?.reading?.inFlightIsEstimate == true)
        #expect(many.state.observation(for: a)?.reading?.unattributed == 201)

        var large = shared(2)
        _ = large.reads()
        large.answer([.array([text("1"), text("2")])])
        _ = large.reads()
        large.answer([.integer(1 << 20), .integer(1)])
        #expect(large.step() == .notify([a, b]))
        #expect(large.counts(a) == [0, 0])
        #expect(large.state.observation(for: b)?.reading?.unattributed == 2)
    }

    @Test("broken bodies and custom exchanges are nobody's for certain")
    func unknownOwner() {
        var world = shared(3)
        _ = world.reads()
        world.answer([.array([text("1"), text("2"), text("3")])])
        _ = world.reads()
        world.answer([.integer(9), .integer(9), .integer(9)])
        _ = world.reads()
        world.answer([text("no json"), body("x.y", exchange: "topic"), .null])
        _ = world.step()
        #expect(world.counts(a) == [0, 0])
        #expect(world.state.observation(for: a)?.reading?.unattributed == 2)
    }

    @Test("the hash is read at most once a second, however often it changes")
    func pace() {
        var world = Transcript()
        world.settled([(a, celery("a"))], [.integer(0), .integer(0)])
        world.advance(.milliseconds(500))
        world.receive(.invalidated(["unacked"]))
        #expect(world.step() == .rest(until: world.start + .seconds(1)))
        world.advance(.milliseconds(500))
        #expect(world.reads() == ["HLEN unacked"])
        world.answer([.integer(1)])
        #expect(world.step() == .notify([a]))
        world.receive(.invalidated(["unacked"]))
        #expect(world.step() == .rest(until: world.now + .seconds(1)))
    }

    @Test("a task on its way from its list to the unacknowledged never looks gone")
    func moving() {
        var world = Transcript()
        world.settled([(a, celery("a"))], [.integer(0), .integer(1)])
        world.advance(.milliseconds(100))
        world.receive(.invalidated(["a"]))
        #expect(world.reads() == ["LLEN a"])
        world.answer([.integer(0)])
        #expect(world.step() == .rest(until: world.start + .seconds(1)))
        #expect(world.counts(a) == [1, 0])
        world.now = world.start + .seconds(1)
        #expect(world.reads() == ["HLEN unacked"])
        world.answer([.integer(1)])
        #expect(world.step() == .notify([a]))
        #expect(world.counts(a) == [0, 1])
    }

    @Test("a task that is really done is told as soon as both keys agree")
    func done() {
        var world = Transcript()
        world.settled([(a, celery("a"))], [.integer(0), .integer(1)])
        world.advance(.seconds(2))
        world.receive(.invalidated(["a"]))
        _ = world.reads()
        world.answer([.integer(0)])
        #expect(world.step() == .rest(until: world.now + UnackedTasks.settling))
        world.advance(UnackedTasks.settling)
        #expect(world.reads() == ["HLEN unacked"])
        world.answer([.integer(0)])
        #expect(world.step() == .notify([a]))
        #expect(world.counts(a) == [0, 0])
    }

    @Test("more waiting is told at once, even while the unacknowledged are due")
    func growing() {
        var world = Transcript()
        world.settled([(a, celery("a"))], [.integer(1), .integer(1)])
        world.advance(.milliseconds(100))
        world.receive(.invalidated(["unacked", "a"]))
        #expect(world.reads() == ["LLEN a"])
        world.answer([.integer(100)])
        #expect(world.step() == .notify([a]))
        #expect(world.counts(a) == [100, 1])
    }

    @Test("without permission on the hash the queue is not readable, rather than nothing in flight")
    func refused() {
        var world = Transcript()
        world.settled([(a, celery("a"))], [.error(.noPermission), .integer(1)])
        #expect(world.reason(a) == .permissionDenied)
        #expect(world.state.observation(for: a)?.reading == nil)
    }
}
