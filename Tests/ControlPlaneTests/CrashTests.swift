import Glibc
import Kubernetes
import KubernetesModel
import MartletAPI
import RedisTestSupport
import Testing

extension Scenarios {
    @Suite("Operator killed, API server away")
    struct CrashTests {
        @Test("Killed at any moment and started again, it comes to the same replicas and tells nothing twice")
        func killedAtAnyMoment() async throws {
            try await Scene.play { scene in
                try await scene.createTarget()
                try await scene.createEndpoint()
                try await scene.waitUntilReady()
                let jobs = try scene.commands()
                let rounds = 8
                for round in 1...rounds {
                    // Another number each time, so that an event told twice is two events of one message.
                    try jobs.push(round * 5)
                    try await killSoon(scene)
                    try await scene.expectReplicas(round)
                    try jobs.send("DEL", "jobs")
                    try await killSoon(scene)
                    try await scene.expectReplicas(0)
                }
                // Up, down to the one that waits for the cooldown, down to zero.
                #expect(scene.scaleWrites().count <= 3 * rounds)
                try await scene.expectCondition("Ready", .yes)
                let told = try await scene.events().map { "\($0.reason ?? ""): \($0.message ?? "")" }
                let tally = Dictionary(grouping: told) { $0 }.mapValues(\.count)
                // To zero from one it goes in every round, with the same words each time.
                let lastStep = tally.filter { $0.key.contains("from 1 to 0") }
                #expect(lastStep.values.allSatisfy { $0 <= rounds })
                #expect(tally.filter { $0.value > 1 && lastStep[$0.key] == nil }.isEmpty)
                #expect(scene.cluster.audit.operatorWrites(in: scene.namespace).count < 12 * rounds)
            }
        }

        @Test("SIGTERM ends it cleanly within seconds")
        func terminated() async throws {
            try await Scene.play { scene in
                try await scene.createTarget()
                try await scene.createEndpoint()
                try await scene.waitUntilReady()
                let asked = ContinuousClock.now
                #expect(await scene.martlet.terminate() == 0)
                #expect(ContinuousClock.now - asked < .seconds(10))
                try await scene.martlet.start()
                try scene.commands().push(5)
                try await scene.expectReplicas(1)
            }
        }

        @Test("An API server that was away is caught up with, without a busy loop or growth meanwhile")
        func apiServerAway() async throws {
            try await Scene.play { scene in
                try await scene.createTarget()
                try await scene.createEndpoint()
                try await scene.waitUntilReady()
                let jobs = try scene.commands()
                try jobs.push(5)
                try await scene.expectReplicas(1)
                let memory = try await scene.martlet.residentMebibytes
                let processor = try await scene.martlet.processorSeconds
                let before = ContinuousClock.now

                try scene.cluster.stopAPIServer()
                try jobs.push(95)
                let seconds = Outage.seconds
                try await Task.sleep(for: .seconds(seconds))
                let used = try await scene.martlet.processorSeconds - processor
                let elapsed = Double((ContinuousClock.now - before).components.seconds)
                // A debug build that retries each watch and write with backoff needs a few percent; a busy loop, all.
                #expect(used < 0.25 * max(elapsed, 1), "\(used) s of CPU in \(elapsed) s")
                #expect(await scene.martlet.isRunning)
                try scene.cluster.startAPIServer()

                try await scene.expectReplicas(20, within: .seconds(60))
                try jobs.send("DEL", "jobs")
                try await scene.expectReplicas(0)
                let growth = try await scene.martlet.residentMebibytes - memory
                #expect(growth < 20, "\(growth) MiB more than before the outage")
            }
        }

        @Test("An API server that hangs with its connections open is caught up with when it goes on")
        func apiServerHangs() async throws {
            try await Scene.play { scene in
                try await scene.createTarget()
                try await scene.createEndpoint()
                try await scene.waitUntilReady()
                let jobs = try scene.commands()
                try jobs.push(5)
                try await scene.expectReplicas(1)
                try scene.cluster.freezeAPIServer()
                let processor = try await scene.martlet.processorSeconds
                for _ in 0..<20 { try jobs.push(4) }
                // Long enough for the write to be under way and others to be wished for behind it.
                try await Task.sleep(for: .seconds(5))
                let used = try await scene.martlet.processorSeconds - processor
                scene.cluster.resumeAPIServer()
                #expect(used < 1.5, "\(used) s of CPU in 5 s")
                try await scene.expectReplicas(17, within: .seconds(60))
                #expect(try await eventually { try await scene.endpoint().status?.workers?.desiredReplicas == 17 })
                // Up from one in the write that hung and at most one more: nothing was queued up meanwhile.
                #expect(scene.scaleWrites().count <= 3)
            }
        }

        @Test("An operator that starts while the API server is away waits for it")
        func startedWithoutAPIServer() async throws {
            try await Scene.play { scene in
                try await scene.createTarget()
                try await scene.createEndpoint()
                try await scene.waitUntilReady()
                await scene.martlet.crash()
                try scene.cluster.stopAPIServer()
                try await scene.martlet.start()
                try scene.commands().push(10)
                let waits = await eventually {
                    await scene.martlet.output.contains("the API server can't be asked yet")
                }
                #expect(waits)
                try scene.cluster.startAPIServer()
                try await scene.expectReplicas(2, within: .seconds(60))
            }
        }

        /// At a moment that differs from round to round and run to run: before the reading, between write and answer, later.
        private func killSoon(_ scene: Scene) async throws {
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...400)))
            await scene.martlet.crash()
            try await scene.martlet.start()
        }
    }
}
