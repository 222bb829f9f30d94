import Kubernetes
import KubernetesModel
import RedisTestSupport
import Testing

extension Scenarios {
    @Suite("Real Celery workers")
    struct CeleryWorkerTests {
        private static let flavours = [
            CeleryWorkers.Flavour(name: "prefork-early"),
            CeleryWorkers.Flavour(name: "prefork-late", acknowledgesLate: true),
            CeleryWorkers.Flavour(name: "solo-early", pool: "solo"),
            CeleryWorkers.Flavour(name: "solo-late", pool: "solo", acknowledgesLate: true),
            // Nothing but the unacknowledged tasks tells what it does.
            CeleryWorkers.Flavour(name: "mute-late", acknowledgesLate: true, options: "--without-heartbeat"),
            // Nothing at all does: only the Pod's own grace protects it, as docs and condition say.
            CeleryWorkers.Flavour(name: "mute-early", options: "--without-heartbeat", grace: 60),
        ]
        /// As many as the workers are for; the last of them, still running, would leave too many workers.
        private static let tasks = 6
        private static let workers = 2

        @Test("No busy worker dies, whatever its pool, also when the operator is killed meanwhile; then all go to zero")
        func neverTakesABusyWorker() async throws {
            try await Scene.play { scene in
                try await LabNodes.play(4) { nodes in
                    let all = try Self.flavours.enumerated().map {
                        try CeleryWorkers($1, database: $0, in: scene, nodes)
                    }
                    for workers in all {
                        try await workers.create()
                        try await scene.createEndpoint(
                            workers.name, queue: ["celery": ["queues": ["celery"]]],
                            changing: [
                                "queue": [
                                    "tasksPerReplica": .integer(Int64(Self.tasks / Self.workers)),
                                    "redis": ["database": .integer(Int64(workers.database))],
                                ],
                                "workers": [
                                    "maxReplicas": .integer(Int64(Self.workers)),
                                    // No time to hide behind: only evidence keeps a worker.
                                    "scaleDown": ["cooldownSeconds": 0],
                                ],
                            ])
                        try await scene.waitUntilReady(workers.name)
                    }
                    for workers in all { try workers.send(Self.tasks, taking: 8) }
                    for workers in all { try await scene.expectReplicas(Self.workers, of: workers.name) }
                    for workers in all { try await expectAllBusy(workers) }
                    await scene.martlet.crash()
                    try await scene.martlet.start()
                    for workers in all { try await expectDone(workers) }
                    for workers in all {
                        try await scene.expectReplicas(0, of: workers.name, within: .seconds(120))
                        let verdict = try workers.verdict(of: Self.tasks)
                        #expect(verdict.lost == 0, "\(workers.name)")
                        #expect(verdict.killedWhileBusy == 0, "\(workers.name)")
                        #expect(verdict.duplicated == 0, "\(workers.name)")
                    }
                    try await scene.expectCondition("BusynessKnown", .yes, of: "prefork-early")
                    let mute = try await scene.condition("BusynessKnown", of: "mute-late")
                    #expect(mute == nil || mute?.status != .yes, "\(String(describing: mute))")
                }
            }
        }

        private func expectAllBusy(_ workers: CeleryWorkers) async throws {
            let busy = try await eventually(within: .seconds(90)) {
                try workers.verdict(of: Self.tasks).busy == Self.workers
            }
            #expect(busy, "\(workers.name): not all workers became busy")
        }

        private func expectDone(_ workers: CeleryWorkers) async throws {
            _ = try await eventually(within: .seconds(180)) {
                try workers.verdict(of: Self.tasks).done == Self.tasks
            }
            let verdict = try workers.verdict(of: Self.tasks)
            #expect(verdict.done == Self.tasks, "\(workers.name): \(verdict)")
        }
    }
}
