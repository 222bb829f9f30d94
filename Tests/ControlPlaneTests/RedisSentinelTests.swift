import Kubernetes
import KubernetesModel
import MartletAPI
import RedisTestSupport
import Testing

extension Scenarios {
    @Suite("A queue behind Redis Sentinel")
    struct RedisSentinelTests {
        @Test(
            "A failover moves no replica on a lost or stale reading, and the new master's queue counts",
            arguments: [SentinelDeployment.Cause.command, .death])
        func failover(cause: SentinelDeployment.Cause) async throws {
            let deployment = try SentinelDeployment()
            defer { deployment.stop() }
            try await deployment.waitUntilReady()
            try await Scene.play { scene in
                let sentinels = deployment.sentinels.map { JSONValue.string("127.0.0.1:\($0.port)") }
                try await scene.createTarget()
                try await scene.createEndpoint(changing: [
                    "queue": [
                        "redis": [
                            "mode": "Sentinel", "addresses": .array(sentinels),
                            "sentinelMaster": .string(SentinelDeployment.masterName),
                        ]
                    ]
                ])
                try await scene.waitUntilReady()
                let master = try RedisCommands(port: deployment.servers[0].port)
                try master.push(50)
                try await scene.expectReplicas(10)
                try master.send("WAIT", "2", "30000")

                let failover = try await deployment.failOver(cause)
                let promoted = try RedisCommands(port: failover.new.port)
                try promoted.push(25)
                try await scene.expectReplicas(15)
                try await scene.expectCondition("QueueReadable", .yes)
                // Back empty, and for a while a master in its own eyes.
                if cause == .death { try failover.old.start() }
                let isDemoted = await eventually { !deployment.isMaster(failover.old) }
                #expect(isDemoted)
                try promoted.push(25)
                try await scene.expectReplicas(20)
                #expect(try await scene.scaleWrites().count == 3)
                try promoted.send("DEL", "jobs")
                try await scene.expectReplicas(0)
            }
        }

        @Test("A name that the sentinels don't know is told, and read once it is corrected")
        func unknownName() async throws {
            let deployment = try SentinelDeployment()
            defer { deployment.stop() }
            try await Scene.play { scene in
                try await scene.createTarget()
                let sentinels = deployment.sentinels.map { JSONValue.string("127.0.0.1:\($0.port)") }
                try await scene.createEndpoint(changing: [
                    "queue": [
                        "redis": ["mode": "Sentinel", "addresses": .array(sentinels), "sentinelMaster": "other"]
                    ]
                ])
                try await scene.expectCondition("QueueReadable", .no, "MasterUnknown")
                try await scene.patchEndpoint(spec: [
                    "queue": ["redis": ["sentinelMaster": .string(SentinelDeployment.masterName)]]
                ])
                try await scene.waitUntilReady()
            }
        }
    }
}
