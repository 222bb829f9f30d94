import FoundationEssentials
import KubernetesModel
import Redis
import RedisTestSupport
import Testing

@testable import MartletOperator

/// Real failovers under a queue that is observed and written to.
@Suite struct SentinelFailoverTests {
    private let jobs = ObjectKey(namespace: "dev", name: "jobs")
    private let marker = ObjectKey(namespace: "dev", name: "marker")
    private let celery = ObjectKey(namespace: "dev", name: "celery")

    /// More for a soak: MARTLET_TEST_FAILOVERS=100.
    private var failovers: Int {
        ProcessInfo.processInfo.environment["MARTLET_TEST_FAILOVERS"].flatMap { Int($0) } ?? 3
    }

    @Test("through failovers under writes nothing wrong is read, the new master is, and no connection stays behind")
    func failover() async throws {
        let deployment = try SentinelDeployment()
        defer { deployment.stop() }
        try await deployment.waitUntilReady()
        let traffic = SentinelTraffic(deployment: deployment)
        try traffic.fill(deployment.servers[0])
        let world = ObservedServer(deployment)
        world.server.observe(jobs, .list(key: traffic.key, inFlightKeys: []))
        world.server.observe(marker, .list(key: "marker", inFlightKeys: []))
        world.server.observe(celery, .celery(queues: ["celery"], priorities: [0]))
        let lengths = Recorder<Int>()
        try await world.running {
            #expect(await eventually { world.counts(jobs) != nil })
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await traffic.run() }
                group.addTask {
                    while !Task.isCancelled {
                        if let length = world.counts(jobs)?[0], !lengths.all.contains(length) { lengths.append(length) }
                        try? await Task.sleep(for: .milliseconds(1))
                    }
                }
                var report = FailoverReport()
                let causes: [SentinelDeployment.Cause] = [.command, .death, .silence]
                for index in 0..<failovers {
                    if index % 10 == 9 { print(report) }
                    // Else it is the test itself that grows.
                    world.changes.removeAll()
                    report.record(try await failOver(deployment, world, by: causes[index % causes.count]))
                }
                print(report)
                group.cancelAll()
            }
            #expect(try await eventually { try deployment.connections(named: "martlet").count == 3 })
        }
        #expect(Set(lengths.all).isSubset(of: traffic.lengths))
        #expect(world.workers.all.contains(.subscribed(keyPrefix: "")))
    }

    /// One failover; returns how long after the new master's first word as such a change there was observed.
    private func failOver(
        _ deployment: SentinelDeployment, _ world: ObservedServer, by cause: SentinelDeployment.Cause
    ) async throws -> Duration {
        let failover = try await deployment.failOver(cause)
        let (old, new) = (failover.old, failover.new)
        let length = try #require(try deployment.run("RPUSH", "marker", "x", at: new).first.flatMap { Int($0) })
        #expect(await eventually { world.counts(marker) == [length, 0] })
        let delay = ContinuousClock.now - failover.since
        switch cause {
        case .command: break
        case .death: try old.start()
        case .silence: old.resume()
        }
        // Two looks: connections move, and one may be seen at its old place and then at its new one.
        if try deployment.connections(named: "martlet").count > 3 {
            let connections = try deployment.connections(named: "martlet")
            #expect(connections.count <= 3, "\(connections)")
        }
        #expect(await eventually(within: .seconds(60)) { !deployment.isMaster(old) })
        try await deployment.waitUntilReady()
        try deployment.run("WAIT", "2", "5000", at: new)
        return delay
    }

    @Test("a sentinel that falls silent is left for another, which tells of the failover that it kept to itself")
    func silentSentinel() async throws {
        let deployment = try SentinelDeployment()
        defer { deployment.stop() }
        try await deployment.waitUntilReady()
        let world = ObservedServer(deployment)
        world.server.observe(marker, .list(key: "marker", inFlightKeys: []))
        try await world.running {
            #expect(await eventually { world.counts(marker) == [0, 0] })
            let asked = try deployment.connections(named: "martlet").flatMap { line in
                deployment.sentinels.filter { line.hasPrefix("\($0.port) ") }
            }
            let silent = try #require(asked.first)
            let others = deployment.sentinels.filter { $0 !== silent }
            silent.freeze()
            let old = deployment.servers[0]
            old.stop()
            let isReplaced = await eventually {
                others.allSatisfy { sentinel in (try? deployment.master(by: sentinel)).map { $0 !== old } ?? false }
            }
            #expect(isReplaced)
            try deployment.run("RPUSH", "marker", "x", at: deployment.master(by: others[0]))
            #expect(
                await eventually {
                    world.counts(marker) == [1, 0] && world.server.observation(for: marker)?.failure == nil
                })
        }
    }
}
