import HTTPTransport
import RunPodSimulator
import Testing

@Suite("Templates, catalogue and billing") struct BillingTests {
    @Test("buckets of the bill add up to the ledger, and another account sees none of it")
    func buckets() {
        var bench = Bench()
        bench.world.addAccount("other", key: "other-key")
        let id = bench.create(["workers": ["min": 1, "max": 1]])
        bench.pass(.hours(30))
        for size in ["hour", "day", "week"] {
            let bill = bench.call("GET", "/v2/billing/serverless?bucketSize=\(size)&serverlessId=\(id)").json
            let records = bill["records"]?.array ?? []
            let sum = records.reduce(0) { $0 + ($1["totalAmount"]?.number ?? 0) }
            let ledger = bench.world.ledger.dollars(of: .endpoint(id), until: bench.world.now)
            #expect(abs(sum - ledger) < 1e-9)
            #expect(abs((bill["metadata"]?["totals"]?["gpuAmount"]?.number ?? 0) - ledger) < 1e-9)
        }
        #expect(bench.call("GET", "/v2/billing/serverless", key: "other-key").json["records"] == [])
        #expect(bench.call("GET", "/v2/billing/endpoints").json["metadata"]?["totals"]?["totalAmount"] == 0)
        #expect(bench.call("GET", "/v2/billing/serverless?lastN=2&startTime=2026-01-01T00:00:00Z").status == 400)
        #expect(bench.call("GET", "/v2/billing/serverless?bucketSize=hour&lastN=2").json["records"]?.array?.count == 2)
        #expect(bench.call("GET", "/v2/billing/serverless?startTime=yesterday").status == 422)
    }

    @Test("a template is resolved once: the body wins, env merges by key, later edits do not matter")
    func snapshot() {
        var bench = Bench()
        let template = bench.call(
            "POST", "/v2/templates",
            ["name": "t", "image": "acme/t:1", "serverless": true, "env": ["A": "t", "B": "t"], "args": "x"])
        let id = template.json["id"]?.string ?? "none"
        let endpoint = bench.call(
            "POST", "/v2/serverless",
            Bench.draft(["image": nil, "templateId": .string(id), "env": ["B": "own"], "args": "y"]))
        #expect(endpoint.json["image"] == "acme/t:1" && endpoint.json["args"] == "y")
        #expect(endpoint.json["env"] == ["A": "t", "B": "own"])
        #expect(endpoint.json["templateId"] == nil)
        #expect(bench.call("PATCH", "/v2/templates/\(id)", ["image": "acme/t:2"]).status == 200)
        let target = "/v2/serverless/\(endpoint.json["id"]?.string ?? "none")"
        #expect(bench.call("GET", target).json["image"] == "acme/t:1")
        #expect(bench.call("PATCH", target, ["templateId": .string(id)]).json["image"] == "acme/t:2")
        #expect(bench.call("DELETE", "/v2/templates/\(id)").status == 204)
        #expect(bench.call("GET", target).status == 200)
    }

    @Test("a template for pods cannot make an endpoint, equal template names cannot be")
    func templateRules() {
        var bench = Bench()
        bench.world.addTemplate("pods", to: "acme", container: .init(), isServerless: false)
        let refused = bench.call("POST", "/v2/serverless", Bench.draft(["templateId": "pods"]))
        #expect(refused.status == 422 && refused.json["errors"] == nil)
        #expect(bench.call("POST", "/v2/templates", ["name": "pods", "image": "x"]).status == 400)
        #expect(bench.call("POST", "/v2/templates", ["name": "x", "image": "x", "readme": "x"]).status == 422)
    }

    @Test("availability needs a product, and filters need availability")
    func catalogue() {
        var bench = Bench()
        bench.world.settings.capacity.closed = [.init(pool: "ADA_24")]
        let gpus = bench.call("GET", "/v2/catalog/gpus?include=AVAILABILITY&product=SERVERLESS").json["gpus"]?.array
        let card = gpus?.first { $0["pool"] == "ADA_24" }
        #expect(card?["availability"] == "NONE" && card?["id"] == "NVIDIA GeForce RTX 4090")
        #expect(bench.call("GET", "/v2/catalog/gpus?include=AVAILABILITY").status == 400)
        #expect(bench.call("GET", "/v2/catalog/gpus?product=SERVERLESS").status == 400)
        #expect(bench.call("GET", "/v2/catalog/gpus?include=AVAILABILITY&product=TOASTER").status == 422)
        #expect(bench.call("GET", "/v2/catalog/gpus/NVIDIA%20L4").json["pool"] == "AMPERE_24")
        #expect(bench.call("GET", "/v2/catalog/gpus/none").status == 404)
    }

    @Test("the ledger says how long an owner had two endpoints billing at once")
    func doubledTime() {
        var bench = Bench()
        let marker: WireJSON = ["MARTLET_OWNER": "c/ns/uid"]
        _ = bench.create(["workers": ["min": 2, "max": 2], "env": marker])
        bench.pass(.seconds(100))
        let second = bench.create(["workers": ["min": 1, "max": 1], "env": marker])
        #expect(bench.world.billableEndpoints(ownedBy: "c/ns/uid").count == 2)
        #expect(bench.world.billableEndpoints(ownedBy: "c/ns/uid", atLeast: .bills).count == 1)
        bench.pass(.seconds(20))
        _ = bench.call("DELETE", "/v2/serverless/\(second)")
        bench.pass(.seconds(100))
        let now = bench.world.now
        #expect(bench.world.ledger.doubledTime(of: "c/ns/uid", until: now) == .seconds(12))
        let then = Bench.start + .seconds(110)
        #expect(bench.world.ledger.endpoints(of: .owner("c/ns/uid"), billingAt: then).count == 2)
        #expect(bench.world.ledger.endpoints(of: .owner("c/ns/uid"), billingAt: now).count == 1)
    }
}
