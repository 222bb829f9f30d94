import KubernetesModel
import Redis
import RedisTestSupport
import Testing

@testable import MartletOperator

/// Servers that are not what the specification says, clusters that lie, and rights that lack.
@Suite struct ClusterRefusalTests {
    private let a = ObjectKey(namespace: "dev", name: "a")
    private let jobs = QueueQuery.list(key: "jobs", inFlightKeys: [])

    private func message(_ world: ObservedServer) -> String { world.server.observation(for: a)?.failure?.message ?? "" }

    @Test("a server that is no cluster's says so, and which mode to set")
    func standaloneAsCluster() async throws {
        let process = try RedisServerProcess()
        let address = RedisAddress(host: "127.0.0.1", port: process.port)
        let world = ObservedServer(QueueServerConfiguration(topology: .cluster, addresses: [address]))
        world.server.observe(a, jobs)
        try await world.running {
            #expect(await eventually { world.reason(a) == .notCluster })
            #expect(message(world).contains("mode: Standalone"))
            #expect(world.counts(a) == nil)
        }
    }

    @Test("a cluster's node as a standalone server says so, and which mode to set")
    func nodeAsStandalone() async throws {
        let cluster = try await ClusterDeployment()
        let key = try await cluster.key("jobs", on: cluster.nodes[1])
        let world = ObservedServer(cluster.nodes[0])
        world.server.observe(a, .list(key: key, inFlightKeys: []))
        try await world.running {
            #expect(await eventually { world.reason(a) == .notStandalone })
            #expect(message(world).contains("mode: Cluster"))
        }
    }

    @Test("a node that belongs to no cluster yet is told from a broken one")
    func emptyNode() async throws {
        let process = try RedisServerProcess([
            "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-port",
            String(try RedisServerProcess.freePort()),
        ])
        let address = RedisAddress(host: "127.0.0.1", port: process.port)
        let world = ObservedServer(QueueServerConfiguration(topology: .cluster, addresses: [address]))
        world.server.observe(a, jobs)
        try await world.running {
            #expect(await eventually { world.reason(a) == .slotNotServed })
            let connection = try await world.application()
            try await connection.run("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
            #expect(await eventually { world.reason(a) == nil && world.counts(a) == [0, 0] })
            connection.close()
        }
    }

    @Test("an address that a cluster hands out is held to the host policy, and never shown")
    func lyingCluster() async throws {
        let cluster = try await ClusterDeployment(masters: 1, options: ["--cluster-announce-ip", "169.254.169.254"])
        let seen = Recorder<ResolvedAddress>()
        let world = ObservedServer(
            cluster,
            hostPolicy: { (address) throws(RedisHostRefusal) in
                seen.append(address)
                if address.isLinkLocal { throw RedisHostRefusal(why: "It is a link-local address.") }
            })
        world.server.observe(a, jobs)
        try await world.running {
            #expect(await eventually { world.reason(a) == .hostRefused })
            #expect(message(world).contains("link-local"))
            #expect(!message(world).contains("169.254"))
            #expect(seen.all.contains { $0.isLinkLocal })
        }
    }

    @Test("a handed out address where nobody listens is said without the address")
    func deadAddress() async throws {
        let cluster = try await ClusterDeployment(masters: 1, options: ["--cluster-announce-port", "1"])
        let world = ObservedServer(cluster)
        world.server.observe(a, jobs)
        try await world.running {
            #expect(await eventually { world.reason(a) == .unreachable })
            #expect(!message(world).contains("127.0.0.1"))
        }
    }

    @Test("a user without the right to see the slots is told which right lacks, and read once it is given")
    func permission() async throws {
        let cluster = try await ClusterDeployment(masters: 1)
        let node = cluster.nodes[0]
        try await cluster.order(
            "ACL", "SETUSER", "martlet", "on", ">secret", "~*", "&*", "+@connection", "+llen", "+exists", to: node)
        let world = ObservedServer(cluster, credentials: RedisCredentials(username: "martlet", password: "secret"))
        world.server.observe(a, jobs)
        try await world.running {
            #expect(await eventually { world.reason(a) == .permissionDenied })
            #expect(message(world).contains("+cluster|slots"))
            try await cluster.order("ACL", "SETUSER", "martlet", "+cluster|slots", to: node)
            #expect(await eventually { world.reason(a) == nil && world.counts(a) == [0, 0] })
        }
    }

    @Test("the safety poll of many empty queues never mixes slots, so that none is refused")
    func crossSlot() async throws {
        let cluster = try await ClusterDeployment(masters: 1)
        let node = cluster.nodes[0]
        try await cluster.order(
            "ACL", "SETUSER", "martlet", "on", ">secret", "~*", "&*", "+@all", "-client|tracking", to: node)
        let world = ObservedServer(cluster, credentials: RedisCredentials(username: "martlet", password: "secret"))
        let queues = (0..<200).map { "queue\($0)" }
        world.server.observe(a, .celery(queues: queues, priorities: [0, 3]), pollingEvery: .milliseconds(200))
        try await world.running {
            #expect(await eventually { world.counts(a) == [0, 0] })
            var statistics = ""
            let polled = try await eventually {
                statistics = try await cluster.order("INFO", "commandstats", to: node).text ?? ""
                let line = statistics.split(whereSeparator: \.isNewline).first { $0.hasPrefix("cmdstat_exists:") }
                let calls = line.flatMap { Int($0.split(separator: "=")[1].prefix { $0.isNumber }) }
                return calls ?? 0 >= 800
            }
            #expect(polled)
            let lines = statistics.split(whereSeparator: \.isNewline)
            let sizes = lines.first { $0.hasPrefix("cmdstat_llen:calls=400,") }
            #expect(sizes != nil, "each list is sized once")
            #expect(lines.first { $0.hasPrefix("cmdstat_exists:") }?.contains("rejected_calls=0") == true)
            try await cluster.run("RPUSH", "queue7", "1", on: "queue7")
            #expect(await eventually { world.counts(a) == [1, 0] })
        }
    }
}
