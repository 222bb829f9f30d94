import Kubernetes
import KubernetesModel
import MartletAPI
import RedisTestSupport
import Testing

extension Scenarios {
    @Suite("What the spec asks for")
    struct PolicyTests {
        @Test("suspend observes and reports but writes nothing until it ends")
        func suspend() async throws {
            try await Scene.play { scene in
                try await scene.createTarget()
                try await scene.createEndpoint(changing: ["suspend": true])
                try await scene.expectCondition("WorkersScaled", .no, "Suspended")
                try scene.commands().push(50)
                #expect(
                    try await eventually { try await scene.endpoint().status?.workers?.desiredReplicas == 10 })
                #expect(try await scene.replicas() == 0)
                #expect(scene.scaleWrites().isEmpty)
                try await scene.patchEndpoint(spec: ["suspend": false])
                try await scene.expectReplicas(10)
            }
        }

        @Test("gpuLimit caps replicas by the GPUs of a Pod")
        func gpuLimit() async throws {
            try await Scene.play { scene in
                try await scene.createTarget(gpus: 2)
                try await scene.createEndpoint(changing: ["workers": ["gpuLimit": 7]])
                try await scene.waitUntilReady()
                try scene.commands().push(100)
                try await scene.expectReplicas(3)
                try await scene.patchEndpoint(spec: ["workers": ["gpuLimit": 9]])
                try await scene.expectReplicas(4)
                #expect(scene.scaleWrites().count == 2)
            }
        }

        @Test("minReplicas are there without any task and stay when tasks are done")
        func minimum() async throws {
            try await Scene.play { scene in
                try await scene.createTarget()
                try await scene.createEndpoint(changing: ["workers": ["minReplicas": 2]])
                try await scene.expectReplicas(2)
                try scene.commands().push(50)
                try await scene.expectReplicas(10)
                try scene.commands().send("DEL", "jobs")
                try await scene.expectReplicas(2)
            }
        }

        @Test("activationTasks must be exceeded to leave zero, and no longer above it")
        func activation() async throws {
            try await Scene.play { scene in
                try await scene.createTarget()
                try await scene.createEndpoint(changing: ["queue": ["activationTasks": 12]])
                try await scene.waitUntilReady()
                let jobs = try scene.commands()
                try jobs.push(12)
                #expect(try await eventually { try await scene.endpoint().status?.queue?.waiting == 12 })
                #expect(scene.scaleWrites().isEmpty)
                try jobs.push(1)
                try await scene.expectReplicas(3)
                try jobs.send("LTRIM", "jobs", "0", "0")
                // One task is below the threshold but keeps a worker once there is one.
                #expect(try await eventually { try await scene.endpoint().status?.queue?.waiting == 1 })
                #expect(try await scene.replicas() > 0)
            }
        }

        @Test("maxStep raises by its step, then again a period later")
        func step() async throws {
            try await Scene.play { scene in
                try await scene.createTarget()
                try await scene.createEndpoint(changing: ["workers": ["scaleUp": ["maxStep": 4]]])
                try await scene.waitUntilReady()
                let seen = try await ReplicaHistory.watching(scene) {
                    try scene.commands().push(50)
                    try await scene.expectReplicas(4)
                    try await scene.expectReplicas(8, within: .seconds(40))
                }
                #expect(seen == [4, 8])
            }
        }

        @Test("A deleted endpoint takes its workers to the minimum before it goes, or leaves them with Keep")
        func deletion() async throws {
            try await Scene.play { scene in
                let endpoints = scene.resources(InferenceEndpoint.self)
                for (name, behavior) in [("down", "ScaleToMin"), ("kept", "Keep")] {
                    try await scene.createTarget(name)
                    try await scene.createEndpoint(
                        name, queue: ["list": ["key": "jobs", "inFlightKeys": ["running"]]],
                        changing: ["workers": ["onDelete": .string(behavior), "minReplicas": 1]])
                    try await scene.waitUntilReady(name)
                }
                try scene.commands().push(50)
                for name in ["down", "kept"] { try await scene.expectReplicas(10, of: name) }
                #expect(try await scene.endpoint("down").metadata.finalizers == ["martlet.dev/workers"])
                #expect(try await scene.endpoint("kept").metadata.finalizers ?? [] == [])
                for name in ["down", "kept"] {
                    try await endpoints.delete(scene.key(name))
                    let isGone = try await eventually {
                        try await endpoints.page(in: scene.namespace).items.allSatisfy { $0.key.name != name }
                    }
                    #expect(isGone)
                }
                #expect(try await scene.replicas("down") == 1)
                #expect(try await scene.replicas("kept") == 10)
                #expect(!(try await scene.martlet.metrics).contains("name=\"down\""))
            }
        }

        @Test("A deleted endpoint whose operator was killed is let go by the next one")
        func deletionAcrossCrash() async throws {
            try await Scene.play { scene in
                let endpoints = scene.resources(InferenceEndpoint.self)
                try await scene.createTarget()
                try await scene.createEndpoint()
                try await scene.waitUntilReady()
                try scene.commands().push(50)
                try await scene.expectReplicas(10)
                await scene.martlet.crash()
                try await endpoints.delete(scene.key("work"))
                #expect(try await scene.endpoint().metadata.isBeingDeleted)
                try await scene.martlet.start()
                try await scene.expectReplicas(0)
                #expect(
                    try await eventually { try await endpoints.page(in: scene.namespace).items.isEmpty })
            }
        }

        @Test("A StatefulSet is scaled like a Deployment")
        func statefulSet() async throws {
            try await Scene.play { scene in
                try await scene.createTarget(kind: "StatefulSet")
                try await scene.createEndpoint(changing: ["workers": ["targetRef": ["kind": "StatefulSet"]]])
                try await scene.waitUntilReady()
                let sets = scene.resources(StatefulSet.self)
                try scene.commands().push(30)
                #expect(try await eventually { try await sets.get(scene.key("work")).spec?.replicas == 6 })
                try scene.commands().send("DEL", "jobs")
                #expect(try await eventually { try await sets.get(scene.key("work")).spec?.replicas == 0 })
                #expect(Set(scene.scaleWrites().map(\.what)) == ["patch statefulsets/scale"])
            }
        }

        @Test("An idle endpoint costs no write")
        func idle() async throws {
            try await Scene.play { scene in
                for name in ["work", "idle"] {
                    try await scene.createTarget(name)
                    try await scene.createEndpoint(name, queue: ["list": ["key": .string(name)]])
                    try await scene.waitUntilReady(name)
                }
                let before = scene.cluster.audit.operatorWrites(in: scene.namespace)
                    .filter { $0.objectRef?.name == "idle" }.count
                // The neighbour's work, from zero and back, is the measure of time in which nothing happens.
                try scene.commands().push(50, to: "work")
                try await scene.expectReplicas(10)
                try scene.commands().send("DEL", "work")
                try await scene.expectReplicas(0)
                let writes = scene.cluster.audit.operatorWrites(in: scene.namespace)
                #expect(writes.filter { $0.objectRef?.name == "idle" }.count == before)
                // Of objects that are not Martlet's own, replicas are all that it ever writes.
                let foreign = Set(writes.filter { $0.objectRef?.resource != "inferenceendpoints" }.map(\.what))
                #expect(foreign.isSubset(of: ["patch deployments/scale", "create events", "patch events"]))
            }
        }
    }
}
