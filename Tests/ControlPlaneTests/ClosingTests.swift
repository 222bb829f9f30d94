import FoundationEssentials
import Kubernetes
import KubernetesModel
import MartletAPI
import RedisTestSupport
import Testing

extension Scenarios {
    @Suite("Closing")
    struct ClosingTests {
        private static let tasks = 10_000
        private static let drainSeconds = 8
        private static let grace = 3

        @Test("A close with 10,000 tasks queued: 0 replicas by edge, drain and grace, and no started task is lost")
        func manyWaiting() async throws {
            try await Scene.play { scene in
                try await LabNodes.play(2) { nodes in
                    // Nothing but the end of the drain takes workers whose tasks take so long.
                    let flavour = CeleryWorkers.Flavour(name: "late", acknowledgesLate: true, grace: Self.grace)
                    let workers = try CeleryWorkers(flavour, database: 0, in: scene, nodes)
                    try await workers.create()
                    try await scene.createEndpoint(
                        "late", queue: ["celery": ["queues": ["celery"]]],
                        changing: [
                            "workers": [
                                "maxReplicas": 2, "closing": ["drainSeconds": .integer(Int64(Self.drainSeconds))],
                            ]
                        ])
                    try await scene.waitUntilReady("late")
                    try workers.send(Self.tasks, taking: 60)
                    try await scene.expectReplicas(2, of: "late")
                    let busy = try await eventually(within: .seconds(90)) {
                        try workers.verdict(of: Self.tasks).busy == 2
                    }
                    #expect(busy, "not all workers became busy")

                    try await scene.override("Closed until=\(Timestamp(Date() + 3600))", on: "late")
                    let edge = ContinuousClock.now
                    try await scene.expectCondition("ScheduleOpen", .no, "Closed", of: "late")
                    // The busy are not taken before the drain is over.
                    #expect(try await scene.replicas("late") == 2)
                    try await scene.expectReplicas(0, of: "late", within: .seconds(Self.drainSeconds + Self.grace))
                    let gone = try await eventually(within: .seconds(60)) {
                        try await scene.resources(Pod.self).page(in: scene.namespace).items.isEmpty
                    }
                    #expect(gone)
                    print(
                        "0 Pods \(edge.duration(to: .now)) after the edge, \(Self.drainSeconds) s drain, \(Self.grace) s grace"
                    )

                    let reasons = Set(try await scene.events(on: "late").compactMap(\.reason))
                    #expect(reasons.isSuperset(of: ["Closed", "DrainEnded", "TasksStayQueued"]), "\(reasons)")
                    let redis = try scene.commands()
                    let verdict = try workers.verdict(of: Self.tasks)
                    var kept = try redis.count("HLEN", "unacked")
                    for list in ["celery", "celery\u{06}\u{16}3", "celery\u{06}\u{16}6", "celery\u{06}\u{16}9"] {
                        kept += try redis.count("LLEN", list)
                    }
                    #expect(verdict.done + kept >= Self.tasks, "\(verdict.done) done, \(kept) still in Redis")
                }
            }
        }
    }
}
