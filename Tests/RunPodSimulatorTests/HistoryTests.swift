import HTTPTransport
import RunPodSimulator
import Testing

@Suite("Histories") struct HistoryTests {
    /// Draws from what callers do and what goes wrong, and checks what must hold at every step.
    private struct Walk {
        var random: SeededRandom
        var bench: Bench
        /// Billed worker-milliseconds, counted by looking at the workers after every event: another way than the ledger's.
        var looked = 0

        init(seed: UInt64) {
            random = SeededRandom(seed: seed)
            var settings = Bench.quiet
            settings.image.pull = DurationSpan(.seconds(1), .seconds(90))
            settings.image.load = DurationSpan(.seconds(1), .seconds(30))
            settings.image.job.execution = DurationSpan(.seconds(1), .seconds(200))
            settings.capacity.limits = ["ADA_24": 6]
            bench = Bench(seed: seed, quota: 12, settings)
        }

        private mutating func pick<Element>(_ elements: [Element]) -> Element? {
            elements.isEmpty ? nil : elements[Int(random.next() % UInt64(elements.count))]
        }

        mutating func step() {
            let some = pick(bench.world.endpoints.map(\.id)) ?? "none"
            let number = WireJSON.integer(Int64(random.next() % 4))
            switch random.next() % 12 {
            case 0: _ = bench.ask("POST", "/v2/serverless", Bench.draft(["workers": ["max": 4, "min": number]]))
            case 1:
                let scaling: WireJSON = ["type": "REQUEST_COUNT", "requestCount": 2]
                _ = bench.ask("POST", "/v2/serverless", Bench.draft(["scaling": scaling, "flashboot": "FLASHBOOT"]))
            case 2: _ = bench.ask("PATCH", "/v2/serverless/\(some)", ["workers": ["min": 0, "max": number]])
            case 3: _ = bench.ask("PATCH", "/v2/serverless/\(some)", ["workers": ["min": number, "max": 4]])
            case 4: _ = bench.ask("PATCH", "/v2/serverless/\(some)", ["env": ["A": number == 0 ? "0" : "1"]])
            case 5: if number == 0 { _ = bench.ask("DELETE", "/v2/serverless/\(some)") }
            case 6:
                if let worker = pick(bench.world[some]?.workers.keys ?? []) { bench.world.loseWorker(worker, of: some) }
            case 7: bench.world.settings.image.crashes = number == 0
            case 8: _ = bench.ask("POST", "/v2/\(some)/purge-queue", on: .jobs)
            case 9:
                if let mode = pick(RunPodWorld.FailureMode.allCases), number == 0 { bench.world.inject(mode) }
                bench.world.removeAllFaults()
                bench.world.settings.hostsDown = []
                bench.world.setWorkerQuota(12, of: "acme")
                bench.world.setBalance(nil, of: "acme")
                bench.world.settings.capacity.refusedPools = []
                if number == 1 { bench.world.settings.capacity.closed = [] }
            default:
                let input: WireJSON = number == 0 ? [:] : ["a": 1]
                _ = bench.ask("POST", "/v2/\(some)/run", ["input": input], on: .jobs)
            }
            let spans = [Duration.zero, .seconds(1), .seconds(13), .minutes(4), .hours(3), .days(1)]
            advance(by: pick(spans) ?? .zero)
        }

        /// Event by event, so that the workers between two events are what bills.
        private mutating func advance(by span: Duration) {
            let end = bench.world.now + span
            while bench.world.now < end {
                let next = min(bench.world.nextEvent ?? end, end)
                let billing = bench.world.endpoints.reduce(0) { $0 + $1.billingWorkers }
                looked += billing * Int((next - bench.world.now).wholeMilliseconds)
                bench.world.advance(to: next)
            }
        }

        func check(_ seed: UInt64) {
            let world = bench.world
            for endpoint in world.endpoints {
                let bounds = endpoint.configuration.workers
                let running = endpoint.workers.values.count { $0.phase.status == "RUNNING" }
                #expect(endpoint.workers.count <= max(bounds.max, running), "seed \(seed): more workers than max")
                #expect(endpoint.workers.count >= min(bounds.min, bounds.max), "seed \(seed): fewer workers than min")
                for worker in endpoint.workers.values {
                    guard case .running(let job) = worker.phase else { continue }
                    let state = endpoint.jobs[job]?.state
                    guard case .running(worker.id, _) = state else {
                        Issue.record("seed \(seed): \(worker.id) runs a job that is \(String(describing: state))")
                        continue
                    }
                }
                for job in endpoint.queue { #expect(endpoint.jobs[job]?.status == "IN_QUEUE", "seed \(seed)") }
            }
            let open = Set(world.ledger.open.map(\.worker))
            let billing = world.endpoints.flatMap { $0.workers.values.filter(\.phase.isBilled).map(\.id) }
            #expect(open == Set(billing), "seed \(seed): the ledger and the workers disagree")
            let gpus = world.endpoints.flatMap(\.workers.values).reduce(0) { $1.placement == nil ? $0 : $0 + $1.gpus }
            #expect(gpus <= 6, "seed \(seed): more GPUs than there are")
        }
    }

    @Test("at every step of 300 histories workers, jobs, capacity and the ledger agree", arguments: 0..<10)
    func invariants(decade: UInt64) {
        for seed in (decade * 30)..<(decade * 30 + 30) {
            var walk = Walk(seed: seed)
            for _ in 0..<60 {
                walk.step()
                walk.check(seed)
            }
            let ledger = walk.bench.world.ledger
            let entries = ledger.entries.count
            let billed = ledger.seconds(of: .everything, until: walk.bench.world.now)
            // Each container may be rounded up by less than a second.
            #expect(billed * 1000 >= walk.looked && billed * 1000 <= walk.looked + entries * 1000, "seed \(seed)")
        }
    }

    @Test("equal seeds give equal histories, and a copy is a fork")
    func determinism() {
        func transcript(_ walk: Walk) -> [String] {
            walk.bench.world.ledger.entries.map { "\($0)" } + walk.bench.world.calls.map { "\($0)" }
        }
        var first = Walk(seed: 7)
        var second = Walk(seed: 7)
        for _ in 0..<40 { first.step() }
        for _ in 0..<40 { second.step() }
        #expect(transcript(first) == transcript(second))
        var fork = first
        for _ in 0..<20 { first.step() }
        #expect(transcript(fork) == transcript(second))
        for _ in 0..<20 { fork.step() }
        #expect(transcript(fork) == transcript(first))
    }

    @Test("a year of ten endpoints that open and close each day is billed for its windows")
    func year() {
        var bench = Bench(quota: 1000)
        bench.world.settings.idleClock.isOn = false
        let ids = (0..<10).map { _ in bench.create(["workers": ["min": 0, "max": 2, "idleTimeout": 10]]) }
        for _ in 0..<365 {
            for id in ids { _ = bench.ask("PATCH", "/v2/serverless/\(id)", ["workers": ["min": 2, "max": 2]]) }
            bench.pass(.hours(9))
            for id in ids { _ = bench.ask("PATCH", "/v2/serverless/\(id)", ["workers": ["min": 0, "max": 2]]) }
            bench.pass(.hours(15))
        }
        // 8 s of pull are not billed; the workers were idle all day, so their timeout is over at the edge.
        let expected = 10 * 365 * 2 * (9 * 3600 - 8)
        #expect(bench.world.ledger.seconds(of: .everything, until: bench.world.now) == expected)
    }
}
