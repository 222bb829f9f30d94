import KubernetesModel
import Redis
import RedisTestSupport
import Testing

@testable import MartletOperator

/// Against a real Redis Cluster: what the state machines assume of slots, redirections and failovers.
@Suite struct ClusterTests {
    private let ids = (0..<3).map { ObjectKey(namespace: "dev", name: "q\($0)") }

    /// A key on each of the first three nodes, observed by the id of the same number.
    private func observeEach(_ cluster: ClusterDeployment, _ world: ObservedServer) async throws -> [String] {
        var keys: [String] = []
        for (id, node) in zip(ids, cluster.nodes) {
            let key = try await cluster.key("jobs", on: node)
            keys.append(key)
            world.server.observe(id, .list(key: key, inFlightKeys: []))
        }
        return keys
    }

    @Test("queues on three masters are read and pushed over one connection a master, and one more for the workers")
    func threeMasters() async throws {
        let cluster = try await ClusterDeployment()
        let world = ObservedServer(cluster)
        let keys = try await observeEach(cluster, world)
        let spread = ObjectKey(namespace: "dev", name: "spread")
        world.server.observe(spread, .celery(queues: keys, priorities: [0]))
        try await world.running {
            #expect(
                await eventually { world.counts(spread) == [0, 0] && ids.allSatisfy { world.counts($0) == [0, 0] } })
            #expect(world.server.observation(for: spread)?.source == .push)
            for (id, key) in zip(ids, keys) {
                try await cluster.run("RPUSH", key, "1", "2", on: key)
                #expect(await eventually(within: .seconds(15)) { world.counts(id) == [2, 0] })
                #expect(world.server.observation(for: id)?.changedAt != nil)
            }
            #expect(await eventually(within: .seconds(15)) { world.counts(spread) == [6, 0] })
            try await cluster.run("HSET", "unacked", "tag", "[{}, \"\", \"\(keys[0])\"]", on: "unacked")
            #expect(await eventually(within: .seconds(15)) { world.counts(spread) == [6, 1] })
            // What is published at one node is heard at all.
            let heartbeat = HeartbeatParserTests.sample
            for node in cluster.nodes {
                let before = world.workers.all.count
                #expect(
                    try await eventually {
                        try await cluster.order("PUBLISH", "/0.celeryev/worker.heartbeat", heartbeat, to: node)
                        return world.workers.all.count > before
                    })
            }
            var total = 0
            for node in cluster.nodes { total += try await cluster.connections(named: "martlet", to: node) }
            #expect(total == 4)
        }
        #expect(
            try await eventually {
                for node in cluster.nodes where try await cluster.connections(named: "martlet", to: node) > 0 {
                    return false
                }
                return true
            })
    }

    @Test("a slot that moved is read at its new master, and its queue never says anything wrong on the way")
    func resharding() async throws {
        let cluster = try await ClusterDeployment()
        let world = ObservedServer(cluster)
        let keys = try await observeEach(cluster, world)
        try await world.running {
            for key in keys { try await cluster.run("RPUSH", key, "1", "2", "3", on: key) }
            #expect(await eventually { ids.allSatisfy { world.counts($0) == [3, 0] } })
            world.changes.removeAll()
            try await cluster.migrateSlot(of: keys[0], to: cluster.nodes[1])
            try await cluster.run("RPUSH", keys[0], "4", on: keys[0])
            #expect(await eventually(within: .seconds(15)) { world.counts(ids[0]) == [4, 0] })
            #expect(await eventually { world.changes.all == [ids[0]] })
            #expect(world.reason(ids[0]) == nil)
            // And back, with writes at the new place pushed.
            try await cluster.migrateSlot(of: keys[0], to: cluster.nodes[0])
            for size in 5...8 {
                try await cluster.run("RPUSH", keys[0], "x", on: keys[0])
                #expect(await eventually(within: .seconds(15)) { world.counts(ids[0]) == [size, 0] })
            }
            #expect(await eventually { world.changes.all == [ids[0], ids[0], ids[0], ids[0], ids[0]] })
        }
    }

    @Test("while a slot is on its way its keys are read at whichever end they are, and never as absent")
    func migration() async throws {
        let cluster = try await ClusterDeployment()
        let world = ObservedServer(cluster)
        let (source, target) = (cluster.nodes[0], cluster.nodes[1])
        let key = try await cluster.key("jobs", on: source)
        // One that stays, one that moves in the middle, one that is created at the other end.
        let queues = ["{\(key)}stays", "{\(key)}moves", "{\(key)}new"]
        for (id, queue) in zip(ids, queues) { world.server.observe(id, .list(key: queue, inFlightKeys: [])) }
        try await world.running {
            for queue in queues.dropLast() { try await cluster.run("RPUSH", queue, "1", "2", on: queue) }
            #expect(await eventually { world.counts(ids[1]) == [2, 0] && world.counts(ids[2]) == [0, 0] })
            #expect(await eventually { world.counts(ids[0]) == [2, 0] })
            world.changes.removeAll()
            try await cluster.beginMigration(of: key, to: target)
            try await cluster.moveKeys(queues[1], to: target)
            for size in 3...6 {
                for queue in queues.dropLast() { try await cluster.run("RPUSH", queue, "x", on: queue) }
                #expect(await eventually(within: .seconds(15)) { world.counts(ids[0]) == [size, 0] })
                #expect(await eventually(within: .seconds(15)) { world.counts(ids[1]) == [size, 0] })
            }
            try await cluster.run("RPUSH", queues[2], "1", on: queues[2])
            #expect(await eventually(within: .seconds(15)) { world.counts(ids[2]) == [1, 0] })
            // Each change was an increase by one, told once; a moment after it could be seen.
            #expect(
                await eventually {
                    ids.map { id in world.changes.all.count { $0 == id } } == [4, 4, 1]
                })
            try await cluster.moveKeys(queues[0], to: target)
            try await cluster.finishMigration(of: key, to: target)
            try await cluster.run("RPUSH", queues[0], "x", on: queues[0])
            #expect(await eventually(within: .seconds(15)) { world.counts(ids[0]) == [7, 0] })
            #expect(ids.allSatisfy { world.reason($0) == nil })
        }
    }
}
