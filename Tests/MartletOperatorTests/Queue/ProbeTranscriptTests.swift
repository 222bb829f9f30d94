import KubernetesModel
import MartletAPI
import Redis
import Testing

@testable import MartletOperator

/// Transcripts of what is asked of streams, delayed tasks and keys of single Pods, and when.
@Suite struct ProbeTranscriptTests {
    private let a = ObjectKey(namespace: "dev", name: "a")
    private let b = ObjectKey(namespace: "dev", name: "b")
    private let stream = QueueQuery.stream(key: "jobs", group: "workers", countingTo: 100)
    private let delayed = QueueQuery.sortedSet(key: "jobs", inFlightKeys: [], due: .now)

    private func text(_ text: String) -> RESPValue { .string(Array(text.utf8)) }

    private func group(pending: Int64, delivered: String, lag: Int64) -> RESPValue {
        .array([
            .map([
                text("name"), text("workers"), text("pending"), .integer(pending), text("last-delivered-id"),
                text(delivered), text("lag"), .integer(lag),
            ])
        ])
    }

    private func time(_ seconds: Int, _ micros: Int = 0) -> RESPValue {
        .array([text("\(seconds)"), text("\(micros)")])
    }

    @Test("an idle stream costs nothing but the safety poll; a group at work is read again and again")
    func streamPace() {
        var world = Transcript()
        world.observe(a, stream, every: .seconds(2))
        world.receive(.connected(.sole, .push))
        #expect(world.reads() == ["XLEN jobs", "XINFO GROUPS jobs"])
        world.answer([.integer(5), group(pending: 0, delivered: "5-1", lag: 0)])
        #expect(world.reads() == ["XRANGE jobs 5-2 + COUNT 1"])
        world.answer([.array([])])
        #expect(world.step() == .notify([a]))
        #expect(world.step() == .rest(until: world.start + .seconds(30)))

        world.advance(.seconds(10))
        world.receive(.invalidated(["jobs"]))
        #expect(world.reads() == ["XLEN jobs", "XINFO GROUPS jobs"])
        // The entry was taken at once.
        world.answer([.integer(6), group(pending: 1, delivered: "6-1", lag: 0)])
        #expect(world.reads() == ["XRANGE jobs 6-2 + COUNT 1"])
        world.answer([.array([])])
        #expect(world.step() == .notify([a]))
        #expect(world.counts(a) == [0, 1])
        #expect(world.step() == .rest(until: world.now + .seconds(2)))

        // Its acknowledgement, of which nobody tells.
        world.advance(.seconds(2))
        #expect(world.reads() == ["XLEN jobs", "XINFO GROUPS jobs"])
        world.answer([.integer(6), group(pending: 0, delivered: "6-1", lag: 0)])
        #expect(world.step() == .notify([a]))
        #expect(world.counts(a) == [0, 0])
        #expect(world.step() == .rest(until: world.start + .seconds(30)))
    }

    @Test("a stream that changes while it is counted is read once more, and one connection lost in between as well")
    func changedWhileCounting() {
        var world = Transcript()
        world.observe(a, stream)
        world.receive(.connected(.sole, .push))
        _ = world.reads()
        world.answer([.integer(5), group(pending: 0, delivered: "5-1", lag: 2)])
        world.receive(.invalidated(["jobs"]))
        #expect(world.reads() == ["XRANGE jobs 5-2 + COUNT 1"])
        world.answer([.array([.array([text("6-1"), .array([])])])])
        #expect(world.reads() == ["XRANGE jobs 6-2 + COUNT 8"])
        world.receive(.lost(.sole, QueueFault(.closed)))
        world.receive(.connected(.sole, .push))
        _ = world.step()
        #expect(world.reads() == ["XLEN jobs", "XINFO GROUPS jobs"])
        world.answer([.integer(0), .error(.generic)])
        _ = world.step()
        #expect(world.counts(a) == [0, 0])
    }

    @Test("a delayed task is looked for a millisecond after it is due by the server's clock")
    func dueTasks() {
        var world = Transcript()
        world.observe(a, delayed)
        world.receive(.connected(.sole, .push))
        #expect(world.reads() == ["TIME"])
        world.answer([time(1000, 5)])
        #expect(
            world.reads() == [
                "TIME", "ZCOUNT jobs -inf 1000.000005",
                "ZRANGEBYSCORE jobs (1000.000005 +inf WITHSCORES LIMIT 0 1",
            ])
        world.answer([time(1000, 10), .integer(0), .array([.array([text("m"), .double(1005.5)])])])
        #expect(world.step() == .notify([a]))
        let due = world.start + .microseconds(5_499_990) + .milliseconds(1)
        #expect(world.step() == .rest(until: due))
        world.now = due
        #expect(world.reads().dropFirst().first == "ZCOUNT jobs -inf 1005.501000")
        world.answer([time(1005, 501_000), .integer(1), .array([])])
        #expect(world.step() == .notify([a]))
        #expect(world.counts(a) == [1, 0])
    }

    @Test("two things asked about one key are both asked when it changes")
    func twoProbes() {
        var world = Transcript()
        world.settled(
            [(a, .stream(key: "jobs", group: nil, countingTo: 1)), (b, .list(key: "jobs", inFlightKeys: []))],
            [.integer(1), .error(.wrongType)])
        #expect(world.counts(a) == [1, 0])
        #expect(world.reason(b) == .wrongType)
        world.advance(.seconds(5))
        world.receive(.invalidated(["jobs"]))
        #expect(Set(world.reads()) == ["XLEN jobs", "LLEN jobs"])
    }

    @Test("a Pod that comes or goes is told of without the reading being lost for a moment")
    func pods() {
        var world = Transcript()
        let query = QueueQuery.list(key: "jobs", inFlightKeys: ["doing:{pod}"])
        world.observe(a, query, pods: ["p1"])
        world.receive(.connected(.sole, .push))
        #expect(world.reads() == ["LLEN jobs", "LLEN doing:p1"])
        world.answer([.integer(1), .integer(1)])
        #expect(world.step() == .notify([a]))
        world.advance(.seconds(5))
        world.observe(a, query, pods: ["p1", "p2"])
        #expect(world.counts(a) == [1, 1])
        #expect(world.state.observation(for: a)?.pods["p2"] == .unread)
        #expect(world.reads() == ["LLEN doing:p2"])
        world.answer([.integer(0)])
        #expect(world.step() == .notify([a]))
        #expect(world.counts(a) == [1, 1])
        #expect(world.state.observation(for: a)?.pods["p2"] == PodTasks.none(since: world.now, confirmedAt: nil))

        // Work that only changed hands is news.
        world.advance(.seconds(5))
        world.receive(.invalidated(["doing:p1", "doing:p2"]))
        _ = world.reads()
        world.answer([.integer(0), .integer(1)])
        #expect(world.step() == .notify([a]))

        // The Pod goes with its task: counted until its key is empty, then forgotten.
        world.observe(a, query, pods: ["p1"])
        #expect(world.counts(a) == [1, 1])
        #expect(world.state.observation(for: a)?.pods.keys.sorted() == ["p1"])
        _ = world.step()
        world.receive(.invalidated(["doing:p2"]))
        #expect(world.reads() == ["LLEN doing:p2"])
        world.answer([.integer(0)])
        #expect(world.step() == .notify([a]))
        #expect(world.counts(a) == [1, 0])
        world.receive(.invalidated(["doing:p2"]))
        #expect(world.step() == .rest(until: world.start + .seconds(30)))
    }

    @Test("a task on its way from the list to a worker's key is neither counted twice nor missed")
    func moving() {
        var world = Transcript()
        let query = QueueQuery.list(key: "jobs", inFlightKeys: ["doing"])
        world.observe(a, query)
        world.receive(.connected(.sole, .push))
        _ = world.step()
        world.answer([.integer(3), .integer(0)])
        #expect(world.step() == .notify([a]))
        world.advance(.seconds(5))
        for (first, answers) in [("doing", [1, 2]), ("jobs", [1, 2])] as [(RedisKey, [Int64])] {
            let before = world.counts(a)
            world.receive(.invalidated([first]))
            _ = world.reads()
            world.receive(.invalidated([first == "jobs" ? "doing" : "jobs"]))
            world.answer([.integer(answers[0])])
            #expect(world.counts(a) == before)
            _ = world.reads()
            world.answer([.integer(answers[1])])
            #expect(world.step() == .notify([a]))
        }
        #expect(world.counts(a) == [1, 2])
    }

    @Test("a task that came and went through a Pod's key begins its quiet anew")
    func touched() {
        var world = Transcript()
        let query = QueueQuery.list(key: "jobs", inFlightKeys: ["doing:{pod}"])
        world.observe(a, query, pods: ["p1"])
        world.receive(.connected(.sole, .push))
        _ = world.step()
        world.answer([.integer(0), .integer(0)])
        world.advance(.seconds(8))
        #expect(world.state.observation(for: a)?.pods["p1"] == PodTasks.none(since: world.start, confirmedAt: nil))
        world.receive(.invalidated(["doing:p1"]))
        let touched = PodTasks.none(since: world.now, confirmedAt: nil)
        #expect(world.state.observation(for: a)?.pods["p1"] == touched)
        _ = world.step()
        _ = world.step()
        world.answer([.integer(0)])
        #expect(world.state.observation(for: a)?.pods["p1"] == touched)
    }

    @Test("where the server is polled a Pod's key is empty only as of its last reading")
    func polledPods() {
        var world = Transcript()
        world.observe(a, .list(key: "jobs", inFlightKeys: ["doing:{pod}"]), pods: ["p1"])
        world.receive(.connected(.sole, .poll(why: "")))
        _ = world.step()
        world.answer([.integer(0), .integer(0)])
        _ = world.step()
        world.advance(.seconds(2))
        guard case .read(let batch) = world.step() else {
            Issue.record("no poll")
            return
        }
        #expect(batch.commands.first?.arguments.first == "EXISTS")
        world.answer([.integer(0)])
        #expect(
            world.state.observation(for: a)?.pods["p1"] == PodTasks.none(since: world.start, confirmedAt: world.now))
    }
}
