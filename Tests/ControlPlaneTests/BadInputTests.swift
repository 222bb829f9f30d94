import FoundationEssentials
import Kubernetes
import KubernetesModel
import MartletAPI
import RedisTestSupport
import Testing

extension Scenarios {
    @Suite("Bad input")
    struct BadInputTests {
        @Test("Every bad spec gets its own reason, and the good one beside them is served")
        func reasons() async throws {
            try await Scene.play { scene in
                try await scene.cluster.withoutSchema {
                    try await scene.createSecret("redis", ["user": "x"])
                    try await scene.createTarget("taken")
                    let rows = BadSpec.all(port: scene.redis.port)
                    for row in rows { try await create(row, in: scene) }
                    try await scene.createTarget()
                    try await scene.createEndpoint()
                    for row in rows {
                        try await scene.expectCondition("Accepted", .no, row.reason, of: row.name)
                        let message = try await scene.condition("Accepted", of: row.name)?.message ?? ""
                        #expect(message.contains(row.hint), "\(row.name): \(message)")
                    }
                    try await scene.waitUntilReady()
                    try scene.commands().push(10)
                    try await scene.expectReplicas(2)
                    #expect(scene.scaleWrites().count == 1)
                }
            }
        }

        @Test("A server with the schema refuses what the schema can tell", arguments: BadSpec.refusedBySchema)
        func schema(_ row: BadSpec) async throws {
            let client = try ControlPlane.shared().client
            let object: JSONValue = ["metadata": ["name": .string(row.name)], "spec": row.spec]
            let error = await #expect(throws: KubernetesError.self) {
                _ = try await client.resources(InferenceEndpoint.self).create(
                    object, in: "default", as: Scene.manager)
            }
            #expect(error?.status?.code == 422 || error?.status?.code == 400, "\(String(describing: error))")
        }

        @Test("Names of 253 characters work from the reading to the event")
        func longNames() async throws {
            try await Scene.play { scene in
                let name = Array(repeating: String(repeating: "n", count: 62), count: 4).joined(separator: ".") + "xy"
                #expect(name.count == 253)
                try await scene.createTarget(name)
                try await scene.createEndpoint(
                    name, queue: ["list": ["key": .string(String(repeating: "k", count: 512))]])
                try await scene.waitUntilReady(name)
                try scene.commands().push(10, to: String(repeating: "k", count: 512))
                try await scene.expectReplicas(2, of: name)
                #expect(try await eventually { try await scene.events(on: name).contains { $0.reason == "ScaledUp" } })
            }
        }

        @Test("Hosts that a tenant must not reach are refused, and nothing is connected to")
        func hosts() async throws {
            let hosts = [
                ("metadata", "169.254.169.254:80"), ("metadata", "[::ffff:169.254.169.254]:80"),
                ("link-local", "169.254.7.7:6379"), ("link-local", "[fe80::1]:6379"),
                ("unspecified", "0.0.0.0:{port}"), ("multicast", "224.0.0.1:6379"), ("loopback", "127.0.0.1:{port}"),
                ("loopback", "localhost:{port}"), ("loopback", "[::ffff:127.0.0.1]:{port}"),
            ]
            try await Scene.play(flags: ["--refuse-loopback"]) { scene in
                let port = scene.redis.port
                let connections = try scene.commands().info("total_connections_received")
                for (number, (_, address)) in hosts.enumerated() {
                    let written = JSONValue.string(address.replacing("{port}", with: "\(port)"))
                    try await scene.createTarget("host-\(number)")
                    try await scene.createEndpoint(
                        "host-\(number)", changing: ["queue": ["redis": ["addresses": [written]]]])
                }
                for (number, (kind, address)) in hosts.enumerated() {
                    try await scene.expectCondition("Accepted", .no, "HostRefused", of: "host-\(number)")
                    let message = try await scene.condition("Accepted", of: "host-\(number)")?.message ?? ""
                    #expect(message.contains(kind), "\(address): \(message)")
                }
                // Only this second look of ours has come.
                #expect(try scene.commands().info("total_connections_received") == connections + 1)
            }
        }

        private func create(_ row: BadSpec, in scene: Scene) async throws {
            // The server takes a moment to serve the definition without its schema.
            var last: (any Error)?
            let created = await eventually {
                do {
                    try await scene.createEndpoint(row.name, spec: row.spec)
                    return true
                } catch {
                    last = error
                    return false
                }
            }
            #expect(created, "\(row.name): \(String(describing: last))")
        }
    }
}
