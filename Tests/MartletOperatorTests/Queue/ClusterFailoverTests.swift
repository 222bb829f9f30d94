import KubernetesModel
import Redis
import RedisTestSupport
import Testing

@testable import MartletOperator

/// Against a real Redis Cluster with replicas: masters that die, fall silent or step down.
@Suite struct ClusterFailoverTests {
    private let dying = ObjectKey(namespace: "dev", name: "dying")
    private let others = (1...2).map { ObjectKey(namespace: "dev", name: "other\($0)") }

    /// The keys observed: one of the first master, and one of each other.
    private func observe(_ cluster: ClusterDeployment, _ world: ObservedServer) async throws -> [String] {
        var keys: [String] = []
        for (id, node) in zip([dying] + others, cluster.nodes) {
            let key = try await cluster.key("jobs", on: node)
            keys.append(key)
            world.server.observe(id, .list(key: key, inFlightKeys: []))
        }
        return keys
    }

    /// Looks at the counts of `id` again and again while `body` runs.
    /// - Returns: the counts that were seen, without repetitions in a row.
    private func watching(
        _ id: ObjectKey, of world: ObservedServer, _ body: () async throws -> Void
    ) async throws -> [[Int]?] {
        let seen = Recorder<[Int]?>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    let counts = world.counts(id)
                    if seen.all.isEmpty || seen.all.last != counts { seen.append(counts) }
                    do { try await Task.sleep(for: .milliseconds(1)) } catch { return }
                }
            }
            defer { group.cancelAll() }
            try await body()
        }
        if seen.all.last != world.counts(id) { seen.append(world.counts(id)) }
        return seen.all
    }

    private func isReplica(_ node: RedisServerProcess, of cluster: ClusterDeployment) async -> Bool {
        let text = try? await cluster.send(["INFO", "replication"], to: node).text
        return text?.contains("role:slave") == true
    }

    @Test("a master killed under load loses no reading; its queue is right again once a replica serves")
    func killedMaster() async throws {
        let cluster = try await ClusterDeployment(replicas: .oneEach)
        let world = ObservedServer(cluster)
        let keys = try await observe(cluster, world)
        try await world.running {
            for key in keys { try await cluster.run("RPUSH", key, "1", "2", "3", on: key) }
            try await cluster.order("WAIT", "1", "30000", to: cluster.nodes[0])
            #expect(await eventually { ([dying] + others).allSatisfy { world.counts($0) == [3, 0] } })
            let seen = try await watching(dying, of: world) {
                let killed = try await cluster.killMaster(of: keys[0])
                #expect(await eventually { world.reason(dying) == .unreachable })
                // Goes through as soon as the cluster serves again.
                for key in keys.dropFirst() { try await cluster.run("RPUSH", key, "4", on: key) }
                try await cluster.run("RPUSH", keys[0], "4", on: keys[0])
                let served = ContinuousClock.now
                #expect(await eventually { world.counts(dying) == [4, 0] && world.reason(dying) == nil })
                print("right again \(ContinuousClock.now - served) after the new master served")
                #expect(await eventually { others.allSatisfy { world.counts($0) == [4, 0] } })
                // The old master comes back as a replica, and is not read from.
                try killed.start()
                #expect(await eventually { await isReplica(killed, of: cluster) })
                try await cluster.run("RPUSH", keys[0], "5", on: keys[0])
                #expect(await eventually { world.counts(dying) == [5, 0] })
                #expect(try await cluster.connections(named: "martlet", to: killed) == 0)
            }
            #expect(seen == [[3, 0], [4, 0], [5, 0]])
        }
    }

    @Test("a master that falls silent is left when a replica took over, without waiting for its connection to end")
    func silentMaster() async throws {
        let cluster = try await ClusterDeployment(replicas: .oneEach)
        let world = ObservedServer(cluster)
        let keys = try await observe(cluster, world)
        let silent = try await cluster.master(of: keys[0])
        defer { silent.resume() }
        try await world.running {
            for key in keys { try await cluster.run("RPUSH", key, "1", on: key) }
            try await cluster.order("WAIT", "1", "30000", to: silent)
            #expect(await eventually { ([dying] + others).allSatisfy { world.counts($0) == [1, 0] } })
            let seen = try await watching(dying, of: world) {
                silent.freeze()
                let replica = try await cluster.promotedReplica(of: silent)
                #expect(
                    try await eventually {
                        try await cluster.send(["RPUSH", keys[0], "2"], to: replica).integer == 2
                    })
                let served = ContinuousClock.now
                #expect(await eventually { world.counts(dying) == [2, 0] && world.reason(dying) == nil })
                print("right again \(ContinuousClock.now - served) after the new master served")
                silent.resume()
                #expect(await eventually { await isReplica(silent, of: cluster) })
                try await cluster.order("RPUSH", keys[0], "3", to: replica)
                #expect(await eventually { world.counts(dying) == [3, 0] })
            }
            #expect(seen == [[1, 0], [2, 0], [3, 0]])
        }
    }

    @Test("twelve failovers leave one reading connection a master and one for the workers, and no wrong reading")
    func manyFailovers() async throws {
        let cluster = try await ClusterDeployment(replicas: .oneEach)
        let world = ObservedServer(cluster)
        let keys = try await observe(cluster, world)
        world.server.observe(ObjectKey(namespace: "dev", name: "celery"), .celery(queues: ["celery"], priorities: [0]))
        try await world.running {
            try await cluster.run("RPUSH", keys[0], "x", on: keys[0])
            #expect(await eventually { world.counts(dying) == [1, 0] })
            let seen = try await watching(dying, of: world) {
                for number in 1...12 {
                    try await cluster.failOver(keys[number % keys.count])
                    try await cluster.run("RPUSH", keys[0], "x", on: keys[0])
                    #expect(await eventually { world.counts(dying) == [number + 1, 0] && world.reason(dying) == nil })
                }
            }
            #expect(seen == (1...13).map { [$0, 0] })
            let settled = try await eventually {
                var total = 0
                for node in cluster.nodes { total += try await cluster.connections(named: "martlet", to: node) }
                return total == 4
            }
            #expect(settled)
            for key in keys {
                let count = try await cluster.connections(named: "martlet", to: try await cluster.master(of: key))
                #expect((1...2).contains(count))
            }
        }
    }

    @Test("a master that dies without a replica fails its own queues only, and is read again when it is back")
    func noReplica() async throws {
        let cluster = try await ClusterDeployment(options: ["--cluster-require-full-coverage", "no"])
        let world = ObservedServer(cluster)
        let keys = try await observe(cluster, world)
        try await world.running {
            for key in keys { try await cluster.run("RPUSH", key, "1", on: key) }
            #expect(await eventually { ([dying] + others).allSatisfy { world.counts($0) == [1, 0] } })
            let killed = try await cluster.killMaster(of: keys[0])
            #expect(await eventually { world.reason(dying) == .unreachable })
            for key in keys.dropFirst() { try await cluster.run("RPUSH", key, "2", on: key) }
            #expect(await eventually(within: .seconds(15)) { others.allSatisfy { world.counts($0) == [2, 0] } })
            #expect(others.allSatisfy { world.reason($0) == nil })
            #expect(world.counts(dying) == [1, 0])
            try killed.start()
            #expect(await eventually { world.counts(dying) == [0, 0] && world.reason(dying) == nil })
        }
    }
}
