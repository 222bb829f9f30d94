import KubernetesModel
import Redis
import Testing

@testable import MartletOperator

/// Transcripts: what happened, and what the server would be asked and the owner be told next.
@Suite struct QueueServerStateTests {
    private let a = ObjectKey(namespace: "dev", name: "a")
    private let b = ObjectKey(namespace: "dev", name: "b")

    private func list(_ key: String, _ inFlight: [String] = []) -> QueueQuery {
        .list(key: key, inFlightKeys: inFlight)
    }

    @Test("on connecting all keys are read in one pipeline, and all ids are told once")
    func firstRead() {
        var world = Transcript()
        world.observe(a, list("jobs", ["doing"]))
        world.observe(b, list("other"))
        #expect(world.step() == .rest(until: nil))
        world.receive(.connected(.sole, .push))
        #expect(world.reads() == ["LLEN jobs", "LLEN doing", "LLEN other"])
        world.answer([.integer(3), .integer(1), .integer(0)])
        #expect(world.step() == .notify([a, b]))
        #expect(world.counts(a) == [3, 1])
        #expect(world.counts(b) == [0, 0])
        #expect(world.state.observation(for: a)?.changedAt == nil)
        #expect(world.step() == .rest(until: world.start + .seconds(30)))
    }

    @Test("a push is answered by a re-read at once, and only those who read the key are told")
    func push() {
        var world = Transcript()
        world.settled([(a, list("jobs")), (b, list("other"))], [.integer(0), .integer(0)])
        world.advance(.seconds(5))
        world.receive(.invalidated(["jobs", "unknown"]))
        let pushed = world.now
        #expect(world.reads() == ["LLEN jobs"])
        world.advance(.milliseconds(1))
        world.answer([.integer(7)])
        #expect(world.step() == .notify([a]))
        #expect(world.state.observation(for: a)?.changedAt == pushed)
        #expect(world.state.observation(for: a)?.touchedAt == pushed)
        #expect(world.counts(a) == [7, 0])
    }

    @Test("a reading that came out the same tells nobody, but the touch is kept")
    func unchanged() {
        var world = Transcript()
        world.settled([(a, list("jobs"))], [.integer(4)])
        world.receive(.invalidated(["jobs"]))
        _ = world.reads()
        world.answer([.integer(4)])
        #expect(world.step() == .rest(until: world.start + .seconds(30)))
        #expect(world.state.observation(for: a)?.touchedAt == world.now)
    }

    @Test("under churn reads are paced to 20 a second, and the last push is never left out")
    func pacing() {
        var world = Transcript()
        world.settled([(a, list("jobs"))], [.integer(0)])
        world.advance(.seconds(1))
        var reads = 0
        for millisecond in 1...2000 {
            world.receive(.invalidated(["jobs"]))
            while true {
                let step = world.step()
                if case .read(let batch) = step {
                    reads += 1
                    world.state.receive(.answered(.sole, batch, [.integer(Int64(millisecond))]), at: world.now)
                } else if case .rest = step {
                    break
                }
            }
            world.advance(.milliseconds(1))
        }
        #expect((40...45).contains(reads), "\(reads) reads in 2 s")
        world.receive(.invalidated(["jobs"]))
        if world.reads() == ["LLEN jobs"] {
            world.answer([.integer(0)])
            world.receive(.invalidated(["jobs"]))
            _ = world.step()
        }
        guard case .rest(let until?) = world.step() else {
            Issue.record("the last push has no deadline")
            return
        }
        #expect(until <= world.now + .milliseconds(50))
        world.now = until
        #expect(world.reads() == ["LLEN jobs"])
    }

    @Test("what changes while it is being read is read again")
    func changedMeanwhile() {
        var world = Transcript()
        world.settled([(a, list("jobs"))], [.integer(0)])
        world.receive(.invalidated(["jobs"]))
        _ = world.reads()
        world.receive(.invalidated(["jobs"]))
        #expect(world.step() == .rest(until: nil))
        world.answer([.integer(1)])
        #expect(world.step() == .notify([a]))
        #expect(world.reads() == ["LLEN jobs"])
    }

    @Test("a null invalidation makes everything dirty")
    func flush() {
        var world = Transcript()
        world.settled([(a, list("jobs")), (b, list("other"))], [.integer(5), .integer(6)])
        world.receive(.invalidatedAll(.sole))
        #expect(Set(world.reads()) == ["LLEN jobs", "LLEN other"])
        world.answer([.integer(0), .integer(0)])
        #expect(world.step() == .notify([a, b]))
    }

    @Test("the safety poll asks for all empty keys in one command, and for the length of the others")
    func safetyPoll() {
        var world = Transcript()
        let ids = (0..<1500).map { ObjectKey(namespace: "dev", name: "q\($0)") }
        let answers = (0..<1500).map { RESPValue.integer($0 < 3 ? 5 : 0) }
        world.settled(ids.map { ($0, list($0.name)) }, answers)
        world.advance(.seconds(30))
        guard case .read(let batch) = world.step() else {
            Issue.record("no safety poll")
            return
        }
        let commands = batch.commands.map { $0.arguments }
        #expect(commands.filter { $0[0] == "LLEN" }.count == 3)
        #expect(commands.filter { $0[0] == "EXISTS" }.map(\.count).sorted() == [498, 1001])
        let replies = commands.map { RESPValue.integer($0[0] == "LLEN" ? 5 : $0.count == 498 ? 1 : 0) }
        world.state.receive(.answered(.sole, batch, replies), at: world.now)
        #expect(world.reads().count == 497)
    }

    @Test("8,000 keys are read in pipelines of bounded size, one after the other without a pause")
    func chunks() {
        var world = Transcript()
        for number in 0..<2000 {
            let id = ObjectKey(namespace: "dev", name: "q\(number)")
            world.observe(id, .celery(queues: ["q\(number)"], priorities: [0, 3, 6, 9], keyPrefix: "p\(number % 2):"))
        }
        world.receive(.connected(.sole, .push))
        var sizes: [Int] = []
        reading: while true {
            switch world.step() {
            case .read(let batch):
                sizes.append(batch.commandCount)
                world.state.receive(.answered(.sole, batch, batch.commands.map { _ in .integer(0) }), at: world.now)
            case .notify: break
            case .rest: break reading
            }
        }
        #expect(sizes.reduce(0, +) == 8002)
        #expect(sizes.allSatisfy { $0 <= QueueNode.maximumCommands })
        #expect(world.step() == .rest(until: world.start + .seconds(30)))
    }

    @Test("a lost connection fails every id and keeps its reading, and the first read after it recovers")
    func connectionLost() {
        var world = Transcript()
        world.settled([(a, list("jobs"))], [.integer(4)])
        let readAt = world.now
        world.advance(.seconds(3))
        world.receive(.invalidated(["jobs"]))
        _ = world.reads()
        world.receive(.lost(.sole, QueueFault(RedisError.closed)))
        let lostAt = world.now
        #expect(world.step() == .notify([a]))
        #expect(world.counts(a) == [4, 0])
        #expect(world.state.observation(for: a)?.reading?.at == readAt)
        #expect(world.state.observation(for: a)?.failure?.reason == .unreachable)
        world.advance(.seconds(60))
        world.receive(.lost(.sole, QueueFault(RedisError.closed)))
        #expect(world.step() == .rest(until: nil))
        world.receive(.lost(.sole, QueueFault(RedisError.handshakeRefused(command: "HELLO", .wrongPassword))))
        #expect(world.step() == .notify([a]))
        #expect(world.state.observation(for: a)?.failure?.reason == .authenticationFailed)
        #expect(world.state.observation(for: a)?.failure?.since == lostAt)
        world.receive(.connected(.sole, .push))
        #expect(world.reads() == ["LLEN jobs"])
        #expect(world.state.observation(for: a)?.failure != nil)
        world.answer([.integer(4)])
        #expect(world.step() == .notify([a]))
        #expect(world.state.observation(for: a)?.failure == nil)
    }

    @Test("an answer of the connection before the last counts for nothing")
    func staleAnswer() {
        var world = Transcript()
        world.settled([(a, list("jobs"))], [.integer(4)])
        world.receive(.invalidated(["jobs"]))
        guard case .read(let old) = world.step() else { return #expect(Bool(false)) }
        world.receive(.lost(.sole, QueueFault(RedisError.closed)))
        world.receive(.connected(.sole, .push))
        _ = world.step()
        #expect(world.reads() == ["LLEN jobs"])
        world.state.receive(.answered(.sole, old, [.integer(99)]), at: world.now)
        #expect(world.counts(a) == [4, 0])
    }

    @Test("where tracking is refused every key is polled at the shortest interval, and the source says why")
    func polling() {
        var world = Transcript()
        world.observe(a, list("jobs"), every: .seconds(10))
        world.observe(b, list("other"), every: .seconds(2))
        world.receive(.connected(.sole, .poll(why: "old server")))
        _ = world.reads()
        world.answer([.integer(1), .integer(0)])
        #expect(world.step() == .notify([a, b]))
        #expect(world.state.observation(for: a)?.source == .poll(why: "old server"))
        #expect(world.step() == .rest(until: world.now + .seconds(2)))
        world.advance(.seconds(2))
        #expect(Set(world.reads()) == ["LLEN jobs", "EXISTS other"])
        world.answer([.integer(2), .integer(1)])
        #expect(world.step() == .notify([a]))
        #expect(world.reads() == ["LLEN other"])
        world.answer([.integer(1)])
        #expect(world.step() == .notify([b]))
        #expect(world.step() == .rest(until: world.now + .seconds(2)))
    }

    @Test("what is no longer observed is no longer read, and nobody is told")
    func forgetting() {
        var world = Transcript()
        world.settled([(a, list("jobs")), (b, list("jobs"))], [.integer(4)])
        world.receive(.unobserved(a))
        world.receive(.invalidated(["jobs"]))
        #expect(world.reads() == ["LLEN jobs"])
        world.answer([.integer(5)])
        #expect(world.step() == .notify([b]))
        #expect(world.state.observation(for: a) == nil)
        world.receive(.unobserved(b))
        world.receive(.invalidated(["jobs"]))
        #expect(world.step() == .rest(until: nil))
        #expect(world.state.nodes[.sole]?.keys.count == 0)
    }
}
