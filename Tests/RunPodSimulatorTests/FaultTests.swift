import HTTPTransport
import RunPodSimulator
import Testing

@Suite("Faults") struct FaultTests {
    @Test("an answer lost after the commit leaves the endpoint there, lost before it leaves nothing")
    func lostAnswers() {
        var bench = Bench()
        bench.world.inject(.init(.create, answer: .lost(.reset)))
        #expect(bench.ask("POST", "/v2/serverless", Bench.draft()) == .lost(.reset))
        #expect(bench.listed() == ["llm"])
        bench.world.inject(.init(.create, commit: .never, answer: .lost(.silence)))
        #expect(bench.ask("POST", "/v2/serverless", Bench.draft()) == .lost(.silence))
        #expect(bench.listed() == ["llm"])
        #expect(bench.call("POST", "/v2/serverless", Bench.draft()).status == 201)
    }

    @Test("an error after the commit hides it, before the commit prevents it")
    func errors() {
        var bench = Bench()
        bench.world.inject(.init(.create, answer: .problem(status: 504, detail: "upstream timed out")))
        #expect(bench.call("POST", "/v2/serverless", Bench.draft()).status == 504)
        #expect(bench.listed() == ["llm"])
        bench.world.inject(.init(.delete, commit: .never, answer: .problem(status: 500, detail: "oops"), times: nil))
        let id = bench.world.endpoints[0].id
        for _ in 0..<3 { #expect(bench.call("DELETE", "/v2/serverless/\(id)").status == 500) }
        bench.world.removeAllFaults()
        bench.world.inject(.init(.delete, answer: .problem(status: 500, detail: "oops")))
        #expect(bench.call("DELETE", "/v2/serverless/\(id)").status == 500)
        #expect(bench.call("GET", "/v2/serverless/\(id)").status == 404)
    }

    @Test("a delayed commit creates the endpoint after its caller gave up")
    func delayedCommit() {
        var bench = Bench()
        bench.world.inject(.init(.create, commit: .after(.seconds(90)), answer: .lost(.silence)))
        #expect(bench.ask("POST", "/v2/serverless", Bench.draft()) == .lost(.silence))
        bench.pass(.seconds(89))
        #expect(bench.listed() == [])
        bench.pass(.seconds(1))
        #expect(bench.listed() == ["llm"])
    }

    @Test("lists and reads lag behind creates, updates and deletes for as long as told")
    func staleViews() {
        var bench = Bench()
        bench.world.settings.lag.listAfterCreate = .seconds(30)
        bench.world.settings.lag.readAfterCreate = .seconds(10)
        bench.world.settings.lag.listAfterUpdate = .seconds(20)
        bench.world.settings.lag.listAfterDelete = .seconds(60)
        let id = bench.create()
        #expect(bench.listed() == [])
        #expect(bench.call("GET", "/v2/serverless/\(id)").status == 404)
        bench.pass(.seconds(10))
        #expect(bench.call("GET", "/v2/serverless/\(id)").status == 200)
        bench.pass(.seconds(20))
        #expect(bench.patch(id, ["name": "new"]) == 200)
        #expect(bench.listed() == ["llm"])
        bench.pass(.seconds(20))
        #expect(bench.listed() == ["new"])
        #expect(bench.call("DELETE", "/v2/serverless/\(id)").status == 204)
        #expect(bench.call("GET", "/v2/serverless/\(id)").status == 404)
        bench.pass(.seconds(59))
        #expect(bench.listed() == ["new"])
        bench.pass(.seconds(1))
        #expect(bench.listed() == [])
    }

    @Test("a fault waits for its requests, its turn and its time")
    func matching() {
        var bench = Bench()
        let id = bench.create()
        let now = bench.world.now
        bench.world.inject(.init(.read, answer: .problem(status: 500, detail: "x"), skip: 1))
        #expect(bench.call("GET", "/v2/serverless").status == 200)
        #expect(bench.call("GET", "/v2/serverless/\(id)").status == 200)
        #expect(bench.call("GET", "/v2/serverless/\(id)").status == 500)
        #expect(bench.call("GET", "/v2/serverless/\(id)").status == 200)
        bench.world.inject(
            .init(
                .control, commit: .never, answer: .problem(status: 403, detail: "x"), times: nil,
                from: now + .seconds(10), until: now + .seconds(20)))
        #expect(bench.call("GET", "/v2/serverless").status == 200)
        bench.pass(.seconds(10))
        #expect(bench.call("GET", "/v2/serverless").status == 403)
        bench.pass(.seconds(10))
        #expect(bench.call("GET", "/v2/serverless").status == 200)
        #expect(bench.world.armedFaults.isEmpty)
        let fault = bench.world.inject(
            .init(.init(.createEndpoint, bodyPart: "\"poison\""), commit: .never, answer: .refused, times: nil))
        #expect(bench.ask("POST", "/v2/serverless", Bench.draft(["name": "poison"])) == .refused)
        #expect(bench.call("POST", "/v2/serverless", Bench.draft()).status == 201)
        bench.world.remove(fault)
        #expect(bench.call("POST", "/v2/serverless", Bench.draft(["name": "poison"])).status == 201)
    }

    @Test("a forced 429 says when to come back")
    func forcedRateLimit() {
        var bench = Bench()
        bench.world.inject(
            .init(.control, commit: .never, answer: .problem(status: 429, detail: "slow down", retryAfter: 17)))
        let answer = bench.call("GET", "/v2/serverless")
        #expect(answer.status == 429 && answer.headers["Retry-After"] == "17")
    }

    @Test("a non-sparse update puts what it does not name back to defaults")
    func nonSparse() {
        var bench = Bench()
        let id = bench.create(["workers": ["min": 1, "max": 7, "idleTimeout": 42]])
        bench.world.inject(.init(.update, commit: .nonSparse))
        #expect(bench.patch(id, ["name": "new"]) == 200)
        let bounds = bench.call("GET", "/v2/serverless/\(id)").json["workers"]
        #expect(bounds == ["min": 0, "max": 3, "idleTimeout": 10])
    }

    @Test("pages follow an opaque cursor, and the second one can fail")
    func pages() {
        var bench = Bench()
        bench.world.settings.pageSize = 2
        for name in ["a", "b", "c"] { _ = bench.create(["name": .string(name)]) }
        let first = bench.call("GET", "/v2/serverless").json
        #expect(first["endpoints"]?.array?.count == 2)
        let cursor = first["nextCursor"]?.string ?? ""
        #expect(bench.call("GET", "/v2/serverless?cursor=\(cursor)").json["nextCursor"] == .null)
        bench.world.inject(
            .init(
                .init(.listEndpoints, isFollowUpPage: true), commit: .never, answer: .problem(status: 500, detail: "x"))
        )
        #expect(bench.call("GET", "/v2/serverless").status == 200)
        #expect(bench.call("GET", "/v2/serverless?cursor=\(cursor)").status == 500)
    }

    @Test("each host can be away while the other one answers")
    func hostsDown() {
        var bench = Bench()
        let id = bench.create()
        bench.world.settings.hostsDown = [.jobs]
        #expect(bench.ask("GET", "/v2/\(id)/health", on: .jobs) == .refused)
        #expect(bench.call("GET", "/v2/serverless").status == 200)
        bench.world.settings.hostsDown = [.control]
        #expect(bench.call("GET", "/v2/\(id)/health", on: .jobs).status == 200)
        #expect(bench.ask("GET", "/v2/serverless") == .refused)
    }

    @Test("names of FlashBoot endpoints are decorated in lists")
    func decoratedNames() {
        var bench = Bench()
        bench.world.settings.listedNameSuffix = " -fb"
        _ = bench.create(["flashboot": "FLASHBOOT"])
        _ = bench.create()
        #expect(bench.listed() == ["llm -fb", "llm"])
    }

    @Test("calls are remembered without keys and bodies")
    func calls() {
        var bench = Bench()
        let id = bench.create()
        bench.world.inject(.init(.delete, answer: .lost(.reset)))
        _ = bench.ask("DELETE", "/v2/serverless/\(id)")
        #expect(bench.world.calls.map(\.operation) == [.createEndpoint, .deleteEndpoint])
        #expect(bench.world.calls.map(\.status) == [201, nil])
        #expect(bench.world.calls.map(\.isFaulty) == [false, true])
        #expect(bench.world.calls.last?.endpoint == id)
        #expect(!"\(bench.world.calls)".contains(Bench.key))
    }
}

@Suite("JSON of the simulator") struct WireJSONTests {
    @Test(
        "what is written is read back",
        arguments: [
            "plain", "quote \" and \\ back", "line\nend\u{1}", "\u{1F600} Umlaut ü", "",
        ])
    func roundTrip(text: String) {
        let value: WireJSON = [.string(text), ["k": .string(text), "n": 1.5, "i": -3, "b": true, "z": nil], [], [:]]
        #expect(WireJSON(parsing: value.bytes) == value)
    }

    @Test("escapes are understood", arguments: [(#""a\u00fc\n\/""#, "aü\n/"), (#""\ud83d\ude00""#, "😀")])
    func escapes(json: String, text: String) {
        #expect(WireJSON(parsing: json) == .string(text))
    }

    @Test(
        "what is no JSON is refused",
        arguments: [
            "", "{", "[1,]", "{\"a\"}", "\"open", "01x", "+1", "1e999", "tru", "{} x", #""\ud83d""#, "\"\u{1}\"",
            String(repeating: "[", count: 200) + String(repeating: "]", count: 200),
        ])
    func refused(text: String) {
        #expect(WireJSON(parsing: text) == nil)
    }
}
