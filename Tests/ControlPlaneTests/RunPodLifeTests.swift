import FoundationEssentials
import Kubernetes
import KubernetesModel
import MartletAPI
import RedisTestSupport
import Testing

extension Scenarios {
    @Suite("RunPod endpoints come and go with their objects")
    struct RunPodLifeTests {
        @Test(
            "An object deleted while its endpoint is being created leaves nothing, also if the create takes effect late"
        )
        func deletedDuringCreate() async throws {
            try await RunPodScene.play { play in
                try play.lab.hold("createEndpoint", commit: ["afterSeconds": 50])
                try await play.createEndpoint()
                try await play.awaitHeld("createEndpoint")
                try await play.delete()
                try await play.expectGone(within: 900)
                #expect(try play.lab.endpoints.isEmpty)
                #expect(play.watch.ids.values.map(\.count) == [1], "the create never took effect")
                #expect(try play.lab.calls("createEndpoint").count == 1)
                #expect(try play.lab.ledger.isEmpty)
            }
        }

        @Test("An adopted endpoint keeps its name and environment, and is left as it is if the spec retains it")
        func adopted() async throws {
            try await RunPodScene.play { play in
                let (status, body) = try play.lab.control(
                    "POST", "/serverless",
                    [
                        "name": "by-hand", "type": "QUEUE", "image": "example/worker:1",
                        "gpu": ["pools": ["ADA_24"]], "scaling": ["type": "QUEUE_DELAY", "queueDelay": 4],
                        "workers": ["min": 0, "max": 1], "env": ["MINE": "kept"],
                    ])
                try #require(status == 201, "\(body)")
                let id = try #require(body["id"]?.string)
                try await play.createEndpoint(
                    changing: [
                        "runpod": ["adoptEndpointId": .string(id), "env": nil, "deletionPolicy": "Retain"]
                    ])
                try await play.scene.expectCondition("RunPodReady", .yes, "Ready", within: play.time.real(300))
                #expect(try await play.scene.endpoint().status?.runpod?.endpointId == id)
                let after = try play.lab.control("GET", "/serverless/\(id)").1
                #expect(after["name"]?.string == "by-hand")
                #expect(after["env"] == ["MINE": "kept"])
                #expect(after["workers"]?["min"]?.integer == 1 && after["workers"]?["max"]?.integer == 2)

                try await play.delete()
                let isGone = try await eventually { try await play.isGone() }
                #expect(isGone)
                #expect(try play.lab.endpoints.map(\.id) == [id])
                #expect(try play.lab.calls("deleteEndpoint").isEmpty)
                #expect(try play.lab.calls("createEndpoint").count == 1)
            }
        }

        @Test("What somebody changes on RunPod is put right, and an endpoint deleted there is made anew")
        func drift() async throws {
            try await RunPodScene.play { play in
                try await play.createEndpoint()
                let first = try await play.expectEndpoint(1, 2).id
                // As RunPod does by itself after some idle days, and people do by hand.
                _ = try play.lab.control("PATCH", "/serverless/\(first)", ["workers": ["min": 0, "max": 0]])
                let isBack = try await eventually(within: play.time.real(200)) {
                    try play.endpoints().first?.min == 1 && play.endpoints().first?.max == 2
                }
                #expect(isBack)
                try await play.expectEndpoint(1, 2)

                #expect(try play.lab.control("DELETE", "/serverless/\(first)").0 == 204)
                let isNew = try await eventually(within: play.time.real(600)) {
                    try play.endpoints().contains { $0.id != first }
                }
                #expect(isNew)
                try await play.expectEndpoint(1, 2)
                #expect(try play.lab.calls("createEndpoint").count == 2)
                try await play.delete()
                try await play.expectGone()
            }
        }

        @Test("A restart at rest changes nothing: no call but reads, and no write")
        func restartAtRest() async throws {
            try await RunPodScene.play { play in
                try await play.createEndpoint("open", changing: ["connection": ["configMapName": "open-endpoint"]])
                try await play.createEndpoint("closed", changing: ["runpod": ["workers": ["min": 0, "max": 0]]])
                try await play.createEndpoint("lowered")
                try await play.expectEndpoint(of: "open", 1, 2)
                try await play.scene.expectCondition("RunPodReady", .yes, "Closed", of: "closed")
                try await play.expectEndpoint(of: "lowered", 1, 2)
                try await play.override("lowered", "Closed")
                try await play.expectEndpoint(of: "lowered", 0, 0, "Closed")
                try await play.time.pass(150)
                let calls = try play.lab.calls.count
                let writes = try await play.scene.writes().count
                await play.martlet.crash()
                try await play.martlet.start()
                try await play.martlet.waitUntilReady()
                try await play.time.pass(150)
                let asked = try play.lab.calls.dropFirst(calls)
                #expect(asked.contains { $0.operation == "listEndpoints" })
                #expect(asked.allSatisfy { $0.method == "GET" }, "\(asked)")
                let told = try await play.scene.writes().dropFirst(writes)
                #expect(told.isEmpty, "\(told.map { "\($0.what) \($0.objectRef?.name ?? "")" })")
            }
        }
    }
}
