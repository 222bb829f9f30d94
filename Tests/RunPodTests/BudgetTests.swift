import HTTPTransport
import Testing

@testable import RunPod

@Suite struct BudgetTests {
    private static func told(_ remaining: Int, _ reset: Int, quota: Int? = 60) -> RateHeaders {
        RateHeaders(windows: [.init(name: "minute", remaining: remaining, reset: reset, quota: quota)])
    }

    @Test("the headers are read as the vendor writes them, and whatever else comes does no harm")
    func headers() {
        let read = RateHeaders([
            "ratelimit": "\"minute\";r=0;t=12, \"hour\";r=2800;t=1812,\"day\" ; t=45012; r=49500;x=\"y\"",
            "RateLimit-Policy": "\"minute\";q=60;w=60, \"hour\";q=3000;w=3600", "Retry-After": "12",
        ])
        #expect(
            read.windows == [
                .init(name: "minute", remaining: 0, reset: 12, quota: 60),
                .init(name: "hour", remaining: 2800, reset: 1812, quota: 3000),
                .init(name: "day", remaining: 49500, reset: 45012),
            ])
        #expect(read.retryAfter == .seconds(12))
        for text in ["", ",,;", "\"a\"", "a;r=1", "a;r=x;t=1", "a;r=1;t=99999999999999999999", ";r=1;t=1"] {
            #expect(RateHeaders(["RateLimit": text]).windows.isEmpty)
        }
        let extremes = RateHeaders(["RateLimit": "a;r=-5;t=-1, b;r=1;t=999999999"]).windows
        #expect(extremes.map(\.remaining) == [0, 1] && extremes.map(\.reset) == [0, 86_400])
        for (text, wait) in [("-3", 0.0), ("1.2", 2), ("1e99", 86_400)] {
            #expect(RateHeaders(["Retry-After": text]).retryAfter == .seconds(wait))
        }
        for text in ["soon", "", "nan", "Wed, 21 Oct 2026 07:28:00 GMT"] {
            #expect(RateHeaders(["Retry-After": text]).retryAfter == nil)
        }
    }

    @Test("before the first answer a few calls go, then they wait for it")
    func probing() {
        var budget = RateBudget()
        for _ in 0..<2 {
            #expect(budget.decision(for: .closing, now: .zero) == .go)
            budget.began()
        }
        #expect(budget.decision(for: .closing, now: .zero) == .waitForAnswer)
        budget.ended(status: 200, Self.told(50, 30), start: .zero, now: .seconds(1))
        #expect(budget.decision(for: .closing, now: .seconds(1)) == .go)
    }

    @Test("a used-up window is waited out, with a second for the rounding of its time")
    func usedUp() {
        var budget = RateBudget()
        budget.began()
        budget.ended(status: 200, Self.told(0, 30), start: .zero, now: .zero)
        #expect(budget.decision(for: .closing, now: .seconds(30)) == .wait(until: .seconds(31)))
        #expect(budget.decision(for: .closing, now: .seconds(31)) == .go)
    }

    @Test("the last calls of a window are not for looking")
    func reserve() {
        var budget = RateBudget()
        budget.began()
        budget.ended(status: 200, Self.told(6, 30), start: .zero, now: .zero)
        #expect(budget.decision(for: .observation, now: .zero) == .wait(until: .seconds(31)))
        #expect(budget.decision(for: .correction, now: .zero) == .go)
    }

    @Test("calls under way are taken off what is left")
    func underWay() {
        var budget = RateBudget()
        budget.began()
        budget.ended(status: 200, Self.told(3, 30, quota: nil), start: .zero, now: .zero)
        for _ in 0..<3 {
            #expect(budget.decision(for: .opening, now: .zero) == .go)
            budget.began()
        }
        #expect(budget.decision(for: .opening, now: .zero) == .waitForAnswer)
        budget.endedUnsent()
        #expect(budget.decision(for: .opening, now: .zero) == .go)
        budget.endedWithoutAnswer(now: .zero)
        #expect(budget.decision(for: .opening, now: .zero) == .go)
        budget.endedWithoutAnswer(now: .zero)
        budget.began()
        #expect(budget.decision(for: .opening, now: .zero) == .waitForAnswer, "what was lost may have been counted")
    }

    @Test("an answer that overtakes another does not bring calls back")
    func overtaking() {
        var budget = RateBudget()
        for _ in 0..<2 { budget.began() }
        budget.ended(status: 200, Self.told(1, 30), start: .zero, now: .seconds(1))
        budget.ended(status: 200, Self.told(9, 31), start: .zero, now: .seconds(2))
        budget.began()
        #expect(budget.decision(for: .closing, now: .seconds(2)) == .waitForAnswer)
    }

    @Test("a refusal is waited out exactly; without a time, for some seconds")
    func refusals() {
        var budget = RateBudget()
        budget.began()
        var headers = Self.told(0, 12)
        headers.retryAfter = .seconds(12)
        budget.ended(status: 429, headers, start: .zero, now: .zero)
        #expect(budget.decision(for: .closing, now: .seconds(11)) == .wait(until: .seconds(12)))
        #expect(budget.decision(for: .closing, now: .seconds(12)) == .go)
        budget.began()
        budget.ended(status: 429, RateHeaders(), start: .seconds(12), now: .seconds(12))
        #expect(budget.decision(for: .closing, now: .seconds(12)) == .wait(until: .seconds(17)))
    }

    @Test("a key without windows is exempt until an answer tells of some; a stranger's page tells nothing")
    func exempt() {
        var budget = RateBudget()
        for _ in 0..<2 { budget.began() }
        budget.ended(status: 502, RateHeaders(), start: .zero, now: .zero)
        budget.began()
        #expect(budget.decision(for: .closing, now: .zero) == .waitForAnswer)
        budget.ended(status: 200, RateHeaders(), start: .zero, now: .zero)
        for _ in 0..<63 {
            #expect(budget.decision(for: .closing, now: .zero) == .go)
            budget.began()
        }
        #expect(budget.decision(for: .closing, now: .zero) == .waitForAnswer)
        budget.ended(status: 200, Self.told(0, 30), start: .zero, now: .zero)
        #expect(budget.decision(for: .closing, now: .zero) == .wait(until: .seconds(31)))
    }
}
