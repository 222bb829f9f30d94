import FoundationEssentials
import Kubernetes
import KubernetesModel
import MartletAPI
import RedisTestSupport
import Testing

extension Scenarios {
    @Suite("Whose target it is")
    struct ClaimTests {
        @Test("Of two endpoints on one target the older writes; when it goes, the younger takes over")
        func olderWins() async throws {
            try await Scene.play { scene in
                try await scene.createTarget()
                try await scene.createEndpoint("older", changing: target("work"))
                let older = try await scene.endpoint("older")
                // The server dates objects in whole seconds; within one second age decides nothing.
                let born = try #require(older.metadata.creationTimestamp).date
                _ = await eventually { Date.now.timeIntervalSince(born) >= 1.1 }
                try await scene.createEndpoint(
                    "younger", queue: ["list": ["key": "others"]], changing: target("work"))
                try await scene.expectCondition("Accepted", .no, "TargetClaimed", of: "younger")
                try await scene.waitUntilReady("older")
                let jobs = try scene.commands()
                try jobs.push(75, to: "others")
                try jobs.push(25)
                try await scene.expectReplicas(5)
                #expect(
                    try await eventually { try await scene.endpoint("younger").status?.queue?.waiting == 75 })
                #expect(scene.scaleWrites().count == 1)

                try await scene.patchEndpoint("older", spec: ["workers": ["onDelete": "Keep"]])
                try await scene.resources(InferenceEndpoint.self).delete(scene.key("older"))
                try await scene.expectReplicas(15)
                try await scene.waitUntilReady("younger")
            }
        }

        @Test("A target with an HPA or a ScaledObject is left to it, until that is gone")
        func otherAutoscalers() async throws {
            try await Scene.play { scene in
                for name in ["hpa", "keda", "work"] {
                    try await scene.createTarget(name, replicas: name == "work" ? 0 : 1)
                    try await scene.createEndpoint(name, queue: ["list": ["key": .string(name)]])
                    try await scene.waitUntilReady(name)
                }
                // The HPA's controller does not run here: what counts is that the object is there.
                let hpa: JSONValue = [
                    "metadata": ["name": "hpa"],
                    "spec": [
                        "maxReplicas": 3,
                        "scaleTargetRef": ["apiVersion": "apps/v1", "kind": "Deployment", "name": "hpa"],
                    ],
                ]
                _ = try await scene.resources(HorizontalPodAutoscaler.self)
                    .create(hpa, in: scene.namespace, as: Scene.manager)
                let keda: JSONValue = [
                    "metadata": ["name": "keda"], "spec": ["scaleTargetRef": ["name": "keda"]],
                ]
                _ = try await scene.resources(KedaObject.self).create(keda, in: scene.namespace, as: Scene.manager)
                for name in ["hpa", "keda"] {
                    try await scene.expectCondition("Accepted", .no, "AnotherAutoscaler", of: name)
                }
                let writes = scene.scaleWrites().count
                let jobs = try scene.commands()
                for name in ["hpa", "keda", "work"] { try jobs.push(50, to: name) }
                try await scene.expectReplicas(10)
                for name in ["hpa", "keda"] {
                    #expect(try await eventually { try await scene.endpoint(name).status?.queue?.waiting == 50 })
                }
                #expect(scene.scaleWrites().count == writes + 1)

                try await scene.resources(HorizontalPodAutoscaler.self).delete(scene.key("hpa"))
                try await scene.resources(KedaObject.self).delete(scene.key("keda"))
                try await scene.expectReplicas(10, of: "hpa")
                try await scene.expectReplicas(10, of: "keda")
            }
        }

        private func target(_ name: String) -> JSONValue { ["workers": ["targetRef": ["name": .string(name)]]] }
    }
}

/// KEDA's kind, as far as it can be made and deleted.
struct KedaObject: KubernetesObject {
    static let resourceType = ResourceType(
        group: "keda.sh", version: "v1alpha1", plural: "scaledobjects", kind: "ScaledObject")
    var metadata: ObjectMeta
}
