import HTTPTransport
import RunPodSimulator
import Testing

@Suite("Endpoints of the control plane") struct EndpointTests {
    @Test("a create answers 201 with the defaults of v2")
    func defaults() {
        var bench = Bench()
        let (status, endpoint, headers) = bench.call("POST", "/v2/serverless", Bench.draft())
        #expect(status == 201)
        #expect(endpoint["workers"] == ["min": 0, "max": 3, "idleTimeout": 10])
        #expect(endpoint["flashboot"] == "OFF")
        #expect(endpoint["ports"] == [])
        #expect(endpoint["timeout"] == 0)
        #expect(endpoint["gpu"]?["count"] == 1)
        #expect(endpoint["createdAt"] == "2026-09-21T14:13:20Z")
        #expect(endpoint["requestUrls"]?["run"]?.string?.hasPrefix("https://api.runpod.ai/v2/") == true)
        #expect(headers["x-request-id"] != nil)
    }

    @Test("lists come in an envelope, deletes answer 204 without a byte, the second one 404")
    func lifecycle() {
        var bench = Bench()
        let id = bench.create()
        #expect(bench.listed() == ["llm"])
        #expect(bench.call("GET", "/v2/serverless/\(id)").json["id"] == .string(id.text))
        guard case .response(let deleted) = bench.ask("DELETE", "/v2/serverless/\(id)") else {
            Issue.record("no answer")
            return
        }
        #expect(deleted.status == 204 && deleted.body.isEmpty)
        #expect(bench.call("DELETE", "/v2/serverless/\(id)").status == 404)
        #expect(bench.call("GET", "/v2/serverless/\(id)").status == 404)
        #expect(bench.listed() == [])
    }

    @Test("equal names are two endpoints")
    func namesAreNotUnique() {
        var bench = Bench()
        #expect(bench.create() != bench.create())
        #expect(bench.listed() == ["llm", "llm"])
    }

    @Test(
        "a create that breaks a rule is refused",
        arguments: [
            (["gpu": nil], 400), (["cpu": [["id": "cpu3c", "vcpuCount": 2]]], 400),
            (["gpu": ["pools": ["NVIDIA GeForce RTX 3090"]]], 400), (["image": nil], 422), (["name": ""], 422),
            (["gpuTypeIds": ["NVIDIA L4"]], 422), (["workers": ["min": -1]], 422),
            (["scaling": ["type": "QUEUE_DELAY"]], 422),
            (["scaling": ["type": "QUEUE_DELAY", "queueDelay": 0.1]], 422),
            (["type": "LOAD_BALANCER"], 422), (["templateId": "nowhere"], 404), (["flashboot": true], 422),
            (["gpu": ["pools": ["ADA_24"], "excludedTypes": ["-NVIDIA L4"]]], 422),
            (["gpu": ["pools": ["ADA_24"], "excludedTypes": ["NVIDIA GeForce RTX 4090"]]], 400),
            (["gpu": ["pools": ["ADA_24"], "allowedCudaVersions": ["12.8"], "minCudaVersion": "12.1"]], 400),
            (["workers": ["min": 3, "max": 1]], 400), (["workers": ["max": 101]], 400),
            (["dataCenterIds": ["MARS-1"]], 400), (["gpu": ["pools": ["ADA_24"], "count": 9]], 400),
            (["env": ["A": 1]], 422),
        ] as [([String: WireJSON], Int)])
    func refusals(changes: [String: WireJSON], status: Int) {
        var bench = Bench()
        let answer = bench.call("POST", "/v2/serverless", Bench.draft(changes))
        #expect(answer.status == status, "\(answer.json.text)")
        #expect(answer.headers["Content-Type"] == "application/problem+json")
        #expect(bench.world.endpoints.isEmpty)
    }

    @Test("a missing field makes valid ones appear as additional, a switch turns that off")
    func quirk() {
        var bench = Bench()
        let body = Bench.draft(["scaling": nil])
        let errors = bench.call("POST", "/v2/serverless", body).json["errors"]?.strings
        #expect(
            errors == [
                "$: missing property 'scaling'", "$: additional properties 'gpu', 'name', 'type' not allowed",
            ])
        bench.world.settings.reportsValidFieldsAsAdditional = false
        #expect(
            bench.call("POST", "/v2/serverless", body).json["errors"]?.strings == ["$: missing property 'scaling'"])
    }

    @Test("queue endpoints that scale by request count have no idle timeout")
    func idleTimeoutRule() {
        var bench = Bench()
        let scaling: WireJSON = ["type": "REQUEST_COUNT", "requestCount": 2]
        let refused = bench.call(
            "POST", "/v2/serverless", Bench.draft(["scaling": scaling, "workers": ["idleTimeout": 5]]))
        #expect(refused.status == 422)
        #expect(refused.json["detail"]?.string?.hasPrefix("idleTimeout does not apply") == true)
        #expect(refused.json["errors"] == nil)
        let taken = bench.call("POST", "/v2/serverless", Bench.draft(["scaling": scaling]))
        #expect(taken.json["workers"] == ["min": 0, "max": 3])
    }

    @Test("an update changes what it names and nothing else")
    func sparseUpdate() {
        var bench = Bench()
        let id = bench.create(["workers": ["min": 0, "max": 7, "idleTimeout": 42], "env": ["A": "1"]])
        let updated = bench.call("PATCH", "/v2/serverless/\(id)", ["workers": ["min": 1]])
        #expect(updated.status == 200)
        #expect(updated.json["workers"] == ["min": 1, "max": 7, "idleTimeout": 42])
        #expect(updated.json["env"] == ["A": "1"])
        #expect(bench.patch(id, ["cpu": [["id": "cpu3c", "vcpuCount": 2]]]) == 400)
        #expect(bench.patch(id, ["type": "LOAD_BALANCER"]) == 422)
        #expect(bench.patch(id, ["gpu": ["excludedTypes": ["NVIDIA L4"]]]) == 422)
    }

    @Test("pools replace the selection with its exclusions, empty values clear versions")
    func gpuUpdate() {
        var bench = Bench()
        let id = bench.create([
            "gpu": ["pools": ["AMPERE_24"], "excludedTypes": ["NVIDIA L4"], "minCudaVersion": "12.1"]
        ])
        #expect(bench.patch(id, ["gpu": ["pools": ["AMPERE_24", "ADA_24"]]]) == 200)
        #expect(bench.patch(id, ["gpu": ["minCudaVersion": ""]]) == 200)
        let gpu = bench.call("GET", "/v2/serverless/\(id)").json["gpu"]
        #expect(
            gpu
                == [
                    "pools": ["AMPERE_24", "ADA_24"], "count": 1, "allowedCudaVersions": [], "minCudaVersion": nil,
                ])
    }

    @Test("the quota counts the sum of all maxima, in the words of the vendor")
    func quota() {
        var bench = Bench(quota: 5)
        let first = bench.create(["workers": ["max": 3]])
        let refused = bench.call("POST", "/v2/serverless", Bench.draft(["workers": ["max": 3]]))
        #expect(refused.status == 400)
        #expect(refused.json["detail"]?.string?.hasPrefix("Your worker concurrency cannot go beyond") == true)
        _ = bench.create(["workers": ["max": 2]])
        #expect(bench.patch(first, ["workers": ["max": 4]]) == 400)
        #expect(bench.patch(first, ["workers": ["max": 1]]) == 200)
        let huge = WireJSON.integer(Int64.max)
        #expect(bench.call("POST", "/v2/serverless", Bench.draft(["workers": ["max": huge]])).status == 400)
    }

    @Test("an empty balance refuses creates with 402 and nothing else")
    func balance() {
        var bench = Bench()
        bench.world.setBalance(0, of: "acme")
        #expect(bench.call("POST", "/v2/serverless", Bench.draft()).status == 402)
        #expect(bench.call("GET", "/v2/serverless").status == 200)
    }

    @Test("capacity that is refused for a pool names another one's turn")
    func refusedPools() {
        var bench = Bench()
        bench.world.settings.capacity.refusedPools = ["ADA_24"]
        let refused = bench.call("POST", "/v2/serverless", Bench.draft())
        #expect(refused.status == 400)
        #expect(refused.json["detail"]?.string?.hasPrefix("There are no longer any instances available") == true)
        #expect(bench.call("POST", "/v2/serverless", Bench.draft(["gpu": ["pools": ["AMPERE_24"]]])).status == 201)
    }
}
