import FoundationEssentials
import KubernetesModel
import Testing

@testable import ControllerRuntime

@Suite struct EventLedgerTests {
    private static let date = Date(timeIntervalSince1970: 1_800_000_000)

    private func draft(_ message: String, uid: String = "u", occurrence: String? = nil) -> EventDraft {
        EventDraft(
            type: .normal, reason: "Scaled", message: message,
            about: ObjectReference(kind: "Thing", namespace: "ns", name: "a", uid: uid), occurrence: occurrence)
    }

    private func at(_ seconds: Int) -> MonotonicInstant { MonotonicInstant(sinceOrigin: .seconds(seconds)) }

    private func record(_ draft: EventDraft, in ledger: inout EventLedger, at seconds: Int) -> EventLedger.Verdict {
        ledger.record(draft, at: Self.date.addingTimeInterval(Double(seconds)), now: at(seconds)).verdict
    }

    /// Writes the next event, which must be a creation, as the API server would.
    private func create(in ledger: inout EventLedger, at seconds: Int, _ outcome: EventLedger.Outcome? = nil) -> Int? {
        guard case .create(_, let key, let seen) = ledger.next(now: at(seconds)) else { return nil }
        ledger.finish(key, wrote: seen, outcome ?? .written(count: seen.count), now: at(seconds))
        return seen.count
    }

    @Test func `repeats before the first write make one event with a count`() {
        var ledger = EventLedger()
        #expect(record(draft("a"), in: &ledger, at: 0) == .queued)
        #expect(record(draft("a"), in: &ledger, at: 1) == .counted)
        #expect(create(in: &ledger, at: 2) == 2)
        #expect(ledger.next(now: at(2)) == .rest(until: nil))
    }

    @Test func `repeats after it are added five minutes later, all at once`() {
        var ledger = EventLedger()
        _ = record(draft("a"), in: &ledger, at: 0)
        _ = create(in: &ledger, at: 0)
        for second in 1...50 { #expect(record(draft("a"), in: &ledger, at: second) == .counted) }
        #expect(ledger.next(now: at(60)) == .rest(until: at(300)))
        let seen = EventLedger.Repeats(
            count: 50, first: Self.date.addingTimeInterval(1), last: Self.date.addingTimeInterval(50))
        #expect(ledger.next(now: at(300)) == .bump(key: draft("a").key, seen: seen, known: 1))
        ledger.finish(draft("a").key, wrote: seen, .written(count: 51), now: at(300))
        #expect(ledger.next(now: at(9_999)) == .rest(until: nil))
        #expect(record(draft("a"), in: &ledger, at: 10_000) == .counted)
        guard case .bump(key: _, seen: _, known: 51) = ledger.next(now: at(10_000)) else {
            Issue.record("a repeat after a long pause is written at once")
            return
        }
    }

    @Test func `an occurrence is told once`() {
        var ledger = EventLedger()
        #expect(record(draft("a", occurrence: "1"), in: &ledger, at: 0) == .queued)
        #expect(record(draft("a", occurrence: "1"), in: &ledger, at: 1) == .known)
        #expect(create(in: &ledger, at: 2) == 1)
        #expect(record(draft("a", occurrence: "1"), in: &ledger, at: 3_000) == .known)
        #expect(record(draft("a", occurrence: "2"), in: &ledger, at: 3_000) == .queued)
    }

    @Test func `an event that a former process told is not counted again, its repeats are`() {
        var ledger = EventLedger()
        _ = record(draft("a"), in: &ledger, at: 0)
        _ = create(in: &ledger, at: 0, .alreadyThere)
        #expect(ledger.next(now: at(999)) == .rest(until: nil))
        _ = record(draft("a"), in: &ledger, at: 1_000)
        guard case .bump(key: _, let seen, known: nil) = ledger.next(now: at(1_000)) else {
            Issue.record("the repeat must be added to a count that is not known here")
            return
        }
        #expect(seen.count == 1)
    }

    @Test func `an event that outlived its time is made anew`() {
        var ledger = EventLedger()
        _ = record(draft("a"), in: &ledger, at: 0)
        _ = create(in: &ledger, at: 0)
        _ = record(draft("a"), in: &ledger, at: 7_200)
        guard case .bump(let key, let seen, known: _) = ledger.next(now: at(7_200)) else {
            Issue.record("a repeat is first added to what was there")
            return
        }
        ledger.finish(key, wrote: seen, .expired, now: at(7_200))
        #expect(create(in: &ledger, at: 7_200) == 1)
        #expect(ledger.next(now: at(7_200)) == .rest(until: nil))
    }

    @Test func `what could not be sent is tried again, what was refused is forgotten`() {
        var ledger = EventLedger()
        _ = record(draft("a"), in: &ledger, at: 0)
        for second in 0..<1_000 { #expect(create(in: &ledger, at: second, .unreachable) == 1) }
        #expect(create(in: &ledger, at: 1_000, .refused) == 1)
        #expect(ledger.next(now: at(1_001)) == .rest(until: nil))
        #expect(ledger.remembered == 0)
    }

    @Test func `an event that the server puts off lets the others go first, and is given up in the end`() {
        var ledger = EventLedger()
        _ = record(draft("bad"), in: &ledger, at: 0)
        _ = record(draft("good"), in: &ledger, at: 0)
        #expect(create(in: &ledger, at: 0, .putOff) == 1)
        guard case .create(draft("good"), key: _, seen: _) = ledger.next(now: at(1)) else {
            Issue.record("the next event must not wait")
            return
        }
        _ = create(in: &ledger, at: 1)
        for _ in 1..<EventLedger.attempts { #expect(create(in: &ledger, at: 2, .putOff) == 1) }
        #expect(ledger.next(now: at(3)) == .rest(until: nil))
        #expect(ledger.remembered == 1)
    }

    @Test func `a full queue drops its oldest`() {
        var ledger = EventLedger()
        for number in 0..<EventLedger.longestQueue {
            #expect(ledger.record(draft("m", uid: "\(number)"), at: Self.date, now: at(0)).dropped == nil)
        }
        let (verdict, dropped) = ledger.record(draft("m", uid: "last"), at: Self.date, now: at(0))
        #expect(verdict == .queued)
        #expect(dropped?.about.uid == "0")
        #expect(ledger.queued == EventLedger.longestQueue)
    }

    @Test func `an object has a burst of 25, then one event in five minutes, and delays no other`() {
        var ledger = EventLedger()
        for number in 0..<25 { #expect(record(draft("\(number)"), in: &ledger, at: 0) == .queued) }
        #expect(record(draft("x"), in: &ledger, at: 1) == .overRate(isFirst: true))
        #expect(record(draft("y"), in: &ledger, at: 2) == .overRate(isFirst: false))
        #expect(record(draft("x", uid: "other"), in: &ledger, at: 2) == .queued)
        #expect(record(draft("x"), in: &ledger, at: 300) == .queued)
        #expect(record(draft("y"), in: &ledger, at: 301) == .overRate(isFirst: true))
    }

    @Test func `memory stays bounded however many events are told`() {
        var ledger = EventLedger()
        for number in 0..<20_000 {
            _ = record(draft("m", uid: "\(number)"), in: &ledger, at: number)
            _ = create(in: &ledger, at: number)
        }
        #expect(ledger.remembered <= EventLedger.longestMemory)
        #expect(ledger.queued == 0)
    }
}
