import KubernetesModel
import MartletAPI
import Redis
import RedisTestSupport
import Testing

@testable import MartletOperator

/// Sorted sets on a real Redis, by whose clock delayed tasks become due.
@Suite struct SortedSetQueueTests {
    private let a = ObjectKey(namespace: "dev", name: "a")
    private let b = ObjectKey(namespace: "dev", name: "b")

    @Test("every member waits, and what workers moved away is in flight")
    func members() async throws {
        let process = try RedisServerProcess()
        let world = ObservedServer(process)
        world.server.observe(a, .sortedSet(key: "jobs", inFlightKeys: ["doing"]))
        try await world.running {
            let application = try await world.application()
            #expect(await eventually { world.counts(a) == [0, 0] })
            try await application.run("ZADD", "jobs", "1", "x", "2", "y", "3", "z")
            #expect(await eventually { world.counts(a) == [3, 0] })
            try await application.run("ZPOPMIN", "jobs")
            try await application.run("ZADD", "doing", "1", "x")
            #expect(await eventually { world.counts(a) == [2, 1] })
            try await application.run("DEL", "jobs", "doing")
            #expect(await eventually { world.counts(a) == [0, 0] })
            try await application.run("RPUSH", "jobs", "no set")
            #expect(await eventually { world.reason(a) == .wrongType })
            application.close()
        }
    }

    @Test("a delayed task waits once its time has come, without anybody saying so")
    func due() async throws {
        let process = try RedisServerProcess()
        let world = ObservedServer(process)
        world.server.observe(a, .sortedSet(key: "seconds", inFlightKeys: [], due: .now))
        world.server.observe(b, .sortedSet(key: "milliseconds", inFlightKeys: [], due: .nowMilliseconds))
        try await world.running {
            let application = try await world.application()
            #expect(await eventually { world.counts(a) == [0, 0] && world.counts(b) == [0, 0] })
            let now = try #require(ServerTime(try await application.run("TIME")))
            func score(in milliseconds: Int64, _ unit: DueScore) -> String {
                ServerTime(microseconds: now.microseconds + milliseconds * 1000).score(in: unit)
            }
            try await application.run(
                "ZADD", "seconds", score(in: -1000, .now), "past", score(in: 1500, .now), "soon",
                score(in: 3_600_000, .now), "later", "inf", "never")
            try await application.run(
                "ZADD", "milliseconds", score(in: 1500, .nowMilliseconds), "soon",
                score(in: 3_600_000, .nowMilliseconds), "later")
            #expect(await eventually { world.counts(a) == [1, 0] })
            #expect(world.counts(b) == [0, 0])
            // Long before the safety poll.
            #expect(await eventually(within: .seconds(15)) { world.counts(a) == [2, 0] && world.counts(b) == [1, 0] })
            let then = try #require(ServerTime(try await application.run("TIME")))
            #expect(then.microseconds >= now.microseconds + 1_500_000)
            #expect(world.server.observation(for: a)?.source == .push)
            application.close()
        }
    }
}
