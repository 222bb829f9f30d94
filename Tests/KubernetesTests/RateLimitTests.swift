import Testing

@testable import Kubernetes

@Suite struct RateLimitTests {
    @Test("After the burst each request waits its turn")
    func pace() async throws {
        let clock = ManualClock()
        let bucket = TokenBucket(perSecond: 2, burst: 3, time: clock.instantSleep)
        for _ in 0..<6 { try await bucket.take() }
        #expect(clock.slept == [.milliseconds(500), .milliseconds(500), .milliseconds(500)])
    }

    @Test("Time without requests fills the bucket up to the burst and no further")
    func refill() async throws {
        let clock = ManualClock()
        let bucket = TokenBucket(perSecond: 2, burst: 3, time: clock.instantSleep)
        for _ in 0..<3 { try await bucket.take() }
        clock.advance(by: .seconds(3600))
        for _ in 0..<3 { try await bucket.take() }
        #expect(clock.slept.isEmpty)
        try await bucket.take()
        #expect(clock.slept == [.milliseconds(500)])
    }

    @Test("No limit means no waiting")
    func off() async throws {
        let clock = ManualClock()
        let bucket = TokenBucket(perSecond: 0, burst: 1, time: clock.instantSleep)
        for _ in 0..<1000 { try await bucket.take() }
        #expect(clock.slept.isEmpty)
    }

    @Test("Who asks first goes first")
    func fair() async throws {
        let clock = ManualClock()
        let bucket = TokenBucket(perSecond: 1, burst: 1, time: clock.time)
        try await bucket.take()
        let order = Journal<Int>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for turn in 1...3 {
                group.addTask {
                    try await bucket.take()
                    order.write(turn)
                }
                await clock.sleeps(turn)
            }
            for turn in 1...3 {
                clock.advance(by: .seconds(1))
                try await group.next()
                #expect(order.entries == Array(1...turn))
            }
        }
    }

    @Test("Who gives up gives the place back")
    func cancellation() async throws {
        let clock = ManualClock()
        let bucket = TokenBucket(perSecond: 1, burst: 1, time: clock.time)
        try await bucket.take()
        let waiting = Task { try await bucket.take() }
        await clock.sleeps(1)
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        clock.advance(by: .seconds(1))
        try await bucket.take()
        #expect(clock.slept == [.seconds(1)])
    }
}
