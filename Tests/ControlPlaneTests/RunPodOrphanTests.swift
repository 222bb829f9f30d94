import FoundationEssentials
import Kubernetes
import KubernetesModel
import MartletAPI
import RedisTestSupport
import Testing

extension Scenarios {
    @Suite("RunPod endpoints that no object owns")
    struct RunPodOrphanTests {
        /// Hours pass in a minute or two; a request still has half a second of the test's time.
        private static let speed = 60

        @Test("Such an endpoint is told of, and deleted after an hour in two lists; others are left alone")
        func orphan() async throws {
            try await RunPodScene.play(speed: Self.speed, flags: ["--delete-orphans", "--cluster-id", "here"]) { play in
                try await play.createEndpoint()
                let owned = try await play.expectEndpoint(1, 2)
                #expect(owned.owner?.hasPrefix("here/") == true)
                let gone = "here/\(play.scene.namespace)/00000000-0000-0000-0000-000000000000"
                let orphan = try create("orphan", owner: gone, in: play)
                let others = [
                    try create("elsewhere", owner: gone.replacing("here/", with: "there/"), in: play),
                    try create("beyond", owner: "here/not-our-namespace/1", in: play),
                    try create("unmarked", owner: nil, in: play),
                ]
                // The first sweep is a minute after the start, the next an hour later; nothing may be deleted by one alone.
                let isTold = try await eventually(within: play.time.real(4500)) {
                    try await play.martlet.metrics.contains("martlet_runpod_orphans 1")
                }
                #expect(isTold)
                #expect(await play.martlet.output.contains(orphan))
                #expect(try play.lab.calls("deleteEndpoint").isEmpty)
                let firstSeen = play.time.now
                let isDeleted = try await eventually(within: play.time.real(9000)) {
                    try !play.lab.endpoints.contains { $0.id == orphan }
                }
                #expect(isDeleted)
                #expect(play.time.now.timeIntervalSince(firstSeen) > 3000)
                #expect(Set(try play.lab.endpoints.map(\.id)) == Set(others + [owned.id]))
                #expect(try play.lab.calls("deleteEndpoint").count == 1)
                let isAnnounced = try await eventually {
                    let events = try await play.scene.resources(Event.self).page(in: play.scene.namespace).items
                    return ["EndpointOrphaned", "OrphanDeleted"].allSatisfy { reason in
                        events.contains { $0.reason == reason && $0.message?.contains(orphan) == true }
                    }
                }
                #expect(isAnnounced)
            }
        }

        /// An endpoint as somebody else's create left it.
        private func create(_ name: String, owner: String?, in play: RunPodScene) throws -> String {
            let (status, body) = try play.lab.control(
                "POST", "/serverless",
                [
                    "name": .string(name), "type": "QUEUE", "image": "example/worker:1", "gpu": ["pools": ["ADA_24"]],
                    "scaling": ["type": "QUEUE_DELAY", "queueDelay": 4],
                    "workers": ["min": 0, "max": 1],
                    "env": owner.map { ["MARTLET_OWNER": .string($0)] } ?? [:],
                ])
            try #require(status == 201, "\(body)")
            return try #require(body["id"]?.string)
        }
    }
}
