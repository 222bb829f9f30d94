import FoundationEssentials
import KubernetesModel
import MartletAPI
import Testing

@testable import MartletDecisions

/// Weekdays in Seoul, 8 to 17 o'clock, unless told otherwise.
private func schedule(
    _ name: String, _ fields: String, windows: String? = nil, status: String? = nil
) throws -> GPUSchedule {
    let office = weekly("office", ["Mon", "Tue", "Wed", "Thu", "Fri"], "08:00", "17:00")
    let json = """
        {"metadata": {"name": "\(name)"}, "spec": {"timeZone": "Asia/Seoul", "targets": [{"name": "image-gen"}],
         "windows": [\(windows ?? office)]\(fields.isEmpty ? "" : ", ")\(fields)}\(status.map { ", \"status\": \($0)" } ?? "")}
        """
    return try JSONDecoder().decode(GPUSchedule.self, from: Data(json.utf8))
}

private func capacityRules(
    _ schedules: [GPUSchedule], _ override: CapacityOverride? = nil,
    spec: EndpointBounds = EndpointBounds(workers: 0...20, runpod: 0...3)
) throws -> CapacityRules {
    let seoul = try rules("Asia/Seoul")
    return CapacityRules(
        schedules: schedules.map { GoverningSchedule($0, zone: seoul) }, override: override, spec: spec)
}

/// Friday, within the office hours and after them.
private let noon = at("2026-11-20T12:00:00+09:00")
private let evening = at("2026-11-20T20:00:00+09:00")
private let five = at("2026-11-20T17:00:00+09:00")
private let both = """
    "inside": {"workers": {"min": 1, "max": 8}, "runpod": {"max": 2}}, "outside": {"workers": {"max": 0}}
    """

@Suite("What schedules make of an endpoint's capacity")
struct CapacityRulesTests {
    @Test("without a schedule everything is open, with the spec's bounds")
    func ungoverned() throws {
        #expect(try capacityRules([]).capacity(at: noon) == .ungoverned)
    }

    @Test("inside a window the bounds of inside hold, outside those of outside, where an omitted one is 0")
    func oneSchedule() throws {
        let rules = try capacityRules([schedule("office-hours", both)])
        let open = rules.capacity(at: noon)
        #expect(open.isOpen)
        #expect(open.by == "office-hours")
        #expect(
            open.workers
                == BackendCapacity(
                    isOpen: true, min: 1, max: 8, since: at("2026-11-20T08:00:00+09:00"), cause: .schedule))
        #expect(open.runpod?.min == 0)
        #expect(open.runpod?.max == 2)
        #expect(open.nextTransition == five)
        #expect(open.nextOpens == false)
        let closed = rules.capacity(at: evening)
        #expect(!closed.isOpen)
        #expect(closed.by == "office-hours")
        #expect(closed.workers == BackendCapacity(isOpen: false, min: 0, max: 0, since: five, cause: .schedule))
        #expect(closed.runpod?.max == 0)
        #expect(closed.nextTransition == at("2026-11-23T08:00:00+09:00"))
        #expect(closed.nextOpens == true)
    }

    @Test("an omitted bound of an open window is the spec's, and no bound is above the spec's max")
    func ceiling() throws {
        let spec = EndpointBounds(workers: 2...20, runpod: 1...3)
        let omitted = try capacityRules([schedule("a", "\"inside\": {\"workers\": {}}")], spec: spec).capacity(at: noon)
        #expect(omitted.workers?.min == 2)
        #expect(omitted.workers?.max == 20)
        #expect(omitted.runpod == nil)
        let above = try capacityRules(
            [
                schedule(
                    "a", "\"inside\": {\"runpod\": {\"min\": 9, \"max\": 99}}, \"outside\": {\"runpod\": {\"max\": 9}}")
            ],
            spec: spec)
        #expect(above.capacity(at: noon).runpod?.min == 3)
        #expect(above.capacity(at: noon).runpod?.max == 3)
        #expect(above.capacity(at: evening).runpod?.min == 0)
        #expect(above.capacity(at: evening).runpod?.max == 3)
        #expect(above.capacity(at: evening).runpod?.isOpen == false)
    }

    @Test("two schedules may govern different backends")
    func differentBackends() throws {
        let night = weekly("night", ["Fri"], "18:00", "22:00")
        let rules = try capacityRules([
            schedule("workers", "\"inside\": {\"workers\": {\"max\": 5}}"),
            schedule("runpod", "\"inside\": {\"runpod\": {\"max\": 2}}", windows: night),
        ])
        let (day, night8, late) = (
            rules.capacity(at: noon), rules.capacity(at: evening), rules.capacity(at: at("2026-11-20T23:00:00+09:00"))
        )
        #expect([day.workers?.max, day.runpod?.max] == [5, 0])
        #expect([day.by, night8.by] == ["workers", "runpod"])
        #expect([night8.workers?.max, night8.runpod?.max] == [0, 2])
        #expect(night8.workers?.since == five)
        #expect(night8.runpod?.since == at("2026-11-20T18:00:00+09:00"))
        #expect(day.isOpen && night8.isOpen && !late.isOpen)
        #expect(late.runpod?.since == at("2026-11-20T22:00:00+09:00"))
        #expect(day.nextTransition == five)
    }

    @Test("of several schedules the open ones count, with the highest min and the highest max")
    func severalSchedules() throws {
        let always = weekly("a", ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], "00:00", "00:00")
        let rules = try capacityRules([
            schedule(
                "day", "\"inside\": {\"workers\": {\"min\": 1, \"max\": 8}}, \"outside\": {\"workers\": {\"max\": 9}}"),
            schedule("base", "\"inside\": {\"workers\": {\"min\": 2, \"max\": 4}}", windows: always),
        ])
        #expect(rules.capacity(at: noon).workers?.min == 2)
        #expect(rules.capacity(at: noon).workers?.max == 8)
        #expect(rules.capacity(at: noon).by == "base")
        // The closed one's outside is not asked while another is open.
        #expect(rules.capacity(at: evening).workers?.max == 4)
        #expect(rules.capacity(at: evening).workers?.isOpen == true)
        #expect(rules.capacity(at: evening).workers?.since == five)
        #expect(rules.capacity(at: noon).nextTransition == five)
        #expect(rules.capacity(at: noon).nextOpens == nil, "it stays open, with other bounds")
        let closed = try capacityRules([
            schedule("a", "\"outside\": {\"workers\": {\"min\": 1, \"max\": 2}}"),
            schedule("b", "\"outside\": {\"workers\": {\"max\": 5}}"),
        ])
        #expect(closed.capacity(at: evening).workers?.min == 1)
        #expect(closed.capacity(at: evening).workers?.max == 5)
    }

    @Test("a drain counts from the fall of the bounds, not from a later change that changed nothing")
    func since() throws {
        // The weekend's exception begins at midnight; it was closed already.
        let exception = """
            "exceptions": [{"name": "x", "from": "2026-11-21", "to": "2026-11-22", "state": "Closed"}]
            """
        let rules = try capacityRules([schedule("a", exception)])
        let sunday = rules.capacity(at: at("2026-11-22T12:00:00+09:00"))
        #expect(sunday.workers?.since == five)
        #expect(sunday.nextTransition == at("2026-11-23T08:00:00+09:00"))
    }

    @Test("suspended or without a zone it holds the open that was recorded, none recorded: closed")
    func held() throws {
        let suspended = "\(both), \"suspend\": true"
        for (status, max) in [(nil, 0), ("{\"open\": false}", 0), ("{\"open\": true}", 8)] {
            let schedule = try schedule("a", suspended, status: status)
            for now in [noon, evening] {
                let capacity = try capacityRules([schedule]).capacity(at: now)
                #expect(capacity.workers?.max == max)
                #expect(capacity.workers?.since == nil)
                #expect(capacity.nextTransition == nil)
            }
        }
        let zoneless = GoverningSchedule(try schedule("a", both, status: "{\"open\": true}"), zone: nil)
        let rules = CapacityRules(schedules: [zoneless], override: nil, spec: EndpointBounds(workers: 0...20))
        #expect(rules.capacity(at: evening).workers?.max == 8)
    }

    @Test("refused it holds too: open with the spec's bounds, closed with none, for the backends it names")
    func refused() throws {
        let mistake = "\"preWarmSeconds\": -1, \"inside\": {\"workers\": {\"max\": 8}}"
        let closed = try capacityRules([schedule("a", mistake)]).capacity(at: noon)
        #expect(closed.workers == BackendCapacity(isOpen: false, min: 0, max: 0, since: nil, cause: .schedule))
        #expect(closed.runpod == nil)
        let open = try capacityRules([schedule("a", mistake, status: "{\"open\": true}")]).capacity(at: noon)
        #expect(open.workers?.max == 20)
        // Not even the bounds can be read: both backends.
        let malformed = try capacityRules([schedule("a", "\"inside\": 7")]).capacity(at: noon)
        #expect([malformed.workers?.max, malformed.runpod?.max] == [0, 0])
        #expect(!malformed.isOpen)
    }

    @Test("a deleted schedule governs no more")
    func deleted() throws {
        let (day, night) = (
            try schedule("day", both), try schedule("night", both, windows: cron("n", "@daily", "0 5 * * *"))
        )
        #expect(!(try capacityRules([day, night]).capacity(at: evening).isOpen))
        #expect(try capacityRules([night]).capacity(at: noon).by == "night")
        #expect(try capacityRules([]).capacity(at: evening) == .ungoverned)
    }

    @Test("an endpoint without a backend has no word on it")
    func missingBackend() throws {
        let rules = try capacityRules([schedule("a", both)], spec: EndpointBounds(runpod: 0...3))
        #expect(rules.capacity(at: noon).workers == nil)
        #expect(!rules.capacity(at: evening).isOpen)
        // What is not governed is open.
        let workers = try capacityRules([schedule("a", "\"inside\": {\"runpod\": {\"max\": 1}}")])
        #expect(workers.capacity(at: evening).isOpen)
    }

    @Test("the next transition is right at every instant of a week, and the bounds hold until it")
    func nextTransition() throws {
        let rules = try capacityRules([
            schedule("a", both),
            schedule(
                "b", "\"inside\": {\"workers\": {\"max\": 3}}, \"preWarmSeconds\": 600",
                windows: cron("n", "0 */5 * * *", "30 1-23/3 * * *")),
        ])
        var random = SplitMix(seed: 9)
        for _ in 0..<30 {
            let now = noon.addingTimeInterval(.random(in: 0..<604_800, using: &random))
            let capacity = rules.capacity(at: now)
            let next = try #require(capacity.nextTransition)
            let before = rules.capacity(at: next.addingTimeInterval(-0.5))
            let after = rules.capacity(at: next)
            #expect([before.workers, before.runpod] == [capacity.workers, capacity.runpod])
            #expect(before.by == capacity.by)
            #expect(
                [after.workers?.max, after.runpod?.max] != [before.workers?.max, before.runpod?.max]
                    || after.by != before.by)
            #expect(after.workers?.since == next || after.workers?.max == before.workers?.max)
            if let since = capacity.workers?.since {
                let earlier = rules.capacity(at: since.addingTimeInterval(-0.5)).workers
                #expect(
                    [earlier?.min, earlier?.max] != [capacity.workers?.min, capacity.workers?.max]
                        || earlier?.isOpen != capacity.workers?.isOpen)
            }
        }
    }
}
