import Kubernetes
import KubernetesModel
import MartletAPI
import RedisTestSupport
import Testing

extension Scenarios {
    @Suite("Lists, streams and sorted sets")
    struct QueueKindTests {
        /// KEDA's own end-to-end scenarios, on each kind of deployment at the same time.
        @Test("Too few tasks to activate hold zero for a minute, many lead to the maximum, none to zero")
        func activation() async throws {
            let sentinels = try SentinelDeployment()
            defer { sentinels.stop() }
            try await sentinels.waitUntilReady()
            let cluster = try await ClusterDeployment(replicas: .oneEach)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await Scene.play { scene in
                        try await scene.playActivation(
                            redis: ["addresses": [.string("127.0.0.1:\(scene.redis.port)")]],
                            by: try scene.commands())
                    }
                }
                group.addTask {
                    try await Scene.play { scene in
                        try await scene.playActivation(
                            redis: [
                                "mode": "Sentinel",
                                "addresses": .array(sentinels.sentinels.map { .string("127.0.0.1:\($0.port)") }),
                                "sentinelMaster": .string(SentinelDeployment.masterName),
                            ], by: try RedisCommands(port: sentinels.servers[0].port))
                    }
                }
                group.addTask {
                    let nodes = cluster.addresses
                    try await Scene.play { scene in
                        try await scene.playActivation(
                            redis: ["mode": "Cluster", "addresses": .array(nodes.prefix(2).map { .string("\($0)") })],
                            by: ClusterCommands(port: cluster.nodes[0].port))
                    }
                }
                try await group.waitForAll()
            }
        }

        @Test("A stream without its group gets one worker, and many once the group is there")
        func missingGroup() async throws {
            try await Scene.play { scene in
                try await scene.createTarget()
                try await scene.createEndpoint(queue: ["stream": ["key": "jobs", "group": "workers"]])
                try await scene.waitUntilReady()
                let jobs = try scene.commands()
                for number in 1...100 { try jobs.send("XADD", "jobs", "\(number)-1", "task", "t") }
                try await scene.expectReplicas(1)
                try await scene.expectCondition("QueueReadable", .yes, "GroupMissing")
                #expect(try await eventually { try await scene.endpoint().status?.queue?.estimate == .groupMissing })
                // What the first worker does.
                try jobs.send("XGROUP", "CREATE", "jobs", "workers", "0")
                try await scene.expectReplicas(20)
                try await scene.expectCondition("QueueReadable", .yes, "Pushed")
            }
        }

        @Test("Of workers with a key of their own the idle go and the busy stays")
        func keysOfPods() async throws {
            try await Scene.play { scene in
                try await LabNodes.play(2) { _ in
                    // A StatefulSet, whose Pods go in order: the oldest servers know no deletion cost.
                    try await scene.createTarget(kind: "StatefulSet")
                    try await scene.createEndpoint(
                        queue: ["list": ["key": "jobs", "inFlightKeys": ["doing:{pod}"]]],
                        changing: [
                            "queue": ["tasksPerReplica": 1], "workers": ["targetRef": ["kind": "StatefulSet"]],
                        ])
                    try await scene.waitUntilReady()
                    let sets = scene.resources(StatefulSet.self)
                    func expectReplicas(_ count: Int) async throws {
                        let reached = try await eventually(within: .seconds(60)) {
                            try await sets.get(scene.key("work")).spec?.replicas == count
                        }
                        let account = try await scene.endpoint().status?.workers
                        #expect(reached, "\(String(describing: account))")
                    }
                    let jobs = try scene.commands()
                    try jobs.push(4)
                    try await expectReplicas(4)
                    let pods = (0..<4).map { "work-\($0)" }
                    let areReady = try await eventually(within: .seconds(90)) {
                        try await scene.resources(Pod.self).page(in: scene.namespace).items
                            .filter(\.isReady).map(\.key.name).sorted() == pods
                    }
                    try #require(areReady)
                    for pod in pods { try jobs.send("LMOVE", "jobs", "doing:\(pod)", "LEFT", "RIGHT") }
                    #expect(try await eventually { try await scene.endpoint().status?.queue?.summary == "0+4" })
                    try await scene.expectCondition("BusynessKnown", .yes)

                    // One task wants one replica, but its worker is the second.
                    for pod in pods where pod != "work-1" { try jobs.send("DEL", "doing:\(pod)") }
                    try await expectReplicas(2)
                    #expect(
                        try await eventually {
                            let workers = try await scene.endpoint().status?.workers
                            return workers?.busyReplicas == 1 && workers?.replicas == 2
                        })
                    try jobs.send("DEL", "doing:work-1")
                    try await expectReplicas(0)
                    // Never more than there were tasks, though each was in two keys' news.
                    #expect(try await scene.scaleWrites().count <= 4)
                }
            }
        }
    }
}
