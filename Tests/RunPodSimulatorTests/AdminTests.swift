import HTTPTransport
import RunPodSimulator
import Testing

@Suite("The laboratory's own paths") struct AdminTests {
    private var bench = Bench()

    private mutating func lab(_ method: String, _ target: String, _ body: WireJSON? = nil) -> (Int, WireJSON) {
        let response = bench.world.administer(method, target, body: body?.bytes ?? [], at: bench.world.now)
        return (response.status, response.json ?? .null)
    }

    @Test("the ledger is told in total, by endpoint, by owner and by worker")
    mutating func ledger() {
        let id = bench.create([
            "workers": ["min": 1, "max": 1], "env": ["MARTLET_OWNER": "c/ns/uid"],
            "gpu": ["pools": ["ADA_24"], "count": 2],
        ])
        #expect(lab("POST", "/_lab/advance", ["seconds": 108]).0 == 200)
        let ledger = lab("GET", "/_lab/ledger").1
        #expect(ledger["total"]?["seconds"] == 100 && ledger["total"]?["gpuSeconds"] == 200)
        #expect(ledger["byEndpoint"]?[id.text]?["seconds"] == 100)
        #expect(ledger["byOwner"]?["c/ns/uid"]?["dollars"]?.number == 100 * 0.00031 * 2)
        #expect(ledger["entries"]?.array?.first?["pool"] == "ADA_24")
        let endpoint = lab("GET", "/_lab/endpoints").1["endpoints"]?.array?.first
        #expect(endpoint?["billing"] == "bills" && endpoint?["owner"] == "c/ns/uid")
    }

    @Test("a fault in JSON does what the same fault in Swift does")
    mutating func faults() {
        let fault: WireJSON = [
            "match": ["operation": "createEndpoint"], "commit": ["afterSeconds": 5], "answer": "silence",
        ]
        #expect(lab("POST", "/_lab/faults", fault).0 == 201)
        #expect(bench.ask("POST", "/v2/serverless", Bench.draft()) == .lost(.silence))
        bench.pass(.seconds(5))
        #expect(bench.listed() == ["llm"])
        let other = lab("POST", "/_lab/faults", ["always": true, "answer": ["status": 503, "detail": "no"]]).1
        #expect(bench.call("GET", "/v2/serverless").status == 503)
        #expect(lab("DELETE", "/_lab/faults/\(other["id"]?.integer ?? 0)").0 == 200)
        #expect(bench.call("GET", "/v2/serverless").status == 200)
    }

    @Test(
        "what is no fault, no setting and no path is refused",
        arguments: [
            ("POST", "/_lab/faults", ["match": ["operation": "dance"]], 400),
            ("POST", "/_lab/faults", ["answer": "maybe"], 400), ("POST", "/_lab/faults", ["mode": "F99"], 400),
            ("POST", "/_lab/faults", ["match": ["color": "blue"]], 400),
            ("PATCH", "/_lab/settings", ["color": "blue"], 400), ("PATCH", "/_lab/settings", ["pull": "fast"], 400),
            ("POST", "/_lab/advance", ["seconds": -1], 400), ("GET", "/_lab/nothing", [:], 404),
        ] as [(String, String, WireJSON, Int)])
    mutating func refused(method: String, target: String, body: WireJSON, status: Int) {
        #expect(lab(method, target, body).0 == status)
    }

    @Test("settings, accounts, keys and templates can be changed while it runs")
    mutating func orders() {
        #expect(lab("PATCH", "/_lab/settings", ["pull": 1, "load": [1, 1], "refusedPools": ["ADA_24"]]).0 == 200)
        #expect(bench.call("POST", "/v2/serverless", Bench.draft()).status == 400)
        #expect(lab("PATCH", "/_lab/settings", ["refusedPools": [], "hostsDown": ["jobs"]]).0 == 200)
        let id = bench.create(["workers": ["min": 1, "max": 1]])
        bench.pass(.seconds(2))
        #expect(bench.workers(id) == ["IDLE"])
        #expect(bench.ask("GET", "/v2/\(id)/health", on: .jobs) == .refused)
        #expect(lab("POST", "/_lab/accounts", ["quota": 1, "balance": 0]).0 == 200)
        #expect(bench.call("POST", "/v2/serverless", Bench.draft()).status == 402)
        #expect(lab("POST", "/_lab/keys", ["key": "new", "replaces": .string(Bench.key)]).0 == 200)
        #expect(bench.call("GET", "/v2/serverless").status == 401)
        #expect(lab("POST", "/_lab/templates", ["id": "t1", "image": "acme/t:1"]).0 == 200)
        #expect(bench.call("GET", "/v2/templates", key: "new").json["templates"]?.array?.count == 1)
        let call = lab("GET", "/_lab/calls").1["calls"]?.array?.last
        #expect(call?["milliseconds"] == .integer(bench.world.now.milliseconds))
    }

    @Test("an account's calls a minute can be changed while it runs; the minute begins anew")
    mutating func rate() {
        #expect(lab("POST", "/_lab/accounts", ["rateMinute": 0]).0 == 400)
        #expect(lab("POST", "/_lab/accounts", ["rateMinute": 2]).0 == 200)
        #expect((1...3).map { _ in bench.call("GET", "/v2/serverless").status } == [200, 200, 429])
        bench.pass(.minutes(1))
        #expect(bench.call("GET", "/v2/serverless").status == 200)
    }

    @Test("every failure mode can be made to happen", arguments: RunPodWorld.FailureMode.allCases)
    mutating func modes(mode: RunPodWorld.FailureMode) {
        _ = bench.create(["workers": ["min": 1, "max": 1]])
        bench.pass(.minutes(1))
        #expect(lab("POST", "/_lab/faults", ["mode": .string(mode.rawValue)]).0 == 201)
        bench.pass(.minutes(1))
        _ = bench.ask("POST", "/v2/serverless", Bench.draft())
        #expect(lab("GET", "/_lab").0 == 200)
    }

    @Test("a long holiday leaves max at 0, an exhausted quota refuses more, a vanished template is 404")
    mutating func sampleModes() {
        let id = bench.create(["workers": ["min": 1, "max": 2]])
        bench.world.inject(.quotaExhausted)
        #expect(bench.call("POST", "/v2/serverless", Bench.draft()).status == 400)
        bench.world.inject(.idleScaleDown)
        #expect(bench.world[id]?.configuration.workers.max == 0)
        bench.world.addTemplate("t", to: "acme", container: .init())
        bench.world.inject(.templatesGone)
        #expect(bench.call("POST", "/v2/serverless", Bench.draft(["image": nil, "templateId": "t"])).status == 404)
        bench.world.inject(.gone)
        #expect(bench.call("GET", "/v2/serverless").status == 410)
    }
}
