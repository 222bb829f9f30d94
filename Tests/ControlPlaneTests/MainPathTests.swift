import Glibc
import Kubernetes
import KubernetesModel
import MartletAPI
import RedisTestSupport
import Testing

extension Scenarios {
    @Suite("Main path")
    struct MainPathTests {
        @Test("100 tasks in one RPUSH are one write from 0 to 20, and an empty list ends at 0")
        func list() async throws {
            try await Scene.play(wholeCluster: true) { scene in
                try await scene.createTarget()
                try await scene.createEndpoint()
                try await scene.waitUntilReady()
                let jobs = try scene.commands()

                try jobs.push(100)
                try await scene.expectReplicas(20)
                let isTold = try await eventually {
                    let status = try await scene.endpoint().status
                    return status?.workers?.summary == "20/20" && status?.queue?.summary == "100+0"
                }
                let told = try await scene.endpoint().status
                #expect(isTold, "\(String(describing: told))")
                #expect(try await scene.scaleWrites().map(\.what) == ["patch deployments/scale"])
                let status = try #require(try await scene.endpoint().status)
                #expect(status.workers?.reason == "100 waiting + 0 in flight, 5 a replica")
                #expect(status.queue?.source == .push)
                #expect(status.conditions?["QueueReadable"]?.reason == "Pushed")
                #expect(status.conditions?["WorkersScaled"]?.status == .yes)
                #expect(status.conditions?["Accepted"]?.observedGeneration == 1)

                try jobs.send("DEL", "jobs")
                try await scene.expectReplicas(0)
                try await expectEvents(["ScaledUp", "ScaledDown"], in: scene)
                // The last replica waits for the cooldown, the others need not.
                #expect(try await scene.scaleWrites().count <= 3)
            }
        }

        @Test("Celery's priority lists add up, and each push is answered without going back")
        func celery() async throws {
            try await Scene.play { scene in
                try await scene.createTarget()
                try await scene.createEndpoint(queue: ["celery": ["queues": ["render"]]])
                try await scene.waitUntilReady()
                let jobs = try scene.commands()
                let seen = try await ReplicaHistory.watching(scene) {
                    for list in ["render", "render\u{06}\u{16}3", "render\u{06}\u{16}6", "render\u{06}\u{16}9"] {
                        try jobs.push(25, to: list)
                    }
                    try await scene.expectReplicas(20)
                    #expect(try await eventually { try await scene.endpoint().status?.queue?.waiting == 100 })
                }
                #expect(seen == seen.sorted())
                // Unacknowledged tasks are demand as well.
                try jobs.send(
                    "DEL", "render", "render\u{06}\u{16}3", "render\u{06}\u{16}6", "render\u{06}\u{16}9")
                try await scene.expectReplicas(0)
            }
        }

        @Test("Ten clients at once raise the replicas step by step to exactly the maximum, 100 ms apart")
        func tenClients() async throws {
            try await Scene.play { scene in
                try await scene.createTarget()
                try await scene.createEndpoint(changing: ["queue": ["tasksPerReplica": 1]])
                try await scene.waitUntilReady()
                let port = scene.redis.port
                let seen = try await ReplicaHistory.watching(scene) {
                    try pushFromThreads(10, tasksEach: 10, port: port)
                    try await scene.expectReplicas(20)
                    #expect(try await eventually { try await scene.endpoint().status?.queue?.waiting == 100 })
                }
                #expect(seen == seen.sorted())
                #expect(seen.last == 20)
                let writes = try await scene.scaleWrites()
                #expect((writes.gaps.min() ?? 1) >= 0.1, "\(writes.gaps)")
                #expect(writes.allSatisfy { $0.succeeded })
            }
        }

        @Test("kubectl and martlet show the queue, the workers and the reason")
        func columns() async throws {
            try await Scene.play { scene in
                try await scene.createTarget()
                try await scene.createEndpoint()
                try await scene.waitUntilReady()
                try scene.commands().push(12)
                try await scene.expectReplicas(3)
                #expect(try await eventually { try await scene.endpoint().status?.workers?.summary == "3/3" })

                let kubectl = try ChildProcess.run(["\(ControlPlane.repository)/scripts/control-plane", "path"])
                    .split(separator: "\n").last.map { "\($0)/kubectl" }
                let cluster = ["--kubeconfig", scene.cluster.kubeconfig, "--namespace", scene.namespace]
                let table = try ChildProcess.run([try #require(kubectl)] + cluster + ["get", "iep", "-o", "wide"])
                let words = table.split(whereSeparator: \.isNewline).map { $0.split(separator: " ").map(String.init) }
                #expect(words.first == ["NAME", "OPEN", "QUEUE", "WORKERS", "RUNPOD", "READY", "REASON", "AGE"])
                #expect(words.last?.prefix(5) == ["work", "true", "12+0", "3/3", "True"])

                let martlet = "\(ControlPlane.products)/martlet"
                let status = try ChildProcess.run([martlet, "status"] + cluster)
                #expect(status.contains("work") && status.contains("12+0") && status.contains("3/3"))
                let why = try ChildProcess.run([martlet, "explain", "work"] + cluster)
                #expect(why.contains("12 waiting + 0 in flight = 12"))
            }
        }

        private func expectEvents(_ reasons: Set<String>, in scene: Scene) async throws {
            var told: Set<String> = []
            _ = try await eventually {
                told = Set(try await scene.events().compactMap(\.reason))
                return reasons.isSubset(of: told)
            }
            #expect(reasons.isSubset(of: told))
        }
    }
}

/// One connection a thread, all pushing at once, a task a command.
private func pushFromThreads(_ threads: Int, tasksEach: Int, port: Int) throws {
    final class Client {
        let commands: RedisCommands
        let tasks: Int
        init(port: Int, tasks: Int) throws {
            commands = try RedisCommands(port: port)
            self.tasks = tasks
        }
    }
    var running: [pthread_t] = []
    for _ in 0..<threads {
        let client = Unmanaged.passRetained(try Client(port: port, tasks: tasksEach))
        var thread = pthread_t()
        let failure = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let client = Unmanaged<Client>.fromOpaque(argument).takeRetainedValue()
                for _ in 0..<client.tasks {
                    _ = try? client.commands.push(1)
                    // Clients that do something between two tasks: the pushes spread over several writes.
                    usleep(30_000)
                }
                return nil
            }, client.toOpaque())
        try #require(failure == 0)
        running.append(thread)
    }
    for thread in running { pthread_join(thread, nil) }
}

/// The wished replicas of a Deployment over time, as its watch tells them.
enum ReplicaHistory {
    static func watching(
        _ scene: Scene, _ name: String = "work", while body: () async throws -> Void
    ) async throws -> [Int] {
        let deployments = scene.resources(Deployment.self)
        let version = try await deployments.page(in: scene.namespace).resourceVersion
        let changes = try await deployments.watch(in: scene.namespace, from: version, for: .seconds(120))
        try await body()
        let end = try await deployments.get(scene.key(name))
        var seen: [Int] = []
        for try await change in changes {
            guard case .modified(let deployment) = change, deployment.key.name == name else { continue }
            let replicas = deployment.spec?.replicas ?? 1
            if seen.last != replicas { seen.append(replicas) }
            // Versions of one object are only compared for being the same.
            if deployment.metadata.resourceVersion == end.metadata.resourceVersion { break }
        }
        return seen
    }
}
