import FoundationEssentials
import Kubernetes
import KubernetesModel
import RedisTestSupport
import Testing

/// Two operators over one scene, of which one leads.
struct OperatorPair: Sendable {
    let scene: Scene
    let leader: OperatorProcess
    let standby: OperatorProcess
    /// As whom the leader holds the Lease; its user agent names it too.
    let leaderIdentity: String

    static let leaseName = "martlet.dev"

    /// Plays a scene with two operators, the first of which leads, and one endpoint that has been read.
    static func play(_ body: (OperatorPair) async throws -> Void) async throws {
        try await Scene.play(electing: true) { scene in
            try await expect(scene.martlet, "ok: leader")
            let second = try OperatorProcess(
                scene.cluster, namespaces: [scene.namespace], flags: Scene.electionFlags(in: scene.namespace))
            let outcome: Result<Void, any Error>
            do {
                try await expect(second, "ok: standby")
                try await scene.createTarget()
                try await scene.createEndpoint()
                try await scene.waitUntilReady()
                let holder = try #require(try await lease(in: scene).spec?.holderIdentity)
                outcome = .success(
                    try await body(
                        OperatorPair(scene: scene, leader: scene.martlet, standby: second, leaderIdentity: holder)))
            } catch {
                outcome = .failure(error)
            }
            let output = await second.output
            #expect(await second.isRunning, "the second operator ended by itself: \(output.suffix(4000))")
            #expect(!output.contains("Fatal error"))
            await second.crash()
            if case .failure = outcome { print("second operator:\n\(output.suffix(4000))") }
            try outcome.get()
        }
    }

    static func lease(in scene: Scene) async throws -> Lease {
        try await scene.resources(Lease.self).get(scene.key(leaseName))
    }

    /// Waits until the operator's `/readyz` answers that.
    static func expect(
        _ process: OperatorProcess, _ readiness: String, within limit: Duration = .seconds(30),
        at location: SourceLocation = #_sourceLocation
    ) async throws {
        let isSo = await eventually(within: limit) { await process.readiness == readiness }
        let output = await process.output
        try #require(isSo, "/readyz does not say '\(readiness)': \(output.suffix(2000))", sourceLocation: location)
    }

    /// What the one that led at the start wrote, the Lease aside.
    func writesOfFirst() async throws -> [AuditLog.Entry] {
        try await scene.writes().filter { !$0.isOfLease && $0.isBy(leaderIdentity) }
    }

    /// What the one that stood by at the start wrote, the Lease aside.
    func writesOfSecond() async throws -> [AuditLog.Entry] {
        try await scene.writes().filter { !$0.isOfLease && !$0.isBy(leaderIdentity) }
    }

    /// Tasks for one more replica, again and again.
    func pushReplicas(_ count: Int, every pause: Duration) async throws {
        let jobs = try scene.commands()
        for _ in 0..<count {
            try jobs.push(5)
            try await Task.sleep(for: pause)
        }
    }
}

extension AuditLog.Entry {
    var isOfLease: Bool { objectRef?.resource == "leases" }
    var isScale: Bool { objectRef?.subresource == "scale" }
    func isBy(_ identity: String) -> Bool { userAgent?.contains(identity) ?? false }
}
