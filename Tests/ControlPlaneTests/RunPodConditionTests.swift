import FoundationEssentials
import Kubernetes
import KubernetesModel
import MartletAPI
import RedisTestSupport
import Testing

extension Scenarios {
    @Suite("What goes wrong with RunPod")
    struct RunPodConditionTests {
        /// One endpoint with something wrong, and what is said of it.
        private struct Row {
            var name: String
            var reason: String
            /// Part of the message: what to do.
            var hint: String
            var changes: JSONValue
        }

        @Test("Each failure is a condition that says what to do, and the endpoint beside them is served")
        func reasons() async throws {
            try await RunPodScene.play(accounts: 4) { play in
                let lab = play.lab
                try lab.ask("POST", "accounts", ["account": "account-2", "balance": 0])
                try lab.ask("POST", "accounts", ["account": "account-3", "quota": 1])
                try lab.ask("POST", "keys", ["key": .string(lab.keys[3]), "account": "account-4", "right": "readOnly"])
                try lab.ask("PATCH", "settings", ["refusedPools": ["AMPERE_80"]])
                for (number, secret) in ["poor", "full", "reader"].enumerated() {
                    try await play.scene.createSecret(secret, ["apiKey": lab.keys[number + 1]])
                }
                try await play.scene.createSecret("wrong", ["apiKey": "nobody-knows-this-key"])
                func under(_ secret: String) -> JSONValue { ["credentialsSecretRef": ["name": .string(secret)]] }
                let rows = [
                    Row(name: "refused", reason: "KeyRefused", hint: "key", changes: under("wrong")),
                    Row(name: "forbidden", reason: "KeyForbidden", hint: "key", changes: under("reader")),
                    Row(name: "poor", reason: "BalanceEmpty", hint: "balance", changes: under("poor")),
                    Row(name: "full", reason: "QuotaExceeded", hint: "workers.max", changes: under("full")),
                    Row(name: "nosecret", reason: "SecretNotFound", hint: "absent", changes: under("absent")),
                    Row(
                        name: "capacity", reason: "CapacityRefused", hint: "pools",
                        changes: ["gpu": ["pools": ["AMPERE_80"]]]),
                    Row(name: "pool", reason: "UnknownPool", hint: "gpus", changes: ["gpu": ["pools": ["NO_SUCH"]]]),
                    Row(
                        name: "template", reason: "TemplateNotFound", hint: "template",
                        changes: ["image": nil, "templateId": "gone4711"]),
                ]
                for row in rows { try await play.createEndpoint(row.name, changing: ["runpod": row.changes]) }
                try await play.createEndpoint(
                    "second", changing: ["runpod": ["gpu": ["pools": ["AMPERE_80", "ADA_24"]]]])
                try await play.createEndpoint("right")

                try await play.expectEndpoint(of: "right", 1, 2)
                try await play.expectEndpoint(of: "second", 1, 2)
                for row in rows {
                    try await play.scene.expectCondition("RunPodReady", .no, row.reason, of: row.name)
                    let message = try await play.scene.condition("RunPodReady", of: row.name)?.message ?? ""
                    #expect(message.lowercased().contains(row.hint.lowercased()), "\(row.name): \(message)")
                    #expect(try play.endpoints(of: row.name).isEmpty)
                }
                // What people put right is taken up.
                try lab.ask("POST", "accounts", ["account": "account-2", "balance": 10])
                try lab.ask("POST", "accounts", ["account": "account-3", "quota": 10])
                try await play.scene.createSecret("absent", ["apiKey": lab.key])
                for name in ["poor", "full", "nosecret"] {
                    try await play.expectEndpoint(of: name, 1, 2, within: 1200)
                }
            }
        }

        @Test("A Secret that is rotated, removed and restored costs no second endpoint, and closings go on without it")
        func secrets() async throws {
            try await RunPodScene.play { play in
                try await play.createEndpoint()
                let endpoint = try await play.expectEndpoint(1, 2)
                let secrets = play.scene.resources(Secret.self)

                let next = "lab-key-canary-rotated"
                try play.lab.ask("POST", "keys", ["key": .string(next), "account": "account-1"])
                try play.lab.ask("POST", "keys", ["key": .string(play.lab.key), "right": "revoked"])
                try await play.scene.expectCondition("RunPodReady", .no, "KeyRefused", within: play.time.real(400))
                let rotated: JSONValue = ["stringData": ["apiKey": .string(next)]]
                try await secrets.mergePatch(play.scene.key("runpod"), rotated, as: Scene.manager)
                #expect(try await play.expectEndpoint(1, 2).id == endpoint.id)

                try await secrets.delete(play.scene.key("runpod"))
                try await play.scene.expectCondition("RunPodReady", .no, "SecretNotFound", within: play.time.real(600))
                try await play.override("work", "Closed")
                let isClosed = try await eventually(within: play.time.real(300)) {
                    try play.endpoints().first?.max == 0
                }
                #expect(isClosed, "without its Secret the endpoint stays open")

                try await play.scene.createSecret("runpod", ["apiKey": next])
                try await play.override("work", nil)
                #expect(try await play.expectEndpoint(1, 2, within: 600).id == endpoint.id)
                #expect(try play.lab.calls("createEndpoint").count == 1)
                #expect(await !play.martlet.output.contains(next))
                try await play.delete()
                try await play.expectGone()
            }
        }

        @Test("Twenty endpoints at rest cost one list a minute, health only where open, and not one write")
        func idle() async throws {
            try await RunPodScene.play(speed: 20, quota: 100) { play in
                let names = (0..<20).map { "rest-\($0)x" }
                for (number, name) in names.enumerated() {
                    let max: JSONValue = number < 10 ? 1 : 0
                    try await play.createEndpoint(
                        name, changing: ["runpod": ["workers": ["min": 0, "max": max], "whenClosed": "Disable"]])
                }
                for (number, name) in names.enumerated() {
                    let reason = number < 10 ? "Ready" : "Closed"
                    try await play.scene.expectCondition(
                        "RunPodReady", .yes, reason, of: name, within: play.time.real(1200))
                }
                // What was written last is verified and told within two minutes.
                try await play.time.pass(180)
                let (calls, writes) = (try play.lab.calls.count, try await play.scene.writes().count)
                let minutes = 6
                try await play.time.pass(Double(minutes) * 60)
                let new = try play.lab.calls.dropFirst(calls)
                let tally = Dictionary(grouping: new, by: \.operation).mapValues(\.count)
                let told = try await play.scene.writes().dropFirst(writes)
                print("20 endpoints at rest for \(minutes) minutes: \(tally), writes: \(Array(told).tally)")
                #expect(Set(tally.keys).isSubset(of: ["listEndpoints", "health"]), "\(tally)")
                #expect((minutes - 2...minutes + 2).contains(tally["listEndpoints"] ?? 0), "\(tally)")
                #expect((tally["health"] ?? 0) <= 10 * (minutes + 2), "\(tally)")
                #expect(told.isEmpty, "\(Array(told).tally)")
                for name in names { try await play.delete(name) }
                for name in names { try await play.expectGone(name, within: 2400) }
                #expect(try play.lab.endpoints.isEmpty)
            }
        }
    }
}
