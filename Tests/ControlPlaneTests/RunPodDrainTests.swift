import FoundationEssentials
import Kubernetes
import KubernetesModel
import MartletAPI
import RedisTestSupport
import Testing

extension Scenarios {
    @Suite("RunPod endpoints close")
    struct RunPodDrainTests {
        @Test("A job that runs at the close is finished, without workers standing beside it, and then nothing runs")
        func finished() async throws {
            try await RunPodScene.play { play in
                let endpoint = try await open(play)
                let job = try await start(["seconds": 60], on: endpoint, in: play)
                try await play.override("work", "Closed")
                let isLowered = try await eventually { try play.endpoints().first?.min == 0 }
                #expect(isLowered)
                #expect(try play.lab.jobs("GET", "/\(endpoint)/status/\(job)").1["status"]?.string == "IN_PROGRESS")
                try await play.expectEndpoint(0, 0, "Closed")
                #expect(try play.lab.jobs("GET", "/\(endpoint)/status/\(job)").1["status"]?.string == "COMPLETED")
                let bounds = try play.lab.calls("updateEndpoint").count
                try await play.time.pass(120)
                #expect(try play.lab.calls("updateEndpoint").count == bounds)
                #expect(try play.lab.ledger.allSatisfy { $0.to != nil })
            }
        }

        @Test("A drain ends when it is over, also if the operator was killed in the middle of it")
        func killed() async throws {
            try await RunPodScene.play { play in
                let endpoint = try await open(play, changing: ["drainSeconds": 200])
                _ = try await start(["seconds": 3000], on: endpoint, in: play)
                let closed = play.time.now
                try await play.override("work", "Closed")
                try await play.scene.expectCondition("RunPodReady", .yes, "Draining")
                try await play.time.pass(120)
                await play.martlet.crash()
                try await play.martlet.start()
                try await play.martlet.waitUntilReady()
                #expect(play.time.now.timeIntervalSince(closed) < 195, "the machine is too busy for this test")
                try await play.expectEndpoint(0, 0, "Closed")
                let last = try #require(try play.lab.calls("updateEndpoint").last)
                let lasted = last.at.date.timeIntervalSince(closed)
                print("a drain of 200 s with a restart lasted \(lasted) s")
                // Half a second of the test for the edge to be seen, two for the last call.
                #expect((195...225).contains(lasted))
            }
        }

        @Test("Jobs left over keep a deleting endpoint disabled, with word of it, until they may be discarded")
        func leftOver() async throws {
            try await RunPodScene.play { play in
                let endpoint = try await open(play, changing: ["whenClosed": "Delete", "drainSeconds": 30])
                _ = try await start(["seconds": 3000], on: endpoint, in: play)
                for _ in 0..<5 {
                    _ = try play.lab.jobs("POST", "/\(endpoint)/run", ["input": ["lab": ["seconds": 3000]]])
                }
                try await play.override("work", "Closed")
                try await play.scene.expectCondition("RunPodReady", .no, "JobsLeftOver", within: play.time.real(400))
                #expect(try play.endpoints().map(\.max) == [0])
                let isTold = try await eventually {
                    try await play.scene.events().contains { $0.reason == "JobsLeftOver" }
                }
                #expect(isTold)
                #expect(try play.lab.calls("deleteEndpoint").isEmpty)
                try await play.scene.patchEndpoint(spec: ["runpod": ["discardJobs": true]])
                let isGone = try await eventually(within: play.time.real(400)) { try play.lab.endpoints.isEmpty }
                #expect(isGone)
                try await play.scene.expectCondition("RunPodReady", .yes, "Closed")
            }
        }

        @Test("A closing that RunPod did not hear of is made up for as soon as it answers again")
        func away() async throws {
            try await RunPodScene.play { play in
                _ = try await open(play)
                try play.lab.ask("PATCH", "settings", ["hostsDown": ["control"]])
                try await play.override("work", "Closed")
                try await play.scene.expectCondition("RunPodReady", .no, "Unreachable", within: play.time.real(400))
                try await play.time.pass(120)
                try play.lab.ask("PATCH", "settings", ["hostsDown": []])
                let back = play.time.now
                let isLowered = try await eventually { try play.endpoints().first?.min == 0 }
                let took = play.time.now.timeIntervalSince(back)
                print("closed \(took) s after RunPod was back")
                #expect(isLowered && took < 90)
                try await play.expectEndpoint(0, 0, "Closed")
            }
        }

        /// An open endpoint with a warm worker; its id.
        private func open(_ play: RunPodScene, changing changes: JSONValue = [:]) async throws -> String {
            let patient = JSONValue.object(["executionTimeoutSeconds": 3600, "drainSeconds": 600])
            try await play.createEndpoint(changing: ["runpod": patient.merged(with: changes)])
            return try await play.expectEndpoint(1, 2).id
        }

        /// Starts a job and waits until a worker has it; its id.
        private func start(_ lab: JSONValue, on endpoint: String, in play: RunPodScene) async throws -> String {
            let job = try play.lab.jobs("POST", "/\(endpoint)/run", ["input": ["lab": lab]]).1
            let id = try #require(job["id"]?.string, "\(job)")
            let runs = try await eventually {
                try play.lab.jobs("GET", "/\(endpoint)/status/\(id)").1["status"]?.string == "IN_PROGRESS"
            }
            try #require(runs)
            return id
        }
    }
}
