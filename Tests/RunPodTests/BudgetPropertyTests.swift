import Testing

@testable import RunPod

/// A key's windows as RunPod keeps them, the calls of one client, and time.
private struct RateWorld {
    struct Window {
        var name: String
        var quota: Int
        var length: Duration
        var begin: Duration
        var used = 0
        /// `t` is rounded in a way that is not documented.
        var roundsUp: Bool

        mutating func roll(_ now: Duration) {
            while begin + length <= now {
                begin += length
                used = 0
            }
        }
    }

    enum Event { case handle(start: Duration), answer(start: Duration, status: Int, RateHeaders), lose }

    var random: RandomSource
    var windows: [Window]
    var budget = RateBudget()
    var events: [(at: Duration, event: Event)] = []
    var now = Duration.zero
    var refused = 0
    var done = 0
    /// Calls that were lost are not made again.
    var lost = 0

    init(seed: UInt64) {
        var random = RandomSource(seed: seed)
        let names: [(String, Duration)] = [("minute", .seconds(60)), ("hour", .seconds(3600))]
        windows = names.map { name, length in
            // Not fewer than five: of a window whose every answer was lost nothing can be known.
            Window(
                name: name, quota: Int.random(in: name == "hour" ? 100...300 : 5...80, using: &random), length: length,
                begin: .seconds(-Double.random(in: 0..<1, using: &random) * (length / .seconds(1))),
                roundsUp: Bool.random(using: &random))
        }
        self.random = random
    }

    private mutating func latency() -> Duration {
        let isSlow = Int.random(in: 0..<20, using: &random) == 0
        return .seconds(Double.random(in: 0.001...(isSlow ? 14 : 0.5), using: &random))
    }

    private mutating func schedule(_ event: Event, after wait: Duration) { events.append((now + wait, event)) }

    private mutating func handle(start: Duration) {
        let isFull = windows.indices.contains { index in
            windows[index].roll(now)
            return windows[index].used >= windows[index].quota
        }
        if isFull { refused += 1 } else { for index in windows.indices { windows[index].used += 1 } }
        var headers = RateHeaders(
            windows: windows.map { window in
                let left = (window.begin + window.length - now) / .seconds(1)
                return .init(
                    name: window.name, remaining: window.quota - window.used,
                    reset: Int(left.rounded(window.roundsUp ? .up : .down)), quota: window.quota)
            })
        if isFull { headers.retryAfter = .seconds(60) }
        let isLost = Int.random(in: 0..<30, using: &random) == 0
        schedule(isLost ? .lose : .answer(start: start, status: isFull ? 429 : 200, headers), after: latency())
    }

    /// Makes `calls` calls as soon as the budget lets them; false when it gets stuck.
    mutating func run(calls: Int) -> Bool {
        var begun = 0
        while done + lost + refused < calls {
            var wakeUp: Duration?
            deciding: while begun < calls {
                switch budget.decision(for: .opening, now: now) {
                case .go:
                    budget.began()
                    begun += 1
                    schedule(.handle(start: now), after: latency())
                case .wait(let until):
                    guard until > now else { return false }
                    wakeUp = until
                    break deciding
                case .waitForAnswer:
                    guard budget.inFlight > 0 else { return false }
                    break deciding
                }
            }
            let next = events.indices.min { events[$0].at < events[$1].at }
            if let wakeUp, next.map({ events[$0].at > wakeUp }) ?? true {
                now = wakeUp
                continue
            }
            guard let next else { return false }
            let (at, event) = events.remove(at: next)
            now = at
            switch event {
            case .handle(let start): handle(start: start)
            case .lose:
                lost += 1
                budget.endedWithoutAnswer(now: now)
            case .answer(let start, let status, let headers):
                if status == 200 { done += 1 }
                budget.ended(status: status, headers, start: start, now: now)
            }
        }
        return true
    }
}

@Suite struct BudgetPropertyTests {
    @Test("a client alone with its key is never refused, whatever the windows, delays, losses and rounding; 400 seeds")
    func noRefusals() {
        for seed in UInt64(1)...400 {
            var world = RateWorld(seed: seed)
            let isDone = world.run(calls: 250)
            #expect(isDone && world.refused == 0, "seed \(seed): \(world.refused) refused, \(world.done) done")
            let minutes = 250 / world.windows[0].quota + 1
            let hours = 250 / world.windows[1].quota + 1
            let bound = Duration.seconds(Double(minutes) * 76 + Double(hours) * 3700)
            #expect(world.now < bound, "seed \(seed): \(world.now)")
        }
    }

    @Test("500 calls at 60 a minute are done in less than ten minutes, without a refusal")
    func fiveHundred() {
        for seed in UInt64(1)...50 {
            var world = RateWorld(seed: seed)
            world.windows[0].quota = 60
            world.windows[1].quota = 3000
            #expect(world.run(calls: 500) && world.refused == 0, "seed \(seed)")
            #expect(world.now < .seconds(600), "seed \(seed): \(world.now)")
        }
    }
}
