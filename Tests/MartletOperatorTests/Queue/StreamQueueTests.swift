import KubernetesModel
import MartletAPI
import Redis
import RedisTestSupport
import Testing

@testable import MartletOperator

/// Streams on a real Redis: what its lag says, and what is made of it.
@Suite struct StreamQueueTests {
    private let a = ObjectKey(namespace: "dev", name: "a")
    private let b = ObjectKey(namespace: "dev", name: "b")
    private let jobs = QueueQuery.stream(key: "jobs", group: "workers", countingTo: 100)

    private func world(
        _ query: QueueQuery, _ body: @Sendable (ObservedServer, RedisConnection) async throws -> Void
    ) async throws {
        let process = try RedisServerProcess()
        let world = ObservedServer(process)
        world.server.observe(a, query, pollingEvery: .milliseconds(100))
        try await world.running {
            let application = try await world.application()
            #expect(await eventually { world.counts(a) == [0, 0] })
            try await body(world, application)
            application.close()
        }
    }

    private func estimate(_ world: ObservedServer) -> WaitingEstimate? {
        world.server.observation(for: a)?.reading?.estimate
    }

    @Test("a stream's life: absent, without its group, waiting, pending, acknowledged, deleted")
    func life() async throws {
        try await world(jobs) { world, application in
            #expect(estimate(world) == nil)
            try await application.add(5)
            #expect(await eventually { world.counts(a) == [5, 0] && estimate(world) == .groupMissing })
            // Nobody tells of a group that is created.
            try await application.run("XGROUP", "CREATE", "jobs", "workers", "0")
            #expect(await eventually { world.counts(a) == [5, 0] && estimate(world) == nil })
            try await application.take(2)
            #expect(await eventually { world.counts(a) == [3, 2] })
            try await application.run("XACK", "jobs", "workers", "1-1", "2-1")
            #expect(await eventually { world.counts(a) == [3, 0] })
            try await application.take(3)
            #expect(await eventually { world.counts(a) == [0, 3] })
            try await application.run("XACK", "jobs", "workers", "3-1", "4-1", "5-1")
            #expect(await eventually { world.counts(a) == [0, 0] })
            #expect(world.server.observation(for: a)?.source == .push)
            try await application.add(1, from: 10)
            #expect(await eventually { world.counts(a) == [1, 0] })
            try await application.run("DEL", "jobs")
            #expect(await eventually { world.counts(a) == [0, 0] })
        }
    }

    @Test("a group made before the first entry waits for nothing, and then for what comes")
    func emptyGroup() async throws {
        try await world(jobs) { world, application in
            try await application.run("XGROUP", "CREATE", "jobs", "workers", "$", "MKSTREAM")
            try await application.add(3)
            #expect(await eventually { world.counts(a) == [3, 0] && estimate(world) == nil })
        }
    }

    @Test("where the server gives no lag the entries are counted: deleted ones, and a group in the middle")
    func noLag() async throws {
        try await world(jobs) { world, application in
            try await application.run("XGROUP", "CREATE", "jobs", "workers", "0", "MKSTREAM")
            try await application.add(10)
            try await application.run("XDEL", "jobs", "8-1")
            #expect(await eventually { world.counts(a) == [9, 0] })
            try await application.run("XGROUP", "CREATE", "jobs", "middle", "5-1")
            world.server.observe(b, .stream(key: "jobs", group: "middle", countingTo: 100))
            #expect(await eventually { world.counts(b) == [4, 0] })
            try await application.add(1, from: 20)
            #expect(await eventually { world.counts(b) == [5, 0] && world.counts(a) == [10, 0] })
            #expect(estimate(world) == nil)
        }
    }

    @Test("a lag that stays too high after a trim is seen through, and one task more is one more")
    func phantomLag() async throws {
        try await world(jobs) { world, application in
            try await application.run("XGROUP", "CREATE", "jobs", "workers", "0", "MKSTREAM")
            try await application.add(60)
            try await application.take(2)
            try await application.run("XACK", "jobs", "workers", "1-1", "2-1")
            try await application.run("XTRIM", "jobs", "MAXLEN", "5")
            try await application.take(9)
            try await application.run("XACK", "jobs", "workers", "56-1", "57-1", "58-1", "59-1", "60-1")
            let groups = try await application.run("XINFO", "GROUPS", "jobs")
            let figure = StreamFigure.read([.integer(5), try #require(groups)], group: "workers")
            guard case .found(let found) = figure, try #require(found.group?.lag) > 0 else {
                // A server that is right of itself has nothing to be tested for.
                return
            }
            #expect(await eventually(within: .seconds(20)) { world.counts(a) == [0, 0] })
            try await application.add(1, from: 100)
            #expect(await eventually { world.counts(a) == [1, 0] })
        }
    }

    @Test("more entries than matter are not counted out, and that is said")
    func atLeast() async throws {
        try await world(.stream(key: "jobs", group: "workers", countingTo: 20)) { world, application in
            try await application.run("XGROUP", "CREATE", "jobs", "workers", "0", "MKSTREAM")
            try await application.add(300)
            #expect(await eventually { world.counts(a) == [300, 0] && estimate(world) == nil })
            try await application.run("XDEL", "jobs", "150-1")
            #expect(await eventually { world.counts(a) == [21, 0] && estimate(world) == .atLeast })
            try await application.take(290)
            #expect(await eventually { world.counts(a) == [9, 290] && estimate(world) == nil })
        }
    }

    @Test("two groups of a stream are two queues, and without a group the whole stream waits")
    func groups() async throws {
        try await world(.stream(key: "jobs", group: nil, countingTo: 100)) { world, application in
            try await application.add(4)
            #expect(await eventually { world.counts(a) == [4, 0] })
            try await application.run("XGROUP", "CREATE", "jobs", "workers", "0")
            world.server.observe(b, jobs, pollingEvery: .milliseconds(100))
            try await application.take(3)
            #expect(await eventually { world.counts(b) == [1, 3] })
            #expect(world.counts(a) == [4, 0])
            try await application.run("XDEL", "jobs", "1-1")
            #expect(await eventually { world.counts(a) == [3, 0] })
            try await application.run("XTRIM", "jobs", "MAXLEN", "0")
            #expect(await eventually { world.counts(a) == [0, 0] && world.counts(b) == [0, 3] })
            world.server.stopObserving(b)
            try await application.add(2, from: 10)
            #expect(await eventually { world.counts(a) == [2, 0] })
        }
    }

    @Test("a key of another type is a failure, and a stream in its place is read")
    func wrongType() async throws {
        try await world(jobs) { world, application in
            try await application.run("SET", "jobs", "text")
            #expect(await eventually { world.reason(a) == .wrongType })
            try await application.run("DEL", "jobs")
            try await application.add(2)
            #expect(await eventually { world.reason(a) == nil && world.counts(a) == [2, 0] })
        }
    }

    @Test("a right that is missing names the commands to be granted")
    func permission() async throws {
        let process = try RedisServerProcess()
        let world = ObservedServer(process, credentials: RedisCredentials(username: "martlet", password: "secret"))
        let application = try await world.application()
        try await application.run(
            "ACL", "SETUSER", "martlet", "on", ">secret", "~*", "&*", "+@connection", "+xlen", "+exists")
        try await application.add(1)
        world.server.observe(a, jobs)
        try await world.running {
            #expect(await eventually { world.reason(a) == .permissionDenied })
            let message = world.server.observation(for: a)?.failure?.message ?? ""
            #expect(message.contains("+xlen +xinfo|groups +xrange"), "\(message)")
            try await application.run("ACL", "SETUSER", "martlet", "+xinfo|groups", "+xrange")
            #expect(await eventually { world.reason(a) == nil && world.counts(a) == [1, 0] })
        }
        application.close()
    }
}

extension RedisConnection {
    /// Entries `<number>-1` of the stream.
    fileprivate func add(_ count: Int, from first: Int = 1) async throws {
        let commands = (first..<first + count).map { RedisCommand("XADD", "jobs", "\($0)-1", "task", "t") }
        _ = try await send(commands)
    }

    fileprivate func take(_ count: Int) async throws {
        try await run("XREADGROUP", "GROUP", "workers", "pod", "COUNT", "\(count)", "STREAMS", "jobs", ">")
    }
}
