import KubernetesModel
import Redis
import Testing

@testable import MartletOperator

@Suite struct QueueRefusalTests {
    private let a = ObjectKey(namespace: "dev", name: "a")
    private let b = ObjectKey(namespace: "dev", name: "b")

    @Test("a key of the wrong type fails its observers only, and recovers when it is replaced")
    func wrongType() {
        var world = Transcript()
        world.settled(
            [(a, .list(key: "jobs", inFlightKeys: [])), (b, .list(key: "other", inFlightKeys: []))],
            [.error(.wrongType), .integer(2)])
        #expect(world.reason(a) == .wrongType)
        #expect(world.state.observation(for: a)?.reading == nil)
        #expect(world.reason(b) == nil)
        world.receive(.invalidated(["jobs"]))
        #expect(world.reads() == ["LLEN jobs"])
        world.answer([.integer(3)])
        #expect(world.step() == .notify([a]))
        #expect(world.reason(a) == nil)
        #expect(world.counts(a) == [3, 0])
    }

    @Test("refused keys are asked again after 1, 2, 4 and 5 seconds, with the last reading kept")
    func retries() {
        var world = Transcript()
        world.settled([(a, .list(key: "jobs", inFlightKeys: []))], [.integer(9)])
        world.receive(.invalidated(["jobs"]))
        _ = world.reads()
        world.answer([.error(.noPermission)])
        #expect(world.step() == .notify([a]))
        #expect(world.counts(a) == [9, 0])
        for seconds in [1, 2, 4, 5, 5] {
            guard case .rest(let until?) = world.step() else {
                Issue.record("nothing is tried again")
                return
            }
            #expect(until == min(world.now + .seconds(seconds), world.start + .seconds(30)))
            world.now = until
            #expect(world.reads() == ["LLEN jobs"])
            world.answer([.error(.noPermission)])
        }
    }

    @Test("one key that is readable again brings all the others back at once")
    func recovery() {
        var world = Transcript()
        let ids = (0..<500).map { ObjectKey(namespace: "dev", name: "q\($0)") }
        world.settled(
            ids.map { ($0, .list(key: $0.name, inFlightKeys: [])) }, ids.map { _ in .error(.noPermission) })
        world.advance(.seconds(1))
        let sample = world.reads()
        #expect(sample.count == QueueNode.maximumRetries)
        world.answer(sample.map { _ in .integer(1) })
        #expect(world.step() == .notify(Array(ids.sorted().filter { world.reason($0) == nil })))
        #expect(world.reads().count == 500 - sample.count)
    }

    @Test("keys that stay refused are asked in turns")
    func turns() {
        var world = Transcript()
        let ids = (0..<100).map { ObjectKey(namespace: "dev", name: "q\($0)") }
        world.settled(
            ids.map { ($0, .list(key: $0.name, inFlightKeys: [])) }, ids.map { _ in .error(.noPermission) })
        var asked: Set<String> = []
        for seconds in [1, 2] {
            world.advance(.seconds(seconds))
            let reads = world.reads()
            asked.formUnion(reads)
            world.answer(reads.map { _ in .error(.noPermission) })
        }
        #expect(asked.count == 100)
    }

    @Test("an in-flight key may be a set, a sorted set or a hash")
    func otherTypes() {
        var world = Transcript()
        world.observe(a, .list(key: "jobs", inFlightKeys: ["doing"]))
        world.receive(.connected(.sole, .push))
        #expect(world.reads() == ["LLEN jobs", "LLEN doing"])
        world.answer([.integer(1), .error(.wrongType)])
        #expect(world.reads() == ["SCARD doing"])
        world.answer([.error(.wrongType)])
        #expect(world.reads() == ["ZCARD doing"])
        world.answer([.integer(4)])
        #expect(world.step() == .notify([a]))
        #expect(world.counts(a) == [1, 4])
    }

    @Test("messages say what to do, show Celery's separator and nothing a server sent")
    func messages() {
        let fault = QueueFault(.noPermission, reading: "celery\u{06}\u{16}3", with: "LLEN", in: .sole)
        #expect(fault.message.contains(#"celery\x06\x163"#))
        #expect(fault.message.contains("+llen"))
        let other = QueueFault(.other("CANARY"), reading: "jobs", with: "LLEN", in: .sole)
        #expect(!other.message.contains("CANARY"))
    }
}
