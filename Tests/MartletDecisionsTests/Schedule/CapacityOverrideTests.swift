import FoundationEssentials
import MartletAPI
import Testing

@testable import MartletDecisions

private let now = at("2026-11-20T12:00:00+09:00")

@Suite("An override wins over every schedule until its time")
struct CapacityOverrideTests {
    /// Weekdays in UTC from 8 to 17 o'clock; `now` is before them.
    private func office(_ name: String, _ inside: String) throws -> GoverningSchedule {
        let office = weekly("office", ["Mon", "Tue", "Wed", "Thu", "Fri"], "08:00", "17:00")
        return GoverningSchedule(
            name: name, word: .follows(try ScheduleCalendar("UTC", "\"windows\": [\(office)], \"inside\": \(inside)")))
    }

    private let spec = EndpointBounds(workers: 1...20, runpod: 0...3)

    @Test("the annotation is read and written")
    func reading() {
        let until = at("2026-11-20T21:00:00+09:00")
        #expect(
            OverrideReading("Open until=2026-11-20T21:00:00+09:00", now: now)
                == .accepted(CapacityOverride(.open, until: until)))
        #expect(
            OverrideReading("  Closed   until=2026-11-20T12:00:00Z ", now: now)
                == .accepted(CapacityOverride(.closed, until: until)))
        #expect(CapacityOverride(.open, until: until).description == "Open until=2026-11-20T12:00:00Z")
        #expect(OverrideReading(CapacityOverride(.closed, until: until).description, now: now).accepted?.until == until)
        #expect(OverrideReading(nil, now: now) == .absent)
        #expect(OverrideReading(nil, now: now).accepted == nil)
    }

    @Test(
        "what is malformed does not count, and says how it is written",
        arguments: [
            "", "Open", "open until=2026-11-20T21:00:00+09:00", "Shut until=2026-11-20T21:00:00+09:00",
            "Open until=2026-11-20T21:00:00+09:00 please", "Open for=2h", "Open until=", "Open until=tomorrow",
            "Open until=2026-11-20T21:00:00", "Open until=2026-11-31T21:00:00Z", "Open until = 2026-11-20T21:00:00Z",
        ])
    func malformed(_ text: String) {
        guard case .malformed(let why) = OverrideReading(text, now: now) else {
            Issue.record("accepted")
            return
        }
        #expect(why.contains("until=TIME") || why.contains("2026-11-20T21:00:00+09:00"))
        #expect(OverrideReading(text, now: now).accepted == nil)
    }

    @Test("it lasts 31 days at most")
    func longest() {
        #expect(OverrideReading("Open until=2026-12-21T03:00:00Z", now: now).accepted != nil)
        guard case .malformed(let why) = OverrideReading("Open until=2026-12-21T03:00:01Z", now: now) else {
            Issue.record("accepted")
            return
        }
        #expect(why.contains("31 days"))
    }

    @Test("open means the widest bounds of inside, else the spec's")
    func open() throws {
        let rules = CapacityRules(
            schedules: [
                try office("a", "{\"workers\": {\"min\": 2, \"max\": 8}}"),
                try office("b", "{\"workers\": {\"min\": 0, \"max\": 9}}"),
            ],
            override: CapacityOverride(.open, until: now.addingTimeInterval(7200)), spec: spec)
        let capacity = rules.capacity(at: now)
        #expect(capacity.isOpen)
        #expect(capacity.by == "override")
        #expect(capacity.workers == BackendCapacity(isOpen: true, min: 2, max: 9, since: nil, cause: .override))
        #expect(capacity.runpod == BackendCapacity(isOpen: true, min: 0, max: 3, since: nil, cause: .override))
        #expect(capacity.nextTransition == now.addingTimeInterval(7200))
        #expect(capacity.nextOpens == false)
    }

    @Test("closed means none of both backends, also where nothing governs them")
    func closed() {
        let rules = CapacityRules(
            schedules: [], override: CapacityOverride(.closed, until: now.addingTimeInterval(60)), spec: spec)
        let capacity = rules.capacity(at: now)
        #expect(!capacity.isOpen)
        #expect(capacity.workers == BackendCapacity(isOpen: false, min: 0, max: 0, since: nil, cause: .override))
        #expect(capacity.runpod?.max == 0)
        #expect(capacity.nextOpens == true)
        #expect(rules.capacity(at: now.addingTimeInterval(60)) == .ungoverned)
    }

    @Test("its end is a change, from which a drain counts")
    func end() throws {
        let until = at("2026-11-20T20:00:00Z")
        let schedule = try office("a", "{\"workers\": {\"max\": 8}}")
        let rules = CapacityRules(
            schedules: [schedule], override: CapacityOverride(.open, until: until), spec: spec)
        let after = rules.capacity(at: at("2026-11-20T20:00:00Z"))
        #expect(after.by == "a")
        #expect(after.workers == BackendCapacity(isOpen: false, min: 0, max: 0, since: until, cause: .schedule))
        // Over for long, the schedule's own changes are later.
        #expect(rules.capacity(at: at("2026-11-24T20:00:00Z")).workers?.since == at("2026-11-24T17:00:00Z"))
        // It said what the schedule says: closed since five.
        let same = CapacityRules(
            schedules: [schedule], override: CapacityOverride(.closed, until: until), spec: spec)
        #expect(same.capacity(at: until).workers?.since == at("2026-11-20T17:00:00Z"))
    }

    @Test("it wins over a schedule that is suspended or refused too")
    func held() {
        let refused = GoverningSchedule(name: "a", word: .refused(open: false, backends: [.workers]))
        let rules = CapacityRules(
            schedules: [refused], override: CapacityOverride(.open, until: now.addingTimeInterval(60)), spec: spec)
        #expect(rules.capacity(at: now).workers?.max == 20)
        #expect(rules.capacity(at: now.addingTimeInterval(60)).workers?.max == 0)
    }
}
