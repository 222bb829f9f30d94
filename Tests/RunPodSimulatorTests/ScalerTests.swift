import RunPodSimulator
import Testing

@Suite("Scaler") struct ScalerTests {
    private func submit(_ count: Int, to id: RunPodWorld.EndpointID, _ bench: inout Bench, seconds: Int64 = 100) {
        for _ in 0..<count {
            let body: WireJSON = ["input": ["lab": ["seconds": .integer(seconds)]]]
            _ = bench.call("POST", "/v2/\(id)/run", body, on: .jobs)
        }
    }

    @Test("by request count, as many workers as jobs by the value, rounded up, within max")
    func requestCount() {
        var bench = Bench()
        let id = bench.create([
            "scaling": ["type": "REQUEST_COUNT", "requestCount": 2], "workers": ["min": 0, "max": 3],
        ])
        submit(3, to: id, &bench)
        #expect(bench.workers(id).count == 2)
        submit(9, to: id, &bench)
        #expect(bench.workers(id).count == 3)
        bench.world.settings.extraWorkers = 2
        #expect(bench.patch(id, ["workers": ["min": 0, "max": 10]]) == 200)
        #expect(bench.workers(id).count == 8)
    }

    @Test("by queue delay, a worker comes for a job that waited longer than the value")
    func queueDelay() {
        var bench = Bench()
        let id = bench.create(["workers": ["min": 1, "max": 3]])
        bench.pass(.seconds(11))
        submit(2, to: id, &bench)
        bench.pass(.milliseconds(3999))
        #expect(bench.workers(id).count == 1)
        bench.pass(.milliseconds(1))
        #expect(bench.workers(id).count == 2)
        bench.pass(.minutes(1))
        #expect(bench.workers(id) == ["RUNNING", "RUNNING"])
    }

    @Test("flexible workers go when they were idle for the timeout, and only down to min")
    func scaleDown() {
        var bench = Bench()
        let id = bench.create(["workers": ["min": 1, "max": 3, "idleTimeout": 20]])
        submit(3, to: id, &bench, seconds: 60)
        bench.pass(.seconds(76))
        #expect(bench.workers(id) == ["IDLE", "IDLE", "RUNNING"] || bench.workers(id) == ["IDLE", "IDLE", "IDLE"])
        bench.pass(.minutes(2))
        #expect(bench.workers(id) == ["IDLE"])
    }

    @Test("max lowered under running workers lets them finish, and starts none")
    func lowered() {
        var bench = Bench()
        let id = bench.create(["workers": ["min": 2, "max": 2]])
        bench.pass(.seconds(11))
        submit(3, to: id, &bench, seconds: 10)
        #expect(bench.patch(id, ["workers": ["min": 0, "max": 0]]) == 200)
        #expect(bench.workers(id) == ["RUNNING", "RUNNING"])
        bench.pass(.seconds(10))
        #expect(bench.workers(id) == [])
        let health = bench.call("GET", "/v2/\(id)/health", on: .jobs).json["jobs"]
        #expect(health?["completed"] == 2 && health?["inQueue"] == 1)
    }

    @Test("a job of low priority does not bring a worker")
    func lowPriority() {
        var bench = Bench()
        let id = bench.create()
        let body: WireJSON = ["input": ["a": 1], "policy": ["lowPriority": true]]
        _ = bench.call("POST", "/v2/\(id)/run", body, on: .jobs)
        bench.pass(.hours(1))
        #expect(bench.workers(id) == [])
        #expect(bench.world.ledger.entries.isEmpty)
    }

    @Test("a crash-looping image never fails a job, it waits")
    func crashLoop() {
        var bench = Bench()
        bench.world.settings.image.crashes = true
        let id = bench.create()
        submit(1, to: id, &bench)
        bench.pass(.hours(20))
        let health = bench.call("GET", "/v2/\(id)/health", on: .jobs).json
        #expect(health["jobs"]?["inQueue"] == 1 && health["jobs"]?["failed"] == 0)
        #expect(health["workers"]?["unhealthy"] == 1)
    }

    @Test("a lost worker takes its job back into the queue, once")
    func lostWorker() {
        var bench = Bench()
        let id = bench.create(["workers": ["min": 1, "max": 1]])
        bench.pass(.seconds(11))
        submit(1, to: id, &bench)
        for expected in ["IN_QUEUE", "FAILED"] {
            bench.pass(.seconds(20))
            bench.world.loseWorker(bench.world[id]?.workers.keys.first ?? "none", of: id)
            #expect(bench.world[id]?.jobs.values.first?.status == expected)
        }
    }

    @Test("a release lets running workers of the old version finish")
    func release() {
        var bench = Bench()
        let id = bench.create(["workers": ["min": 1, "max": 1]])
        bench.pass(.seconds(11))
        submit(1, to: id, &bench, seconds: 30)
        #expect(bench.patch(id, ["env": ["A": "2"]]) == 200)
        let list = bench.call("GET", "/v2/serverless/\(id)/workers").json
        #expect(list["workers"]?.array?.first?["isStale"] == true && list["endpointVersion"] == 2)
        let rollout = bench.call("GET", "/v2/serverless/\(id)/releases").json["rollout"]
        #expect(rollout?["inProgress"] == true && rollout?["percentOnLatest"] == 0)
        bench.pass(.seconds(30))
        #expect(bench.workers(id) == ["INITIALIZING"])
        bench.pass(.seconds(11))
        #expect(bench.world[id]?.workers.values.map(\.version) == [2])
    }
}

@Suite("Numbers at the edge") struct ExtremeNumberTests {
    @Test(
        "a value that the specification allows never crashes the scaler",
        arguments: [
            ["scaling": ["type": "REQUEST_COUNT", "requestCount": 9_223_372_036_854_775_807]],
            ["scaling": ["type": "QUEUE_DELAY", "queueDelay": 1e300]], ["timeout": 9_223_372_036_854_775_807],
            ["timeout": -9_223_372_036_854_775_807], ["disk": 9_223_372_036_854_775_807],
        ] as [[String: WireJSON]])
    func extremes(changes: [String: WireJSON]) {
        var bench = Bench()
        let id = bench.create(changes)
        #expect(bench.call("POST", "/v2/\(id)/run", ["input": ["a": 1]], on: .jobs).status == 200)
        bench.pass(.days(10))
        #expect(bench.call("GET", "/v2/serverless/\(id)").status == 200)
    }
}
