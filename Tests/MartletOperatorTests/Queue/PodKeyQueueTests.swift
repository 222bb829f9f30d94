import KubernetesModel
import Redis
import RedisTestSupport
import Testing

@testable import MartletOperator

/// Keys of single Pods on a real Redis.
@Suite struct PodKeyQueueTests {
    private let a = ObjectKey(namespace: "dev", name: "a")
    private let jobs = QueueQuery.list(key: "jobs", inFlightKeys: ["jobs:doing:{pod}"])

    @Test("what a worker takes is in flight in its Pod, and stays counted when the Pod goes")
    func podsComeAndGo() async throws {
        let process = try RedisServerProcess()
        let world = ObservedServer(process)
        world.server.observe(a, jobs, pods: ["p1", "p2"])
        try await world.running {
            let application = try await world.application()
            #expect(await eventually { world.counts(a) == [0, 0] })
            try await application.run("RPUSH", "jobs", "x", "y", "z")
            try await application.run("LMOVE", "jobs", "jobs:doing:p1", "LEFT", "RIGHT")
            #expect(await eventually { world.counts(a) == [2, 1] })
            #expect(world.tasks("p1") == 1)
            #expect(world.tasks("p2") == 0)
            // Nothing is observed under the pattern itself.
            try await application.run("RPUSH", "jobs:doing:{pod}", "stray")

            world.server.observe(a, jobs, pods: ["p2", "p3"])
            #expect(world.counts(a) == [2, 1])
            #expect(await eventually { world.tasks("p3") == 0 })
            #expect(world.tasks("p1") == nil)
            #expect(world.counts(a) == [2, 1])
            #expect(world.reason(a) == nil)
            try await application.run("DEL", "jobs:doing:p1")
            #expect(await eventually { world.counts(a) == [2, 0] })

            try await application.run("LMOVE", "jobs", "jobs:doing:p3", "LEFT", "RIGHT")
            #expect(await eventually { world.counts(a) == [1, 1] && world.tasks("p3") == 1 })
            application.close()
        }
    }
}

extension ObservedServer {
    /// In the keys of that Pod of the endpoint dev/a; nil: not read, or not asked for.
    fileprivate func tasks(_ pod: String) -> Int? {
        switch server.observation(for: ObjectKey(namespace: "dev", name: "a"))?.pods[pod] {
        case .some(.some(let count)): count
        case .some(.none): 0
        case .some(.unread), nil: nil
        }
    }
}
