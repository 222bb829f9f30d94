import FoundationEssentials
import Kubernetes
import KubernetesModel
import MartletAPI
import RedisTestSupport
import Testing

extension Scenarios {
    @Suite("The operator killed around calls to RunPod")
    struct RunPodCrashTests {
        /// When it is killed: RunPod has the request, and nobody will ever have the answer.
        enum Moment: String, CaseIterable {
            /// Nothing comes of it.
            case before
            /// It is done, the answer is lost.
            case lost
            /// It is done long after the operator has gone.
            case late
            /// It is done and answered; what the operator makes of that, it has no time to write down.
            case after
        }

        @Test("A create is killed at each moment, and there is one endpoint", arguments: Moment.allCases)
        func create(_ moment: Moment) async throws {
            try await RunPodScene.play { play in
                try await killed(in: play, at: moment, "createEndpoint") { try await play.createEndpoint() }
                try await play.expectEndpoint(1, 2)
                let creates = try play.lab.calls("createEndpoint").count
                #expect(creates == (moment == .before ? 2 : 1))
                try await settle(play)
            }
        }

        @Test("An update is killed at each moment, and the endpoint is as the spec has it", arguments: Moment.allCases)
        func update(_ moment: Moment) async throws {
            try await RunPodScene.play { play in
                try await play.createEndpoint()
                try await play.expectEndpoint(1, 2)
                try await killed(in: play, at: moment, "updateEndpoint") {
                    try await play.scene.patchEndpoint(spec: ["runpod": ["workers": ["min": 2, "max": 3]]])
                }
                try await play.expectEndpoint(2, 3)
                try await settle(play)
            }
        }

        @Test("A closing is killed at each moment, and no worker stays", arguments: Moment.allCases)
        func close(_ moment: Moment) async throws {
            try await RunPodScene.play { play in
                try await play.createEndpoint()
                try await play.expectEndpoint(1, 2)
                try await killed(in: play, at: moment, "updateEndpoint") { try await play.override("work", "Closed") }
                try await play.expectEndpoint(0, 0, "Closed")
                let isQuiet = try await eventually { try play.lab.ledger.allSatisfy { $0.to != nil } }
                #expect(isQuiet, "a worker is billed after the close")
                try await settle(play)
            }
        }

        @Test("A delete is killed at each moment, and nothing is left", arguments: Moment.allCases)
        func delete(_ moment: Moment) async throws {
            try await RunPodScene.play { play in
                try await play.createEndpoint()
                try await play.expectEndpoint(1, 2)
                try await killed(in: play, at: moment, "deleteEndpoint") { try await play.delete() }
                try await play.expectGone()
                #expect(try play.lab.endpoints.isEmpty)
                #expect(try play.lab.ledger.allSatisfy { $0.to != nil })
                #expect(play.watch.ids.values.allSatisfy { $0.count == 1 })
            }
        }

        /// Does what makes the operator call RunPod, kills it around that call and starts it again.
        private func killed(
            in play: RunPodScene, at moment: Moment, _ operation: String, _ trigger: () async throws -> Void
        ) async throws {
            let before = try play.lab.calls(operation).count
            switch moment {
            case .before: try play.lab.hold(operation, commit: "never")
            case .lost: try play.lab.hold(operation, commit: "now")
            case .late: try play.lab.hold(operation, commit: ["afterSeconds": 20])
            case .after: break
            }
            try await trigger()
            let came = try await eventually { try play.lab.calls(operation).count > before }
            await play.martlet.crash()
            let last = try play.lab.calls.suffix(20)
            try #require(came, "no \(operation): \(last)")
            try await play.martlet.start()
            try await play.martlet.waitUntilReady()
        }

        /// The object goes, and there never was a second endpoint of it.
        private func settle(_ play: RunPodScene) async throws {
            try await play.delete()
            try await play.expectGone()
            #expect(try play.lab.endpoints.isEmpty)
            #expect(play.watch.ids.values.map(\.count) == [1], "\(play.watch.ids)")
            #expect(try play.lab.ledger.allSatisfy { $0.to != nil })
        }
    }
}
