import KubernetesModel
import Redis
import RedisTestSupport
import Testing

@testable import MartletOperator

/// Against a real Redis: what the state machine assumes of tracking, permissions and restarts.
@Suite struct QueueServerTests {
    private let a = ObjectKey(namespace: "dev", name: "a")
    private let b = ObjectKey(namespace: "dev", name: "b")
    private let jobs = QueueQuery.list(key: "jobs", inFlightKeys: [])

    @Test("a push to a queue is seen without any poll, and FLUSHALL as well")
    func tracking() async throws {
        let process = try RedisServerProcess()
        let world = ObservedServer(process)
        world.server.observe(a, jobs)
        world.server.observe(b, .celery(queues: ["celery"], priorities: [0, 3]))
        try await world.running {
            let application = try await world.application()
            #expect(await eventually { world.counts(a) == [0, 0] && world.counts(b) == [0, 0] })
            #expect(world.server.observation(for: a)?.source == .push)
            try await application.run("LPUSH", "jobs", "1", "2", "3")
            try await application.run("LPUSH", "celery\u{06}\u{16}3", "1")
            #expect(await eventually(within: .seconds(15)) { world.counts(a) == [3, 0] && world.counts(b) == [1, 0] })
            #expect(world.server.observation(for: a)?.changedAt != nil)
            try await application.run("FLUSHALL")
            #expect(await eventually(within: .seconds(15)) { world.counts(a) == [0, 0] && world.counts(b) == [0, 0] })
            application.close()
        }
    }

    @Test("a key of the wrong type fails one id, and recovers when it is deleted")
    func wrongType() async throws {
        let process = try RedisServerProcess()
        let world = ObservedServer(process)
        world.server.observe(a, jobs)
        world.server.observe(b, .list(key: "other", inFlightKeys: ["doing"]))
        try await world.running {
            let application = try await world.application()
            try await application.run("SADD", "doing", "x", "y")
            try await application.run("SET", "jobs", "text")
            #expect(await eventually { world.reason(a) == .wrongType && world.counts(b) == [0, 2] })
            #expect(world.reason(b) == nil)
            try await application.run("DEL", "jobs")
            #expect(await eventually { world.reason(a) == nil && world.counts(a) == [0, 0] })
            application.close()
        }
    }

    @Test("a right taken away holds the last reading, and given back it is read again")
    func permission() async throws {
        let process = try RedisServerProcess()
        let world = ObservedServer(process, credentials: RedisCredentials(username: "martlet", password: "secret"))
        let application = try await world.application()
        try await application.run(
            "ACL", "SETUSER", "martlet", "on", ">secret", "~*", "&*", "+@connection", "+llen", "+exists")
        try await application.run("RPUSH", "jobs", "1", "2")
        world.server.observe(a, jobs)
        try await world.running {
            #expect(await eventually { world.counts(a) == [2, 0] })
            try await application.run("ACL", "SETUSER", "martlet", "-llen")
            try await application.run("RPUSH", "jobs", "3")
            #expect(await eventually { world.reason(a) == .permissionDenied })
            #expect(world.counts(a) == [2, 0])
            try await application.run("ACL", "SETUSER", "martlet", "+llen")
            #expect(await eventually { world.reason(a) == nil && world.counts(a) == [3, 0] })
            // The user itself is gone: its connections are closed and logins refused.
            try await application.run("ACL", "DELUSER", "martlet")
            #expect(await eventually { world.reason(a) == .authenticationFailed })
            #expect(world.counts(a) == [3, 0])
            try await application.run(
                "ACL", "SETUSER", "martlet", "on", ">secret", "~*", "&*", "+@connection", "+llen", "+exists")
            #expect(await eventually { world.reason(a) == nil })
        }
        application.close()
    }

    @Test("a server that goes away fails its ids with their readings kept, and is read again when it is back")
    func restart() async throws {
        let process = try RedisServerProcess()
        let world = ObservedServer(process)
        world.server.observe(a, jobs)
        try await world.running {
            let application = try await world.application()
            try await application.run("RPUSH", "jobs", "1", "2")
            #expect(await eventually { world.counts(a) == [2, 0] })
            process.stop()
            #expect(await eventually { world.reason(a) == .unreachable })
            #expect(world.counts(a) == [2, 0])
            try process.start()
            #expect(await eventually { world.reason(a) == nil && world.counts(a) == [0, 0] })
            application.close()
        }
    }

    @Test("servers that are dead or mute delay no other")
    func isolation() async throws {
        let frozen = try RedisServerProcess()
        frozen.freeze()
        defer { frozen.resume() }
        let process = try RedisServerProcess()
        let world = ObservedServer(process)
        let io = RedisIO()
        let dead = ["no-such-host.invalid:1", "127.0.0.1:1", "127.0.0.1:\(frozen.port)"].flatMap { text in
            (0..<20).map { number in
                QueueServer(
                    QueueServerConfiguration(
                        addresses: [RedisAddress(text)].compactMap { $0 }, database: number), io: io,
                    hostPolicy: { _ in }, onChange: { _ in }, onWorkers: { _, _ in })
            }
        }
        for server in dead { server.observe(a, jobs) }
        world.server.observe(a, jobs)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for server in dead { group.addTask { await server.run() } }
            defer { group.cancelAll() }
            try await world.running {
                #expect(await eventually { world.counts(a) == [0, 0] })
                let application = try await world.application()
                for size in 1...20 {
                    try await application.run("RPUSH", "jobs", "x")
                    #expect(await eventually { world.counts(a) == [size, 0] })
                }
                application.close()
            }
            #expect(
                await eventually {
                    dead.allSatisfy { [.hostNotFound, .unreachable].contains($0.observation(for: a)?.failure?.reason) }
                })
        }
    }

    @Test("where CLIENT TRACKING is forbidden the queue is polled, and the source says so")
    func polling() async throws {
        let process = try RedisServerProcess()
        let world = ObservedServer(process, credentials: RedisCredentials(username: "martlet", password: "secret"))
        let application = try await world.application()
        try await application.run(
            "ACL", "SETUSER", "martlet", "on", ">secret", "~*", "+@all", "-client|tracking")
        world.server.observe(a, jobs, pollingEvery: .milliseconds(200))
        try await world.running {
            #expect(await eventually { world.counts(a) == [0, 0] })
            guard case .poll(let why)? = world.server.observation(for: a)?.source else {
                Issue.record("not polled")
                return
            }
            #expect(why.contains("client|tracking"))
            try await application.run("RPUSH", "jobs", "1", "2", "3", "4")
            #expect(await eventually { world.counts(a) == [4, 0] })
            try await application.run("LPOP", "jobs")
            #expect(await eventually { world.counts(a) == [3, 0] })
        }
        application.close()
    }

    @Test("10,000 pushes lead to a bounded number of reads, and the last one counts")
    func churn() async throws {
        let process = try RedisServerProcess()
        let world = ObservedServer(process)
        world.server.observe(a, jobs)
        try await world.running {
            let application = try await world.application()
            #expect(await eventually { world.counts(a) == [0, 0] })
            let before = try await calls(of: "llen", application)
            let start = ContinuousClock.now
            for _ in 0..<100 {
                _ = try await application.send((0..<100).map { _ in RedisCommand("RPUSH", "jobs", "x") })
            }
            #expect(await eventually { world.counts(a) == [10_000, 0] })
            let elapsed = ContinuousClock.now - start
            let reads = try await calls(of: "llen", application) - before
            let allowed = ReadPace.burst + Int(elapsed / ReadPace.interval) + 1
            #expect(reads <= allowed, "\(reads) reads in \(elapsed)")
            application.close()
        }
    }

    @Test("a queue that changes no more costs no command")
    func idle() async throws {
        let process = try RedisServerProcess()
        let world = ObservedServer(process)
        for number in 0..<200 {
            world.server.observe(
                ObjectKey(namespace: "dev", name: "q\(number)"),
                .celery(queues: ["q\(number)"], priorities: [0, 3, 6, 9]))
        }
        try await world.running {
            let application = try await world.application()
            #expect(await eventually { world.changes.all.count == 200 })
            let before = try await calls(of: "llen", application)
            try await application.run("RPUSH", "q7", "x")
            let id = ObjectKey(namespace: "dev", name: "q7")
            #expect(await eventually { world.counts(id) == [1, 0] })
            #expect(try await calls(of: "llen", application) == before + 1)
            #expect(world.changes.all.count == 201)
            application.close()
        }
    }

    /// Of `INFO commandstats`: how often a command was called.
    private func calls(of command: String, _ connection: RedisConnection) async throws -> Int {
        let text = try await connection.run("INFO", "commandstats")?.text ?? ""
        let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("cmdstat_\(command):calls=") }
        return line.flatMap { Int($0.split(separator: "=")[1].prefix { $0.isNumber }) } ?? 0
    }
}
