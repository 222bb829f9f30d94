import ControllerRuntime
import FoundationEssentials
import Testing

@Suite(.timeLimit(.minutes(1))) struct ManualTimeTests {
    @Test func `sleepers wake in the order of their deadlines, at their deadlines`() async throws {
        let time = ManualTime()
        let start = time.now
        async let late: Void = time.sleep(for: .seconds(9))
        async let early: Void = time.sleep(for: .seconds(2))
        await time.waitForSleepers(2)
        #expect(time.pendingSleeps == [.seconds(2), .seconds(9)])

        #expect(await time.advanceToNextWake() == .seconds(2))
        try await early
        #expect(time.uptime.sinceOrigin == .seconds(2))
        time.advance(by: .seconds(7))
        try await late
        #expect(time.now.timeIntervalSince(start) == 9)
    }

    @Test func `a sleeper is left alone until its time has come`() async throws {
        let time = ManualTime()
        async let sleeper: Void = time.sleep(for: .seconds(5))
        await time.waitForSleepers(1)
        time.advance(by: .milliseconds(4_999))
        #expect(time.pendingSleeps == [.milliseconds(1)])
        time.advance(by: .milliseconds(1))
        try await sleeper
    }

    @Test func `a cancelled sleeper wakes with a CancellationError and is forgotten`() async {
        let time = ManualTime()
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await time.sleep(for: .seconds(5)) }
            await time.waitForSleepers(1)
            group.cancelAll()
            await #expect(throws: CancellationError.self) { try await group.next() }
        }
        #expect(time.pendingSleeps.isEmpty)
    }

    @Test func `no time needs no advance`() async throws {
        let time = ManualTime()
        try await time.sleep(for: .zero)
        try await time.sleep(for: .seconds(-1))
        #expect(time.uptime.sinceOrigin == .zero)
    }
}
