import FoundationEssentials
import Kubernetes
import KubernetesModel
import MartletAPI
import RedisTestSupport
import Testing

extension Scenarios {
    @Suite("A namespace goes with its RunPod endpoint")
    struct RunPodNamespaceTests {
        @Test("Its Secret goes first: the key that was held deletes the endpoint, and the namespace goes")
        func held() async throws {
            try await RunPodScene.play { play in
                try await play.createEndpoint()
                try await play.expectEndpoint(1, 2)
                try await play.scene.resources(Secret.self).delete(play.scene.key("runpod"))
                // What was read of the Secret is forgotten before the endpoint has to go.
                try await play.scene.expectCondition("RunPodReady", .no, "SecretNotFound", within: play.time.real(600))
                try await play.scene.resources(Namespace.self).delete(ObjectKey(name: play.scene.namespace))
                try await expectNamespaceGone(play)
                #expect(try play.lab.endpoints.isEmpty)
                #expect(try play.lab.ledger.allSatisfy { $0.to != nil })
            }
        }

        @Test("With a restart between, the operator's own key deletes it")
        func fallback() async throws {
            let name = "fallback-\(UUID().uuidString.prefix(8).lowercased())"
            try await RunPodScene.play(flags: ["--runpod-credentials-secret", "default/\(name)"]) { play in
                let object: JSONValue = [
                    "metadata": ["name": .string(name)], "stringData": ["apiKey": .string(play.lab.key)],
                ]
                _ = try await play.scene.resources(Secret.self).create(object, in: "default", as: Scene.manager)
                try await play.createEndpoint()
                try await play.expectEndpoint(1, 2)
                await play.martlet.crash()
                try await deleteSecretAndNamespace(play)
                try await play.martlet.start()
                try await play.martlet.waitUntilReady()
                try await expectNamespaceGone(play)
                #expect(try play.lab.endpoints.isEmpty)
                try await play.scene.resources(Secret.self).delete(ObjectKey(namespace: "default", name: name))
            }
        }

        @Test("With a restart between and no key at all, it is given up after ten minutes, and stands in the ledger")
        func abandoned() async throws {
            try await RunPodScene.play(speed: 20) { play in
                try await play.createEndpoint()
                let endpoint = try await play.expectEndpoint(1, 2)
                await play.martlet.crash()
                try await deleteSecretAndNamespace(play)
                let deleted = play.time.now
                try await play.martlet.start()
                try await play.martlet.waitUntilReady()
                try await expectNamespaceGone(play, within: 1500)
                #expect(play.time.now.timeIntervalSince(deleted) >= 600)
                // Nobody could reach it.
                #expect(try play.lab.endpoints.map(\.id) == [endpoint.id])
                #expect(try await play.martlet.metrics.contains("martlet_runpod_abandoned 1"))

                let maps = play.scene.resources(ConfigMap.self)
                let ledger = ObjectKey(namespace: "default", name: "martlet-abandoned-endpoints")
                let entry = try #require(try await maps.get(ledger).data?[endpoint.id])
                #expect(entry.contains(endpoint.name) && entry.contains("keyFingerprint"))
                #expect(!entry.contains(play.lab.key))
                try await maps.delete(ledger)
            }
        }

        private func deleteSecretAndNamespace(_ play: RunPodScene) async throws {
            try await play.scene.resources(Secret.self).delete(play.scene.key("runpod"))
            try await play.scene.resources(Namespace.self).delete(ObjectKey(name: play.scene.namespace))
        }

        private func expectNamespaceGone(_ play: RunPodScene, within seconds: Double = 600) async throws {
            let namespaces = play.scene.resources(Namespace.self)
            let isGone = await eventually(within: max(play.time.real(seconds), .seconds(60))) {
                do throws(KubernetesError) {
                    _ = try await namespaces.get(ObjectKey(name: play.scene.namespace))
                    return false
                } catch { return error.isNotFound }
            }
            let rest = try? await play.scene.endpoint().status
            #expect(isGone, "the namespace stays: \(String(describing: rest))")
        }
    }
}
