import Kubernetes
import KubernetesModel
import RedisTestSupport
import Testing

extension Scenarios {
    @Suite("Consent")
    struct ConsentTests {
        private static let allowed: [String: JSONValue] = ["martlet.dev/allow": "true"]

        @Test("Without the owner's word on target or Secret nothing is read and nothing is written")
        func missing() async throws {
            try await Scene.play(flags: ["--require-consent", "on"]) { scene in
                // Whoever asks this Redis for anything is counted.
                let guarded = try RedisServerProcess()
                defer { guarded.stop() }
                let counter = try RedisCommands(port: guarded.port)
                try counter.push(50)
                let connections = try counter.info("total_connections_received")
                try await scene.createSecret("closed", ["password": "x"])
                try await scene.createSecret("almost", ["password": "x"], annotations: ["martlet.dev/allow": "yes"])

                try await scene.createTarget("closed")
                try await scene.createEndpoint("closed", spec: Scene.spec(port: guarded.port, target: "closed"))
                for name in ["closed", "almost"] {
                    let endpoint = "secret-\(name)"
                    try await scene.createTarget(endpoint, annotations: Self.allowed)
                    try await scene.createEndpoint(
                        endpoint,
                        spec: Scene.spec(port: guarded.port, target: endpoint).merged(
                            with: ["queue": ["redis": ["credentialsSecretRef": ["name": .string(name)]]]]))
                }
                try await scene.createTarget(annotations: Self.allowed)
                try await scene.createEndpoint()
                for name in ["closed", "secret-closed", "secret-almost"] {
                    try await scene.expectCondition("Accepted", .no, "ConsentMissing", of: name)
                }
                try await scene.waitUntilReady()
                try scene.commands().push(10)
                try await scene.expectReplicas(2)
                #expect(try counter.info("total_connections_received") == connections)
                #expect(scene.scaleWrites().map { $0.objectRef?.name } == ["work"])
            }
        }

        @Test("Consent that is given later counts soon, on the target and on the Secret")
        func givenLater() async throws {
            try await Scene.play(flags: ["--require-consent", "on"], redisOptions: ["--requirepass", "secret"]) {
                scene in
                let jobs = try scene.commands()
                try jobs.send("AUTH", "secret")
                try jobs.push(10)
                try await scene.createSecret("redis", ["password": "secret"])
                try await scene.createTarget()
                try await scene.createEndpoint(changing: [
                    "queue": ["redis": ["credentialsSecretRef": ["name": "redis"]]]
                ])
                try await scene.expectCondition("Accepted", .no, "ConsentMissing")
                let consent: JSONValue = ["metadata": ["annotations": .object(Self.allowed)]]
                try await scene.resources(Deployment.self).mergePatch(scene.key("work"), consent, as: Scene.manager)
                #expect(
                    try await eventually {
                        try await scene.condition("Accepted")?.message.contains("Secret redis") == true
                    })
                try await scene.resources(Secret.self).mergePatch(scene.key("redis"), consent, as: Scene.manager)
                try await scene.expectReplicas(2)
            }
        }

        @Test("Consent withdrawn from the target ends every write to it")
        func withdrawn() async throws {
            try await Scene.play(flags: ["--require-consent", "on"]) { scene in
                for name in ["work", "other"] {
                    try await scene.createTarget(name, annotations: Self.allowed)
                    try await scene.createEndpoint(name)
                    try await scene.waitUntilReady(name)
                }
                try scene.commands().push(10)
                try await scene.expectReplicas(2)
                let withdrawal: JSONValue = ["metadata": ["annotations": ["martlet.dev/allow": nil]]]
                try await scene.resources(Deployment.self).mergePatch(scene.key("work"), withdrawal, as: Scene.manager)
                try await scene.expectCondition("Accepted", .no, "ConsentMissing")
                try scene.commands().push(40)
                try await scene.expectReplicas(10, of: "other")
                #expect(try await scene.replicas() == 2)
                #expect(scene.scaleWrites(of: "work").count == 1)
            }
        }
    }
}
