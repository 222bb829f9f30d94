import FoundationEssentials
import Kubernetes
import KubernetesModel
import MartletAPI
import RedisTestSupport
import Testing

extension Scenarios {
    @Suite("RunPod endpoints on schedule")
    struct RunPodMainPathTests {
        @Test(
            "A window opens and closes: one endpoint, made under a recorded intent, open in the window and never outside"
        )
        func window() async throws {
            try await RunPodScene.play { play in
                let scene = play.scene
                let (from, to) = try await schedule(in: play)
                // The create is answered late, so that what stood before it can be looked at.
                try play.lab.ask(
                    "POST", "faults",
                    ["match": ["operation": "createEndpoint"], "commit": "now", "answer": ["delaySeconds": 20]])
                try await play.createEndpoint(changing: ["connection": ["configMapName": "work-endpoint"]])
                try await scene.expectCondition("RunPodReady", .yes, "Closed")
                #expect(play.time.now < from)
                #expect(try play.lab.endpoints.isEmpty)

                try await play.awaitHeld("createEndpoint")
                let before = try await scene.endpoint()
                #expect(before.metadata.finalizers == ["martlet.dev/runpod"])
                #expect(before.status?.runpod?.intent?.name == (try play.lab.endpoints.first?.name))
                #expect(before.status?.runpod?.endpointId == nil)

                let endpoint = try await play.expectEndpoint(1, 2)
                #expect(endpoint.owner?.hasSuffix("/\(scene.namespace)/\(before.metadata.uid ?? "")") == true)
                let (status, body) = try play.lab.control("GET", "/serverless/\(endpoint.id)")
                #expect(status == 200)
                #expect(body["env"]?["MODEL"]?.string == "small")
                #expect(body["env"]?["HF_TOKEN"]?.string == RunPodScene.secretValue)
                #expect(body["env"]?["MARTLET_OWNER"]?.string == endpoint.owner)
                try await expectConnection(
                    in: play,
                    [
                        "endpointId": endpoint.id, "runUrl": "\(play.lab.jobsURL)/\(endpoint.id)/run", "open": "true",
                    ])
                try await serve(endpoint.id, in: play)

                // The edge: min 0 at once, the drain, then max 0.
                try await scene.expectCondition("RunPodReady", .yes, "Closed", within: play.time.real(600))
                let updates = try play.lab.calls("updateEndpoint").filter { $0.at.date >= to.addingTimeInterval(-1) }
                let lag = try #require(updates.first).at.date.timeIntervalSince(to)
                print("the closing was sent \(lag) s after the edge, \(lag / Double(play.time.speed)) s of the test")
                #expect(lag / Double(play.time.speed) < 2)
                #expect(updates.count == 2, "\(updates)")
                try await play.expectEndpoint(0, 0, "Closed")
                try await expectConnection(in: play, ["endpointId": endpoint.id, "open": "false"])

                // Its single worker is billed from the window's opening to its close and the idle timeout.
                let ledger = try play.lab.ledger
                #expect(!ledger.isEmpty)
                for entry in ledger {
                    #expect(entry.endpoint == endpoint.id)
                    #expect(entry.from.date >= from)
                    let end = try #require(entry.to, "a worker is still billed")
                    #expect(end.date <= to.addingTimeInterval(lag + 10), "\(entry)")
                }

                try await play.delete()
                try await play.expectGone()
                let last = try play.lab.calls.filter { $0.surface == "control" && $0.path.hasSuffix(endpoint.id) }
                    .suffix(2)
                #expect(last.map(\.method) == ["DELETE", "GET"] && last.last?.outcome == .integer(404), "\(last)")
                #expect(try play.lab.calls("createEndpoint").count == 1)
            }
        }

        @Test("With whenClosed Delete each opening has an endpoint of its own, and the last one is proved gone")
        func deletedWhenClosed() async throws {
            try await RunPodScene.play { play in
                try await play.createEndpoint(changing: ["runpod": ["whenClosed": "Delete"]])
                let first = try await play.expectEndpoint(1, 2)
                try await play.override("work", "Closed")
                try await play.scene.expectCondition("RunPodReady", .yes, "Closed", within: play.time.real(300))
                let isGone = try await eventually { try play.lab.endpoints.isEmpty }
                #expect(isGone)
                try await play.scene.expectCondition("RunPodReady", .yes, "Closed")
                #expect(try await play.scene.endpoint().status?.runpod?.endpointId == nil)
                #expect(try play.lab.control("GET", "/serverless/\(first.id)").0 == 404)

                try await play.override("work", "Open")
                let second = try await play.expectEndpoint(1, 2)
                #expect(second.id != first.id)
                try await play.delete()
                try await play.expectGone()
                #expect(try play.lab.calls("createEndpoint").count == 2)
                #expect(try play.lab.ledger.allSatisfy { $0.to != nil })
            }
        }

        /// One window, the next minute but one for five minutes; returns its edges. A busy machine needs some of them.
        private func schedule(in play: RunPodScene) async throws -> (from: Date, to: Date) {
            let minute = (play.time.now.timeIntervalSince1970 / 60).rounded(.down) + 2
            func clock(_ minute: Double) -> JSONValue {
                let ofDay = Int(minute) % 1440
                let (hours, minutes) = (ofDay / 60, ofDay % 60)
                return .string("\(hours < 10 ? "0" : "")\(hours):\(minutes < 10 ? "0" : "")\(minutes)")
            }
            let object: JSONValue = [
                "metadata": ["name": "hours"],
                "spec": [
                    "timeZone": "Etc/UTC", "targets": [["name": "work"]],
                    "windows": [
                        [
                            "name": "soon", "days": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
                            "from": clock(minute), "to": clock(minute + 5),
                        ]
                    ],
                    "inside": ["runpod": ["min": 1, "max": 2]], "outside": ["runpod": ["max": 0]],
                ],
            ]
            _ = try await play.scene.resources(GPUSchedule.self).create(
                object, in: play.scene.namespace, as: Scene.manager)
            return (Date(timeIntervalSince1970: minute * 60), Date(timeIntervalSince1970: (minute + 5) * 60))
        }

        private func expectConnection(in play: RunPodScene, _ wanted: [String: String]) async throws {
            let maps = play.scene.resources(ConfigMap.self)
            var data: [String: String] = [:]
            let isSo = try await eventually {
                data = try await maps.get(play.scene.key("work-endpoint")).data ?? [:]
                return wanted.allSatisfy { data[$0.key] == $0.value }
            }
            #expect(isSo, "\(data)")
        }

        /// A job through the job plane, to its end.
        private func serve(_ endpoint: String, in play: RunPodScene) async throws {
            let (status, job) = try play.lab.jobs("POST", "/\(endpoint)/run", ["input": ["prompt": "hello"]])
            #expect(status == 200)
            let id = try #require(job["id"]?.string)
            var last = JSONValue.null
            let isDone = try await eventually {
                last = try play.lab.jobs("GET", "/\(endpoint)/status/\(id)").1
                return last["status"]?.string == "COMPLETED"
            }
            #expect(isDone, "\(last)")
        }
    }
}
