import NIOCore
import NIOPosix
import RedisTestSupport
import Testing

@testable import Redis

@Suite struct RedisConnectionTests {
    private let io = RedisIO()

    private func configuration(_ server: RedisServerProcess) -> RedisConfiguration {
        RedisConfiguration(
            address: RedisAddress(host: "127.0.0.1", port: server.port), connectTimeout: .seconds(30),
            commandTimeout: .seconds(30))
    }

    private func open(
        _ configuration: RedisConfiguration, onPush: @escaping @Sendable (RedisPush) -> Void = { _ in }
    ) async throws(RedisError) -> RedisConnection {
        try await RedisConnection.open(configuration, io: io, hostPolicy: { _ in }, onPush: onPush)
    }

    private func failure(_ configuration: RedisConfiguration) async -> RedisError? {
        do {
            try await open(configuration).close()
            return nil
        } catch {
            return error
        }
    }

    @Test("many commands go in one write and their results come in order, errors in their places")
    func pipelining() async throws {
        let server = try RedisServerProcess()
        let connection = try await open(configuration(server))
        defer { connection.close() }
        #expect(connection.protocolVersion == .resp3)
        var commands = (1...1000).map { RedisCommand("RPUSH", "list", "\($0)") }
        commands += [RedisCommand("HGET", "list", "x"), RedisCommand("LLEN", "list"), RedisCommand("NOSUCH")]
        let replies = try await connection.send(commands)
        #expect(replies.prefix(1000).map(\.integer) == (1...1000).map { $0 })
        #expect(replies.suffix(3) == [.error(.wrongType), .integer(1000), .error(.generic)])
    }

    @Test(
        "where a master is required a replica is refused, also by a server without HELLO, and also when it becomes one")
    func requiredRole() async throws {
        let master = try RedisServerProcess()
        for options in [[], ["--rename-command", "HELLO", ""]] {
            let server = try RedisServerProcess(options)
            let admin = try await open(configuration(server))
            defer { admin.close() }
            var settings = configuration(server)
            settings.role = .master
            let refusal = RedisError.notMaster(settings.address)
            let connection = try await open(settings)
            #expect(try await connection.send([RedisCommand("LLEN", "jobs")]) == [.integer(0)])
            _ = try await admin.send([RedisCommand("REPLICAOF", "127.0.0.1", "\(master.port)")])
            await #expect(throws: refusal) { try await connection.send([RedisCommand("LLEN", "jobs")]) }
            #expect(await connection.waitUntilClosed() == refusal)
            #expect(await failure(settings) == refusal)
        }
    }

    @Test("a changed key is pushed to the connection that read it, and a flush as everything")
    func tracking() async throws {
        let server = try RedisServerProcess()
        let pushes = Recorder<RedisPush>()
        let connection = try await open(configuration(server)) { pushes.append($0) }
        let other = try await open(configuration(server))
        defer {
            connection.close()
            other.close()
        }
        #expect(try await connection.enableTracking() == nil)
        #expect(try await connection.send([RedisCommand("LLEN", "jobs")]) == [.integer(0)])
        _ = try await other.send([RedisCommand("LPUSH", "jobs", "1")])
        #expect(await eventually { pushes.all == [.invalidated(["jobs"])] })
        _ = try await other.send([RedisCommand("FLUSHALL")])
        #expect(await eventually { pushes.all.last == .invalidatedAll })
    }

    @Test("credentials of an ACL user log in, wrong ones name the command and the code only")
    func credentials() async throws {
        let server = try RedisServerProcess()
        let admin = try await open(configuration(server))
        defer { admin.close() }
        _ = try await admin.send([
            RedisCommand("ACL", "SETUSER", "worker", "on", ">hunter2", "~jobs", "+@connection", "+llen")
        ])
        var settings = configuration(server)
        settings.credentials = RedisCredentials(username: "worker", password: "hunter2")
        let connection = try await open(settings)
        #expect(
            try await connection.send([RedisCommand("LLEN", "jobs"), RedisCommand("LLEN", "x")])
                == [.integer(0), .error(.noPermission)])
        connection.close()
        settings.credentials = RedisCredentials(username: "worker", password: "wrong-canary")
        let refusal = await failure(settings)
        #expect(refusal == .handshakeRefused(command: "HELLO", .wrongPassword))
        #expect(!"\(String(describing: refusal))".contains("canary"))
        _ = try await admin.send([RedisCommand("CONFIG", "SET", "requirepass", "secret")])
        settings.credentials = nil
        #expect(await failure(settings) == .handshakeRefused(command: "HELLO", .noAuthentication))
        settings.credentials = RedisCredentials(password: "secret")
        #expect(await failure(settings) == nil)
    }

    @Test("a server without HELLO is spoken to in RESP2, where tracking is refused and messages still come")
    func olderServer() async throws {
        let server = try RedisServerProcess(["--rename-command", "HELLO", "", "--requirepass", "secret"])
        let pushes = Recorder<RedisPush>()
        var settings = configuration(server)
        settings.credentials = RedisCredentials(password: "secret")
        settings.database = 3
        let connection = try await open(settings) { pushes.append($0) }
        let other = try await open(settings)
        defer {
            connection.close()
            other.close()
        }
        #expect(connection.protocolVersion == .resp2)
        #expect(try await connection.enableTracking() == .noProto)
        _ = try await connection.send([RedisCommand("SET", "k", "v")])
        #expect(
            try await other.send([RedisCommand("GET", "k"), RedisCommand("GET", "none")]) == [.string([0x76]), .null])
        #expect(try await connection.subscribe(to: ["news"]) == [:])
        _ = try await other.send([RedisCommand("PUBLISH", "news", "hi")])
        #expect(await eventually { pushes.all == [.message(channel: "news", payload: [0x68, 0x69])] })
    }

    @Test("the policy sees the resolved address, and what it refuses is never connected to")
    func hostPolicy() async throws {
        let server = try RedisServerProcess()
        var settings = configuration(server)
        settings.address = RedisAddress(host: "localhost", port: server.port)
        let seen = Recorder<ResolvedAddress>()
        await #expect(throws: RedisError.hostRefused(RedisHostRefusal(why: "no loopback"))) {
            _ = try await RedisConnection.open(
                settings, io: io,
                hostPolicy: { (address) throws(RedisHostRefusal) in
                    seen.append(address)
                    if address.isLoopback { throw RedisHostRefusal(why: "no loopback") }
                }, onPush: { _ in })
        }
        #expect(seen.all.first?.isLoopback == true)
    }

    @Test("names without an address and closed ports are told apart")
    func unreachable() async throws {
        var settings = RedisConfiguration(address: RedisAddress(host: "no-such-host.invalid", port: 1))
        settings.connectTimeout = .seconds(30)
        #expect(await failure(settings) == .lookupFailed(settings.address))
        settings.address = RedisAddress(host: "127.0.0.1", port: 1)
        #expect(await failure(settings) == .connectFailed(settings.address))
    }

    @Test("a server that stops answering ends the connection with a timeout, by a command or by a ping of its own")
    func silence() async throws {
        let server = try RedisServerProcess()
        var settings = configuration(server)
        settings.commandTimeout = .milliseconds(300)
        settings.silenceBeforePing = .milliseconds(200)
        let connection = try await open(settings)
        let idle = try await open(settings)
        server.freeze()
        defer { server.resume() }
        await #expect(throws: RedisError.commandTimedOut) { _ = try await connection.send([RedisCommand("PING")]) }
        #expect(await idle.waitUntilClosed() == .commandTimedOut)
    }

    @Test("a peer that accepts and says nothing does not outlast the connect timeout")
    func mute() async throws {
        let mute = try await ServerBootstrap(group: io.group).bind(host: "127.0.0.1", port: 0).get()
        var settings = RedisConfiguration(
            address: RedisAddress(host: "127.0.0.1", port: mute.localAddress?.port ?? 0))
        settings.connectTimeout = .milliseconds(200)
        #expect(await failure(settings) == .connectTimedOut(settings.address))
        try await mute.close()
    }

    @Test("a session connects again when the server is back, and says what it lost")
    func session() async throws {
        let server = try RedisServerProcess()
        let told = Recorder<String>()
        let session = RedisSession(configuration(server), io: io, hostPolicy: { _ in }, onPush: { _ in })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await session.run { event in
                    switch event {
                    case .connected: told.append("connected")
                    case .lost(.closed): told.append("closed")
                    case .lost: if told.all.last != "unreachable" { told.append("unreachable") }
                    }
                }
            }
            #expect(await eventually { told.all == ["connected"] })
            server.stop()
            #expect(await eventually { told.all == ["connected", "closed", "unreachable"] })
            try server.start()
            #expect(await eventually { told.all.last == "connected" })
            group.cancelAll()
        }
    }
}
