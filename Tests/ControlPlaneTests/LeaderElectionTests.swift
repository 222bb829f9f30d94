import FoundationEssentials
import Kubernetes
import KubernetesModel
import MartletAPI
import RedisTestSupport
import Testing

extension Scenarios {
    @Suite("Two replicas")
    struct LeaderElectionTests {
        @Test("At rest the leader writes the Lease alone, the standby nothing; taking over it writes to nothing idle")
        func atRest() async throws {
            try await OperatorPair.play { pair in
                try await pair.scene.createTarget("idle")
                try await pair.scene.createEndpoint("idle", queue: ["list": ["key": "nothing"]])
                try await pair.scene.waitUntilReady("idle")
                try pair.scene.commands().push(5)
                try await pair.scene.expectReplicas(1)
                #expect(
                    try await eventually {
                        let status = try await pair.scene.endpoint().status
                        return status?.queue?.summary == "5+0" && status?.workers?.summary == "1/1"
                    })
                // The account of the last decision follows up to six seconds after the counts.
                try await Task.sleep(for: .seconds(8))
                let before = try await pair.scene.writes().count
                try await Task.sleep(for: .seconds(7))
                let new = try await pair.scene.writes().dropFirst(before)
                #expect(Set(new.map(\.what)) == ["patch leases"])
                #expect((2...5).contains(new.count), "\(new.count) renewals in 7 s")
                #expect(new.allSatisfy { $0.isBy(pair.leaderIdentity) && $0.succeeded })
                #expect(try await pair.writesOfSecond().isEmpty)
                #expect(try await pair.leader.metrics.contains("martlet_leader 1"))
                #expect(try await pair.standby.metrics.contains("martlet_leader 0"))
                // It has read the queue all the same.
                let figure = #"martlet_queue_tasks{name="work",namespace="\#(pair.scene.namespace)",state="waiting"} 5"#
                #expect(try await pair.standby.metrics.contains(figure))

                _ = await pair.leader.terminate()
                try await OperatorPair.expect(pair.standby, "ok: leader")
                try await Task.sleep(for: .seconds(3))
                let second = try await pair.writesOfSecond()
                // Tasks wait in the other's queue, so that its `lastActiveTime` moves on.
                #expect(second.count <= 1, "\(second.tally)")
                #expect(second.allSatisfy { $0.what == "patch inferenceendpoints/status" })
                #expect(second.allSatisfy { $0.objectRef?.name != "idle" })
                try await pair.leader.start()
            }
        }

        @Test("SIGTERM of the leader under load: the other scales within 2 s, and no replica is moved twice")
        func terminated() async throws {
            try await OperatorPair.play { pair in
                let pushes = 20
                async let load: Void = pair.pushReplicas(pushes, every: .milliseconds(200))
                try await pair.scene.expectReplicas(3)
                let asked = Date()
                #expect(await pair.leader.terminate() == 0)
                let ended = Date().timeIntervalSince(asked)
                try await load
                try await pair.scene.expectReplicas(20)
                try await OperatorPair.expect(pair.standby, "ok: leader")

                let first = try #require(try await pair.writesOfSecond().first { $0.isScale })
                let reaction = first.date.timeIntervalSince(asked)
                print("SIGTERM: the process ended after \(ended) s, the other scaled after \(reaction) s")
                #expect(reaction <= 2)
                let old = try await pair.writesOfFirst()
                #expect(old.allSatisfy { $0.date < first.date })
                #expect(try await pair.scene.scaleWrites().count <= pushes)
                try await pair.leader.start()
                try await OperatorPair.expect(pair.leader, "ok: standby")
            }
        }

        @Test("SIGKILL of the leader: the other scales within 20 s")
        func killed() async throws {
            try await OperatorPair.play { pair in
                try pair.scene.commands().push(5)
                try await pair.scene.expectReplicas(1)
                let killed = Date()
                await pair.leader.crash()
                try pair.scene.commands().push(20)
                try await pair.scene.expectReplicas(5, within: .seconds(25))
                let first = try #require(try await pair.writesOfSecond().first { $0.isScale })
                let reaction = first.date.timeIntervalSince(killed)
                print("SIGKILL: the other scaled after \(reaction) s")
                #expect(reaction <= 20)
                #expect(try await pair.scene.scaleWrites().count == 2)
                #expect(try await OperatorPair.lease(in: pair.scene).spec?.leaseTransitions == 1)
                try await pair.leader.start()
                try await OperatorPair.expect(pair.leader, "ok: standby")
            }
        }

        @Test("A leader that was stopped past its Lease and goes on begins no write")
        func stopped() async throws {
            try await OperatorPair.play { pair in
                try pair.scene.commands().push(5)
                try await pair.scene.expectReplicas(1)
                await pair.leader.freeze()
                let frozen = Date()
                // It will find these when it goes on, with a decision that is no longer its own to carry out.
                try pair.scene.commands().push(20)
                try await pair.scene.expectReplicas(5, within: .seconds(25))
                try pair.scene.commands().push(25)
                try await pair.scene.expectReplicas(10)
                await pair.leader.resume()
                let resumed = Date()
                try await pair.pushReplicas(5, every: .milliseconds(200))
                try await pair.scene.expectReplicas(15)
                try await OperatorPair.expect(pair.leader, "ok: standby")
                try await OperatorPair.expect(pair.standby, "ok: leader")
                // Whatever it had put off would be tried again by now.
                try await Task.sleep(for: .seconds(3))

                let old = try await pair.writesOfFirst()
                #expect(!old.isEmpty)
                #expect(old.allSatisfy { $0.date < frozen.addingTimeInterval(0.5) }, "\(old.suffix(3))")
                #expect(resumed > frozen)
                #expect(try await pair.leader.metrics.contains("martlet_leader 0"))
                #expect(await pair.leader.output.contains("leads no longer"))
                #expect(await !pair.leader.output.contains("reconciliation failed"))
            }
        }

        @Test("Without an API server nobody leads after the renew deadline, and when it is back the work goes on")
        func apiServerAway() async throws {
            try await Scene.play(electing: true) { scene in
                try await OperatorPair.expect(scene.martlet, "ok: leader")
                try await scene.createTarget()
                try await scene.createEndpoint()
                try await scene.waitUntilReady()
                try scene.cluster.stopAPIServer()
                do {
                    try await OperatorPair.expect(scene.martlet, "ok: standby", within: .seconds(15))
                    try scene.commands().push(10)
                } catch {
                    try scene.cluster.startAPIServer()
                    throw error
                }
                try scene.cluster.startAPIServer()
                try await scene.expectReplicas(2, within: .seconds(60))
                try await OperatorPair.expect(scene.martlet, "ok: leader")
                #expect(try await OperatorPair.lease(in: scene).spec?.leaseTransitions == 0)
            }
        }
    }
}
