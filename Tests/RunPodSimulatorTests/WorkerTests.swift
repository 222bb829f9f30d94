import RunPodSimulator
import Testing

@Suite("Workers and their bill") struct WorkerTests {
    /// 8 s of pull, 3 s of load: what `Settings` begins with.
    private static let coldStart = Duration.seconds(11)

    @Test("min workers come up and stay, billed from the start of the container")
    func minWorkers() {
        var bench = Bench()
        let id = bench.create(["workers": ["min": 2, "max": 3], "env": ["MARTLET_OWNER": "c/ns/uid"]])
        #expect(bench.workers(id) == ["INITIALIZING", "INITIALIZING"])
        #expect(bench.world[id]?.billing == .mayBill)
        bench.pass(.seconds(8))
        #expect(bench.world[id]?.billing == .bills)
        bench.pass(.seconds(3))
        #expect(bench.workers(id) == ["IDLE", "IDLE"])
        bench.pass(.hours(1))
        #expect(bench.workers(id) == ["IDLE", "IDLE"])
        let now = bench.world.now
        #expect(bench.world.ledger.seconds(of: .owner("c/ns/uid"), until: now) == 2 * 3603)
        #expect(bench.world.ledger.seconds(of: .endpoint(id), until: now) == 2 * 3603)
        #expect(bench.world.billableEndpoints(ownedBy: "c/ns/uid") == [id])
        #expect(bench.world.billableEndpoints(ownedBy: "c/ns/other") == [])
    }

    @Test("a started second is billed whole")
    func roundedUp() {
        var bench = Bench()
        let id = bench.create(["workers": ["min": 1, "max": 1]])
        bench.pass(.milliseconds(8001))
        #expect(bench.world.ledger.seconds(of: .endpoint(id), until: bench.world.now) == 1)
        bench.pass(.milliseconds(1000))
        #expect(bench.world.ledger.seconds(of: .endpoint(id), until: bench.world.now) == 2)
    }

    @Test("a lowered min lets idle workers go when their timeout is over")
    func minFalls() {
        var bench = Bench()
        let id = bench.create(["workers": ["min": 1, "max": 1, "idleTimeout": 30]])
        bench.pass(Self.coldStart + .seconds(10))
        #expect(bench.patch(id, ["workers": ["min": 0, "max": 1]]) == 200)
        #expect(bench.workers(id) == ["IDLE"])
        bench.pass(.seconds(19))
        #expect(bench.workers(id) == ["IDLE"])
        bench.pass(.seconds(1))
        #expect(bench.workers(id) == [])
        #expect(bench.world.ledger.seconds(of: .everything, until: bench.world.now) == 33)
        #expect(bench.world[id]?.billing == .dormant)
    }

    @Test("a switch begins the idle timeout anew when min falls")
    func idleTimeoutSwitch() {
        var settings = Bench.quiet
        settings.restartsIdleTimeoutWhenMinFalls = true
        var bench = Bench(settings)
        let id = bench.create(["workers": ["min": 1, "max": 1, "idleTimeout": 30]])
        bench.pass(.hours(1))
        #expect(bench.patch(id, ["workers": ["min": 0, "max": 1]]) == 200)
        bench.pass(.seconds(29))
        #expect(bench.workers(id) == ["IDLE"])
        bench.pass(.seconds(1))
        #expect(bench.workers(id) == [])
    }

    @Test("max 0 ends idle workers at once, and nothing starts any more")
    func disable() {
        var bench = Bench()
        let id = bench.create(["workers": ["min": 2, "max": 2]])
        bench.pass(Self.coldStart)
        #expect(bench.patch(id, ["workers": ["min": 0, "max": 0]]) == 200)
        #expect(bench.workers(id) == [])
        #expect(bench.call("POST", "/v2/\(id)/run", ["input": ["a": 1]], on: .jobs).status == 200)
        bench.pass(.hours(1))
        #expect(bench.workers(id) == [])
        #expect(bench.world[id]?.billing == .dormant)
    }

    @Test("without capacity a worker is throttled, costs nothing, and starts when a host is free")
    func throttled() {
        var bench = Bench()
        bench.world.settings.capacity.closed = [.init(pool: "ADA_24")]
        let id = bench.create(["workers": ["min": 1, "max": 1]])
        bench.pass(.hours(5))
        #expect(bench.workers(id) == ["THROTTLED"])
        #expect(bench.world.ledger.entries.isEmpty)
        #expect(bench.world[id]?.billing == .mayBill)
        bench.world.settings.capacity.closed = []
        bench.pass(Self.coldStart)
        #expect(bench.workers(id) == ["IDLE"])
    }

    @Test("pools are tried in the caller's order, within what the hosts have")
    func pools() {
        var bench = Bench()
        bench.world.settings.capacity.limits = ["ADA_24": 1]
        let id = bench.create(["gpu": ["pools": ["ADA_24", "AMPERE_24"]], "workers": ["min": 2, "max": 2]])
        bench.pass(Self.coldStart)
        #expect(bench.world[id]?.workers.values.compactMap(\.placement?.pool) == ["ADA_24", "AMPERE_24"])
        let other = bench.create(["workers": ["min": 1, "max": 1]])
        bench.pass(Self.coldStart)
        #expect(bench.workers(other) == ["THROTTLED"])
        #expect(bench.call("DELETE", "/v2/serverless/\(id)").status == 204)
        bench.pass(Self.coldStart)
        #expect(bench.workers(other) == ["IDLE"])
    }

    @Test("an image that crashes makes unhealthy workers, billed only while the container ran")
    func crashLoop() {
        var bench = Bench()
        var crashing = RunPodWorld.ImageBehaviour()
        crashing.crashes = true
        bench.world.settings.images = [("acme/llm", crashing)]
        let id = bench.create(["workers": ["min": 1, "max": 1]])
        bench.pass(Self.coldStart)
        #expect(bench.workers(id) == ["UNHEALTHY"])
        bench.pass(.seconds(59))
        #expect(bench.world.ledger.seconds(of: .everything, until: bench.world.now) == 3)
        bench.pass(.seconds(4))
        #expect(bench.workers(id) == ["UNHEALTHY"])
        #expect(bench.world.ledger.seconds(of: .everything, until: bench.world.now) == 6)
        bench.world.settings.images = []
        bench.pass(.minutes(3))
        #expect(bench.workers(id) == ["IDLE"])
    }

    @Test("a release replaces idle workers, numbers itself and says what changed")
    func release() {
        var bench = Bench()
        let id = bench.create(["workers": ["min": 1, "max": 1]])
        bench.pass(Self.coldStart)
        #expect(bench.patch(id, ["workers": ["min": 1, "max": 1], "timeout": 5000]) == 200)
        #expect(bench.call("GET", "/v2/serverless/\(id)/releases").json["endpointVersion"] == 1)
        #expect(bench.patch(id, ["image": "acme/llm:2"]) == 200)
        #expect(bench.workers(id) == ["INITIALIZING"])
        let releases = bench.call("GET", "/v2/serverless/\(id)/releases").json
        #expect(releases["endpointVersion"] == 2)
        let diff: WireJSON = [["field": "image", "old": "acme/llm:1", "new": "acme/llm:2"]]
        #expect(releases["releases"]?.array?.first?["diff"] == diff)
    }

    @Test("FlashBoot revives without a pull")
    func flashBoot() {
        var bench = Bench()
        let id = bench.create(["workers": ["min": 1, "max": 1], "flashboot": "FLASHBOOT"])
        bench.pass(.minutes(5))
        #expect(bench.patch(id, ["workers": ["min": 0, "max": 0]]) == 200)
        bench.pass(.minutes(5))
        #expect(bench.patch(id, ["workers": ["min": 1, "max": 1]]) == 200)
        bench.pass(.seconds(1))
        #expect(bench.workers(id) == ["IDLE"])
    }

    @Test("deleting ends workers and their bill at once")
    func deletion() {
        var bench = Bench()
        let id = bench.create(["workers": ["min": 2, "max": 2]])
        bench.pass(.seconds(108))
        #expect(bench.call("DELETE", "/v2/serverless/\(id)").status == 204)
        bench.pass(.days(30))
        #expect(bench.world.ledger.seconds(of: .everything, until: bench.world.now) == 200)
        #expect(bench.world.nextEvent == nil)
    }

    @Test("after three idle days max is lowered to 2, after seven to 0, and stays there")
    func idleClock() {
        var bench = Bench()
        let id = bench.create(["workers": ["min": 3, "max": 7]])
        bench.pass(.days(3))
        #expect(bench.world[id]?.configuration.workers.max == 2)
        #expect(bench.workers(id) == ["IDLE", "IDLE"])
        bench.pass(.days(4))
        #expect(bench.world[id]?.configuration.workers.max == 0)
        #expect(bench.call("POST", "/v2/\(id)/run", ["input": ["a": 1]], on: .jobs).status == 200)
        bench.pass(.hours(1))
        #expect(bench.world[id]?.configuration.workers.max == 0)
        #expect(bench.patch(id, ["workers": ["min": 0, "max": 7]]) == 200)
        bench.pass(.days(2))
        #expect(bench.world[id]?.configuration.workers.max == 7)
        bench.pass(.days(1))
        #expect(bench.world[id]?.configuration.workers.max == 2)
        #expect(bench.patch(id, ["workers": ["min": 0, "max": 7]]) == 200)
        bench.pass(.days(3))
        #expect(bench.world[id]?.configuration.workers.max == 2, "the three days count anew from each change")
    }

    @Test("a request turns the idle clock back, reading does not")
    func idleClockReset() {
        var bench = Bench()
        let id = bench.create(["workers": ["min": 0, "max": 7]])
        bench.pass(.days(2))
        #expect(bench.call("POST", "/v2/\(id)/run", ["input": ["a": 1]], on: .jobs).status == 200)
        bench.pass(.days(2))
        #expect(bench.call("GET", "/v2/\(id)/health", on: .jobs).status == 200)
        #expect(bench.world[id]?.configuration.workers.max == 7)
        bench.pass(.days(1))
        #expect(bench.world[id]?.configuration.workers.max == 2)
        #expect(bench.patch(id, ["workers": ["min": 0, "max": 7]]) == 200)
        bench.pass(.days(3))
        #expect(bench.world[id]?.configuration.workers.max == 2, "the three days count anew from each change")
    }
}
