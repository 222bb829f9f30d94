import FoundationEssentials
import Kubernetes
import KubernetesModel
import MartletAPI
import RedisTestSupport
import Testing

extension Scenarios {
    @Suite("RunPod with two replicas")
    struct RunPodLeaderTests {
        @Test("SIGKILL of the leader during a create: the other finds the endpoint and makes none")
        func killed() async throws {
            try await pair { play, second in
                try play.lab.hold("createEndpoint", commit: "now")
                try await play.createEndpoint()
                try await play.awaitHeld("createEndpoint")
                await play.martlet.crash()
                try await OperatorPair.expect(second, "ok: leader", within: .seconds(60))
                try await play.expectEndpoint(1, 2)
                try await play.martlet.start()
                try await OperatorPair.expect(play.martlet, "ok: standby")
                try await settle(play)
            }
        }

        @Test(
            "SIGSTOP of the leader during a create that takes effect late: there is one endpoint, also when it goes on")
        func stopped() async throws {
            try await pair { play, second in
                try play.lab.hold("createEndpoint", commit: ["afterSeconds": 60])
                try await play.createEndpoint()
                try await play.awaitHeld("createEndpoint")
                await play.martlet.freeze()
                try await OperatorPair.expect(second, "ok: leader", within: .seconds(60))
                try await play.expectEndpoint(1, 2)
                let before = try play.lab.calls.count
                await play.martlet.resume()
                try await OperatorPair.expect(play.martlet, "ok: standby")
                try await play.time.pass(60)
                let writes = try play.lab.calls.dropFirst(before).filter { $0.method != "GET" }
                #expect(writes.isEmpty, "\(writes)")
                try await settle(play)
            }
        }

        /// Two operators in the same, moderately fast time: a Lease is renewed in time although the machine is busy.
        private func pair(_ body: (RunPodScene, OperatorProcess) async throws -> Void) async throws {
            try await RunPodScene.play(speed: 3, electing: true) { play in
                try await OperatorPair.expect(play.martlet, "ok: leader")
                let scene = play.scene
                let second = try OperatorProcess(
                    scene.cluster, namespaces: [scene.namespace],
                    flags: play.lab.flags + Scene.electionFlags(in: scene.namespace),
                    environment: try play.time.environment)
                let outcome: Result<Void, any Error>
                do {
                    try await OperatorPair.expect(second, "ok: standby")
                    outcome = .success(try await body(play, second))
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

        private func settle(_ play: RunPodScene) async throws {
            #expect(try play.lab.calls("createEndpoint").count == 1)
            try await play.delete()
            try await play.expectGone()
            #expect(play.watch.ids.values.map(\.count) == [1], "\(play.watch.ids)")
        }
    }
}
