import Kubernetes
import KubernetesModel
import MartletAPI
import RedisTestSupport
import Testing

extension Scenarios {
    @Suite("Queues in a Redis Cluster")
    struct RedisClusterTests {
        /// Of `name`: any node leads to the others.
        private func createEndpoint(_ scene: Scene, _ name: String, key: String, in cluster: ClusterDeployment)
            async throws
        {
            let addresses = cluster.addresses.prefix(2).map { JSONValue.string("\($0)") }
            try await scene.createTarget(name)
            try await scene.createEndpoint(
                name, queue: ["list": ["key": .string(key)]],
                changing: ["queue": ["redis": ["mode": "Cluster", "addresses": .array(addresses)]]])
        }

        private func push(_ count: Int, to key: String, of cluster: ClusterDeployment) async throws {
            try await cluster.run(["RPUSH", key] + Array(repeating: "task", count: count), on: key)
        }

        @Test("A master that dies moves no replica on a lost reading, and its queue counts again once a replica serves")
        func masterLost() async throws {
            let cluster = try await ClusterDeployment(replicas: .oneEach)
            try await Scene.play { scene in
                var keys: [String: String] = [:]
                for (name, node) in zip(["one", "two", "three"], cluster.nodes) {
                    let key = try await cluster.key("jobs", on: node)
                    keys[name] = key
                    try await createEndpoint(scene, name, key: key, in: cluster)
                }
                for (name, key) in keys {
                    try await scene.waitUntilReady(name)
                    try await push(50, to: key, of: cluster)
                    try await scene.expectReplicas(10, of: name)
                }
                let lost = try #require(keys["one"])
                try await cluster.order("WAIT", "1", "30000", to: cluster.nodes[0])
                let killed = try await cluster.killMaster(of: lost)
                for name in ["two", "three"] {
                    try await push(25, to: keys[name] ?? "", of: cluster)
                    try await scene.expectReplicas(15, of: name)
                }
                try await push(25, to: lost, of: cluster)
                try await scene.expectReplicas(15, of: "one")
                try await scene.expectCondition("QueueReadable", .yes, of: "one")
                // Back as a replica it changes nothing.
                try killed.start()
                for (name, key) in keys {
                    try await push(25, to: key, of: cluster)
                    try await scene.expectReplicas(20, of: name)
                    // 10, 15 and 20.
                    #expect(try await scene.scaleWrites(of: name).count == 3)
                    try await cluster.run("DEL", key, on: key)
                    try await scene.expectReplicas(0, of: name)
                }
            }
        }

        @Test("A server that is no cluster's is said to be none, and which mode to set")
        func noCluster() async throws {
            try await Scene.play { scene in
                try await scene.createTarget()
                try await scene.createEndpoint(changing: ["queue": ["redis": ["mode": "Cluster"]]])
                try await scene.expectCondition("QueueReadable", .no, "NotCluster")
                let message = try await scene.condition("QueueReadable")?.message
                #expect(message?.contains("mode: Standalone") == true)
                try await scene.patchEndpoint(spec: ["queue": ["redis": ["mode": "Standalone"]]])
                try await scene.waitUntilReady()
            }
        }
    }
}
