import HTTPTransport
import RunPodSimulator
import Testing

@Suite("Keys, accounts and limits") struct KeyTests {
    @Test("401 comes before everything, even before an unknown path", arguments: ["/v2/serverless", "/v2/nowhere"])
    func unauthorized(path: String) {
        var bench = Bench()
        #expect(bench.call("GET", path, key: nil).status == 401)
        #expect(bench.call("POST", path, ["x": 1], key: "wrong").status == 401)
    }

    @Test("a read-only key reads and is refused writes")
    func readOnly() {
        var bench = Bench()
        bench.world.addKey("reader", to: "acme", right: .readOnly)
        #expect(bench.call("GET", "/v2/serverless", key: "reader").status == 200)
        #expect(bench.call("POST", "/v2/serverless", Bench.draft(), key: "reader").status == 403)
        #expect(bench.world.endpoints.isEmpty)
    }

    @Test("a rotated key ends when the new one begins, and shows the same account")
    func rotation() {
        var bench = Bench()
        _ = bench.create()
        bench.world.rotateKey(Bench.key, to: "new", at: bench.world.now + .seconds(60))
        #expect(bench.call("GET", "/v2/serverless", key: "new").status == 401)
        #expect(bench.call("GET", "/v2/serverless").status == 200)
        bench.pass(.seconds(60))
        #expect(bench.call("GET", "/v2/serverless").status == 401)
        let seen = bench.call("GET", "/v2/serverless", key: "new")
        #expect(seen.json["endpoints"]?.array?.count == 1)
        bench.world.revokeKey("new")
        #expect(bench.call("GET", "/v2/serverless", key: "new").status == 401)
    }

    @Test("another account's endpoint is not found, and does not count for the quota")
    func accounts() {
        var bench = Bench(quota: 3)
        bench.world.addAccount("other", key: "other-key")
        let id = bench.create()
        #expect(bench.call("GET", "/v2/serverless/\(id)", key: "other-key").status == 404)
        #expect(bench.call("DELETE", "/v2/serverless/\(id)", key: "other-key").status == 404)
        #expect(bench.call("GET", "/v2/serverless", key: "other-key").json["endpoints"] == [])
        #expect(bench.call("POST", "/v2/serverless", Bench.draft(), key: "other-key").status == 201)
    }

    @Test("unknown paths are 404, wrong verbs 405 with the right ones, unknown query parameters nothing")
    func paths() {
        var bench = Bench()
        #expect(bench.call("GET", "/v2/networkvolumes").status == 404)
        #expect(bench.call("GET", "/v1/endpoints").status == 404)
        let put = bench.call("PUT", "/v2/serverless")
        #expect(put.status == 405 && put.headers["Allow"] == "GET, POST")
        #expect(bench.call("GET", "/v2/serverless?color=blue").status == 200)
    }

    @Test("each host answers for the other's paths with 404 in its own shape")
    func wrongHost() {
        var bench = Bench()
        let id = bench.create()
        #expect(bench.call("GET", "/v2/\(id)/health").json["title"] == "Not Found")
        #expect(bench.call("GET", "/v2/serverless", on: .jobs).json == ["error": "not found"])
        #expect(bench.call("GET", "/v2/\(id)/health", on: .jobs).status == 200)
    }

    @Test("windows are counted by account, shown in headers, and 429 says when to come back")
    func rateLimit() {
        var settings = RunPodWorld.Settings()
        settings.rateQuotas = [
            RateQuota("minute", requests: 2, span: .seconds(60)), RateQuota("hour", requests: 3, span: .seconds(3600)),
        ]
        var bench = Bench(settings)
        bench.world.addKey("second", to: "acme")
        let first = bench.call("GET", "/v2/serverless")
        #expect(first.headers["RateLimit"] == "\"minute\";r=1;t=60, \"hour\";r=2;t=3600")
        #expect(first.headers["RateLimit-Policy"] == "\"minute\";q=2;w=60, \"hour\";q=3;w=3600")
        #expect(bench.call("GET", "/v2/serverless", key: "second").status == 200)
        bench.pass(.seconds(18))
        let refused = bench.call("POST", "/v2/serverless", Bench.draft())
        #expect(refused.status == 429 && refused.headers["Retry-After"] == "42")
        #expect(refused.json["detail"] == "rate limit exceeded for the minute window")
        #expect(bench.world.endpoints.isEmpty)
        #expect(bench.call("GET", "/v2/serverless", key: nil).headers["RateLimit"] == nil)
        bench.pass(.seconds(42))
        #expect(bench.call("GET", "/v2/serverless").status == 200)
        #expect(bench.call("GET", "/v2/serverless").headers["Retry-After"] == "3540")
    }
}
