import Kubernetes
import KubernetesModel
import MartletAPI
import RedisTestSupport
import Testing

extension Scenarios {
    @Suite("A queue that can't be read")
    struct ReadingLostTests {
        @Test("A Redis that hangs or is gone holds the last decision, and is read again as soon as it is back")
        func redisGone() async throws {
            try await Scene.play { scene in
                try await scene.createTarget()
                try await scene.createEndpoint()
                try await scene.waitUntilReady()
                try scene.commands().push(50)
                try await scene.expectReplicas(10)

                scene.redis.freeze()
                // Silence is only proof after the ping that follows 20 s of it has gone unanswered for 5 s.
                try await scene.expectCondition("QueueReadable", .no, "Unreachable", within: .seconds(60))
                #expect(try await scene.replicas() == 10)
                scene.redis.resume()
                try await scene.expectCondition("QueueReadable", .yes, within: .seconds(30))
                try scene.commands().push(25)
                try await scene.expectReplicas(15)

                scene.redis.stop()
                try await scene.expectCondition("QueueReadable", .no, "Unreachable")
                #expect(try await scene.replicas() == 15)
                #expect(try await scene.endpoint().status?.workers?.reason?.contains("last decision holds") == true)
                #expect(try await scene.scaleWrites().count == 2)
                try scene.redis.start()
                // It comes back empty, which is a reading: now zero is right.
                try await scene.expectReplicas(0)
            }
        }

        @Test("A Redis that is back in a moment is no news: no condition changes and no event tells")
        func restart() async throws {
            try await Scene.play { scene in
                try await scene.createTarget()
                try await scene.createEndpoint()
                try await scene.waitUntilReady()
                let before = try await scene.condition("QueueReadable")
                scene.redis.stop()
                try scene.redis.start()
                try scene.commands().push(5)
                try await scene.expectReplicas(1)
                #expect(try await scene.condition("QueueReadable") == before)
                #expect(try await scene.events().contains { $0.reason == "Unreachable" } == false)
            }
        }

        @Test("A key of the wrong type holds the last decision and harms no other key of the server")
        func wrongType() async throws {
            try await Scene.play { scene in
                try await scene.createTarget()
                try await scene.createTarget("other")
                try await scene.createEndpoint()
                try await scene.createEndpoint("other", queue: ["list": ["key": "others"]])
                try await scene.waitUntilReady()
                try await scene.waitUntilReady("other")
                let jobs = try scene.commands()
                try jobs.push(50)
                try await scene.expectReplicas(10)

                try jobs.send("SET", "jobs", "no list")
                try await scene.expectCondition("QueueReadable", .no, "WrongType")
                try jobs.push(15, to: "others")
                try await scene.expectReplicas(3, of: "other", within: .seconds(5))
                #expect(try await scene.replicas() == 10)

                try jobs.send("DEL", "jobs")
                try jobs.push(75)
                try await scene.expectReplicas(15)
                try await scene.expectCondition("QueueReadable", .yes)
            }
        }

        @Test("A right that is taken away holds the last decision, and counts again when it is given back")
        func accessTaken() async throws {
            try await Scene.play { scene in
                let jobs = try scene.commands()
                let grant = ["ACL", "SETUSER", "scaler", "reset", "on", ">secret", "~*", "&*", "+@all"]
                try jobs.send(grant)
                try await scene.createSecret("redis", ["username": "scaler", "password": "secret"])
                try await scene.createTarget()
                try await scene.createEndpoint(
                    changing: [
                        "queue": ["redis": ["credentialsSecretRef": ["name": "redis", "usernameKey": "username"]]]
                    ])
                try await scene.waitUntilReady()
                try jobs.push(50)
                try await scene.expectReplicas(10)

                try jobs.send("ACL", "SETUSER", "scaler", "resetkeys", "~nothing")
                try jobs.push(5)
                try await scene.expectCondition("QueueReadable", .no, "PermissionDenied")
                #expect(try await scene.replicas() == 10)
                try jobs.send(grant)
                try await scene.expectReplicas(11)
                try await scene.expectCondition("QueueReadable", .yes)

                // A deleted user's connections are cut and can't log in again.
                try jobs.send("ACL", "DELUSER", "scaler")
                try await scene.expectCondition("QueueReadable", .no, "AuthenticationFailed")
                #expect(try await scene.replicas() == 11)
                try jobs.push(5)
                try jobs.send(grant)
                try await scene.expectReplicas(12)
                try await scene.expectCondition("QueueReadable", .yes)
            }
        }

        @Test("FLUSHALL is a reading of zero: the cooldown runs, and the next push is seen at once")
        func flush() async throws {
            try await Scene.play { scene in
                try await scene.createTarget()
                try await scene.createEndpoint(
                    changing: ["workers": ["scaleDown": ["cooldownSeconds": 5]]])
                try await scene.waitUntilReady()
                let jobs = try scene.commands()
                try jobs.push(50)
                try await scene.expectReplicas(10)
                let flushed = ContinuousClock.now
                try jobs.send("FLUSHALL")
                #expect(try await eventually { try await scene.endpoint().status?.queue?.waiting == 0 })
                try await scene.expectReplicas(0)
                #expect(ContinuousClock.now - flushed >= .seconds(5))
                try jobs.push(5)
                try await scene.expectReplicas(1, within: .seconds(5))
            }
        }

        @Test("The fallback raises after its time and never lowers")
        func fallback() async throws {
            try await Scene.play { scene in
                let changes: JSONValue = [
                    "workers": ["onReadingLost": ["afterSeconds": 2, "behavior": "Fallback", "replicas": 3]]
                ]
                for name in ["idle", "busy"] {
                    try await scene.createTarget(name)
                    try await scene.createEndpoint(name, queue: ["list": ["key": .string(name)]], changing: changes)
                }
                try await scene.waitUntilReady("idle")
                try await scene.waitUntilReady("busy")
                try scene.commands().push(50, to: "busy")
                try await scene.expectReplicas(10, of: "busy")
                scene.redis.stop()
                try await scene.expectReplicas(3, of: "idle")
                try await scene.expectCondition("QueueReadable", .no, of: "busy")
                #expect(
                    try await eventually {
                        try await scene.endpoint("busy").status?.workers?.reason?.contains("fallback") == true
                    })
                #expect(try await scene.replicas("busy") == 10)
                #expect(try await scene.scaleWrites(of: "busy").count == 1)
                try scene.redis.start()
                try await scene.expectReplicas(0, of: "idle")
            }
        }

        @Test("Twenty dead servers delay no endpoint of a healthy one")
        func deadServersDelayNobody() async throws {
            try await Scene.play { scene in
                let dead = try RedisServerProcess()
                defer { dead.stop() }
                dead.freeze()
                try await scene.createTarget()
                for number in 0..<20 {
                    // Each database is a connection of its own; the servers accept it and never answer.
                    var spec = Scene.spec(port: dead.port, target: "dead-\(number)")
                    if number < 16 {
                        spec = spec.merged(with: ["queue": ["redis": ["database": .integer(Int64(number))]]])
                    } else {
                        // TEST-NET-1 (RFC 5737) answers nobody.
                        let address = JSONValue.string("192.0.2.\(number):6379")
                        spec = spec.merged(with: ["queue": ["redis": ["addresses": [address]]]])
                    }
                    try await scene.createTarget("dead-\(number)")
                    try await scene.createEndpoint("dead-\(number)", spec: spec)
                }
                try await scene.createEndpoint()
                try await scene.waitUntilReady()
                let jobs = try scene.commands()
                for tasks in 1...5 {
                    let pushed = ContinuousClock.now
                    try jobs.push(5)
                    try await scene.expectReplicas(tasks, within: .seconds(10))
                    // Far above a healthy reaction on a busy machine, far below any timeout of a dead server (5 s).
                    #expect(ContinuousClock.now - pushed < .seconds(2))
                }
            }
        }
    }
}
