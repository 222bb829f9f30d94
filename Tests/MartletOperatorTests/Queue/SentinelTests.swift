import KubernetesModel
import Redis
import RedisTestSupport
import Testing

@testable import MartletOperator

/// Against real sentinels: what they refuse, what they don't know, and what they should not be believed.
@Suite struct SentinelTests {
    private let jobs = ObjectKey(namespace: "dev", name: "jobs")
    private let query = QueueQuery.list(key: "jobs", inFlightKeys: [])

    private func world(
        sentinels ports: [Int], master: String = "mymaster", login: RedisCredentials? = nil,
        hostPolicy: @escaping RedisHostPolicy = { _ in }
    ) -> ObservedServer {
        let world = ObservedServer(
            QueueServerConfiguration(
                topology: .sentinel(master: master, credentials: login),
                addresses: ports.map { RedisAddress(host: "127.0.0.1", port: $0) }), hostPolicy: hostPolicy)
        world.server.observe(jobs, query)
        return world
    }

    /// One sentinel that watches, under the name mymaster, whatever its configuration says.
    private func loneSentinel(_ lines: String...) throws -> RedisServerProcess {
        let directory = try RedisServerProcess.temporaryDirectory()
        let path = directory + "/sentinel.conf"
        try RedisServerProcess.write(lines.joined(separator: "\n") + "\n", to: path)
        return try RedisServerProcess(as: .sentinel(configuration: path), directory: directory)
    }

    private func message(_ world: ObservedServer) -> String {
        world.server.observation(for: jobs)?.failure?.message ?? ""
    }

    @Test("a master that no sentinel knows is told with its name, and found once they know it")
    func unknownMaster() async throws {
        let master = try RedisServerProcess()
        let sentinel = try loneSentinel("sentinel monitor other 127.0.0.1 \(master.port) 1")
        let world = world(sentinels: [sentinel.port])
        try await world.running {
            #expect(await eventually { world.reason(jobs) == .masterUnknown })
            #expect(message(world).contains("\"mymaster\""))
            let admin = try await world.application(port: sentinel.port)
            _ = try await admin.run("SENTINEL", "MONITOR", "mymaster", "127.0.0.1", "\(master.port)", "1")
            #expect(await eventually { world.counts(jobs) == [0, 0] && world.reason(jobs) == nil })
            admin.close()
        }
    }

    @Test("dead sentinels are unreachable, one that lives is enough, and a plain Redis is no sentinel")
    func otherSentinels() async throws {
        let master = try RedisServerProcess()
        let dead = try [RedisServerProcess.freePort(), RedisServerProcess.freePort()]
        let world = world(sentinels: dead)
        try await world.running {
            #expect(await eventually { world.reason(jobs) == .unreachable })
            #expect(message(world).contains("127.0.0.1:\(dead[0])"))
        }
        let plain = self.world(sentinels: [master.port])
        try await plain.running { #expect(await eventually { plain.reason(jobs) == .notSentinel }) }
        let sentinel = try loneSentinel("sentinel monitor mymaster 127.0.0.1 \(master.port) 1")
        let third = self.world(sentinels: dead + [master.port, sentinel.port])
        try await third.running { #expect(await eventually { third.counts(jobs) == [0, 0] }) }
    }

    @Test("a sentinel that asks for a login gets its own, and refuses a wrong one")
    func login() async throws {
        let master = try RedisServerProcess()
        let sentinel = try loneSentinel(
            "sentinel monitor mymaster 127.0.0.1 \(master.port) 1", "user default off",
            "user guard on >secret allchannels -@all +auth +hello +ping +client|setname "
                + "+sentinel|get-master-addr-by-name")
        for (login, field) in [
            (nil, "set sentinelCredentialsSecretRef"),
            (RedisCredentials(username: "guard", password: "wrong"), "of sentinelCredentialsSecretRef"),
        ] {
            let world = world(sentinels: [sentinel.port], login: login)
            try await world.running {
                #expect(await eventually { world.reason(jobs) == .authenticationFailed })
                #expect(message(world).contains(field))
            }
        }
        // It may not subscribe, nor ask for the epoch and the other sentinels: then it polls.
        let world = world(
            sentinels: [sentinel.port], login: RedisCredentials(username: "guard", password: "secret"))
        try await world.running { #expect(await eventually { world.counts(jobs) == [0, 0] }) }
    }

    @Test("an address that a sentinel hands out is judged like a user's, and never shown")
    func lyingSentinel() async throws {
        let sentinel = try loneSentinel("sentinel monitor mymaster 169.254.169.254 80 1")
        let world = world(sentinels: [sentinel.port]) { address throws(RedisHostRefusal) in
            if address.isLinkLocal { throw RedisHostRefusal(why: "It is link-local.") }
        }
        try await world.running {
            #expect(await eventually { world.reason(jobs) == .hostRefused })
            #expect(message(world).contains("It is link-local."))
            #expect(!message(world).contains("169.254"))
        }
        let nowhere = try RedisServerProcess.freePort()
        let other = try loneSentinel("sentinel monitor mymaster 127.0.0.1 \(nowhere) 1")
        let second = self.world(sentinels: [other.port])
        try await second.running {
            #expect(await eventually { second.reason(jobs) == .unreachable })
            #expect(message(second).contains("replica-announce-ip"))
            #expect(!message(second).contains("\(nowhere)"))
        }
    }

    @Test("a master that turns replica while no sentinel answers is not read, though it is being emptied")
    func demotedUnseen() async throws {
        let master = try RedisServerProcess()
        let empty = try RedisServerProcess()
        let sentinel = try loneSentinel("sentinel monitor mymaster 127.0.0.1 \(master.port) 1")
        let world = world(sentinels: [sentinel.port])
        try await world.running {
            let application = try await world.application(port: master.port)
            _ = try await application.run("RPUSH", "jobs", "a", "b", "c")
            #expect(await eventually { world.counts(jobs) == [3, 0] })
            sentinel.stop()
            _ = try await application.run("REPLICAOF", "127.0.0.1", "\(empty.port)")
            #expect(try await eventually { try await application.run("LLEN", "jobs") == .integer(0) })
            #expect(await eventually { world.reason(jobs) != nil })
            #expect(world.counts(jobs) == [3, 0])
            _ = try await application.run("REPLICAOF", "NO", "ONE")
            _ = try await application.run("RPUSH", "jobs", "d")
            #expect(await eventually { world.counts(jobs) == [1, 0] && world.reason(jobs) == nil })
            application.close()
        }
    }

    @Test("a replica that the sentinel names is not read")
    func replicaNamed() async throws {
        let master = try RedisServerProcess()
        let replica = try RedisServerProcess(["--replicaof", "127.0.0.1", "\(master.port)"])
        let sentinel = try loneSentinel("sentinel monitor mymaster 127.0.0.1 \(replica.port) 1")
        let world = world(sentinels: [sentinel.port])
        try await world.running {
            #expect(await eventually { world.reason(jobs) == .notMaster })
            #expect(world.server.observation(for: jobs)?.reading == nil)
        }
    }

    @Test("servers and sentinels that speak TLS to clients with a certificate and a password only are followed")
    func encrypted() async throws {
        let files = try TLSFiles()
        let deployment = try SentinelDeployment(
            TLSFiles.serverOptions + ["--tls-replication", "yes"],
            serverOptions: ["--requirepass", "data", "--masterauth", "data"],
            sentinelLines: ["sentinel auth-pass mymaster data", "requirepass guard", "sentinel sentinel-pass guard"],
            serverLogin: TLSFiles.clientOptions + ["-a", "data", "--no-auth-warning"],
            sentinelLogin: TLSFiles.clientOptions + ["-a", "guard", "--no-auth-warning"], directory: files.directory)
        defer { deployment.stop() }
        try await deployment.waitUntilReady()
        let tls = RedisTLS(
            authoritiesPEM: try files.text("ca.crt"),
            identity: RedisTLS.Identity(
                certificatesPEM: try files.text("client.crt"), privateKeyPEM: try files.text("client.key")))
        let world = ObservedServer(
            deployment, login: RedisCredentials(password: "data"), sentinelLogin: RedisCredentials(password: "guard"),
            tls: tls)
        world.server.observe(jobs, query)
        try await world.running {
            try deployment.run("RPUSH", "jobs", "a", "b", at: deployment.servers[0])
            #expect(await eventually { world.counts(jobs) == [2, 0] })
            try deployment.run("WAIT", "2", "5000", at: deployment.servers[0])
            let failover = try await deployment.failOver(.death)
            try deployment.run("RPUSH", "jobs", "c", at: failover.new)
            #expect(await eventually { world.counts(jobs) == [3, 0] })
        }
    }
}
