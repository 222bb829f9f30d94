import FoundationEssentials
import MartletAPI
import Testing

@testable import MartletDecisions

@Suite("A schedule is open when its windows say")
struct ScheduleCalendarTests {
    private let office = weekly("office", ["Mon", "Tue", "Wed", "Thu", "Fri"], "08:00", "17:00")

    @Test("an office week opens each morning and closes each evening of it")
    func officeWeek() throws {
        let calendar = try ScheduleCalendar("Asia/Seoul", "\"windows\": [\(office)]")
        #expect(
            calendar.diary("2026-11-19T00:00:00+09:00", "2026-11-24T00:00:00+09:00") == [
                "2026-11-19 08:00 Open", "2026-11-19 17:00 Close", "2026-11-20 08:00 Open", "2026-11-20 17:00 Close",
                "2026-11-23 08:00 Open", "2026-11-23 17:00 Close",
            ])
        let friday = at("2026-11-20T16:59:59.999+09:00")
        #expect(calendar.state(at: friday).isOpen)
        #expect(calendar.state(at: friday).window == "office")
        #expect(!calendar.state(at: at("2026-11-20T17:00:00+09:00")).isOpen)
        #expect(calendar.state(at: at("2026-11-20T08:00:00+09:00")).isOpen)
        #expect(!calendar.state(at: at("2026-11-20T07:59:59.999+09:00")).isOpen)
        #expect(
            calendar.nextTransition(after: friday)
                == ScheduleTransition(time: at("2026-11-20T17:00:00+09:00"), kind: .close))
        #expect(
            calendar.lastTransition(notAfter: friday)
                == ScheduleTransition(time: at("2026-11-20T08:00:00+09:00"), kind: .open))
        #expect(
            calendar.nextTransition(after: at("2026-11-20T17:00:00+09:00"))
                == ScheduleTransition(time: at("2026-11-23T08:00:00+09:00"), kind: .open))
    }

    @Test("a Friday start with a daily end closes on Friday")
    func friday() throws {
        let calendar = try ScheduleCalendar("Asia/Seoul", "\"windows\": [\(cron("a", "0 8 * * fri", "0 17 * * *"))]")
        #expect(
            calendar.diary("2026-11-16T00:00:00+09:00", "2026-11-30T00:00:00+09:00") == [
                "2026-11-20 08:00 Open", "2026-11-20 17:00 Close", "2026-11-27 08:00 Open", "2026-11-27 17:00 Close",
            ])
    }

    @Test("a start while it is open changes nothing, and at an end it goes on")
    func repeatedStarts() throws {
        let calendar = try ScheduleCalendar("UTC", "\"windows\": [\(cron("a", "0 8-12 * * *", "0 12,17 * * *"))]")
        #expect(
            calendar.diary("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z") == [
                "2026-11-20 08:00 Open", "2026-11-20 17:00 Close",
            ])
    }

    @Test("a window over midnight closes on the next day, one of equal times after a whole day")
    func midnight() throws {
        let night = try ScheduleCalendar("Asia/Seoul", "\"windows\": [\(weekly("a", ["Sun"], "22:00", "06:00"))]")
        #expect(
            night.diary("2026-11-20T00:00:00+09:00", "2026-11-27T00:00:00+09:00") == [
                "2026-11-22 22:00 Open", "2026-11-23 06:00 Close",
            ])
        let round = try ScheduleCalendar(
            "Asia/Seoul", "\"windows\": [\(weekly("a", ["Sat", "Sun"], "00:00", "00:00"))]")
        #expect(
            round.diary("2026-11-20T00:00:00+09:00", "2026-11-27T00:00:00+09:00") == [
                "2026-11-21 00:00 Open", "2026-11-23 00:00 Close",
            ])
    }

    @Test("a leap day's window opens every fourth year")
    func leapDay() throws {
        let calendar = try ScheduleCalendar("UTC", "\"windows\": [\(cron("a", "0 0 29 2 *", "0 0 1 3 *"))]")
        #expect(
            calendar.diary("2026-01-01T00:00:00Z", "2033-01-01T00:00:00Z") == [
                "2028-02-29 00:00 Open", "2028-03-01 00:00 Close", "2032-02-29 00:00 Open", "2032-03-01 00:00 Close",
            ])
        #expect(calendar.nextTransition(after: at("2096-03-01T00:00:00Z")) == nil, "eight years are beyond its sight")
        #expect(calendar.nextChange(after: at("2096-03-01T00:00:00Z")) == at("2104-02-29T00:00:00Z"))
    }

    @Test("pre-warming opens earlier and joins windows that it makes touch")
    func preWarm() throws {
        let windows = "\"windows\": [\(cron("a", "0 8,12 * * *", "0 11,17 * * *"))], \"preWarmSeconds\": "
        let hour = try ScheduleCalendar("UTC", windows + "3600")
        #expect(
            hour.diary("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z") == [
                "2026-11-20 07:00 Open", "2026-11-20 17:00 Close",
            ])
        let less = try ScheduleCalendar("UTC", windows + "3599")
        #expect(
            less.diary("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z") == [
                "2026-11-20 07:00:01 Open", "2026-11-20 11:00 Close", "2026-11-20 11:00:01 Open",
                "2026-11-20 17:00 Close",
            ])
        let always = try ScheduleCalendar("UTC", windows + "54000")
        #expect(always.diary("2026-11-20T00:00:00Z", "2027-11-20T00:00:00Z").isEmpty)
        #expect(always.nextTransition(after: at("2026-11-20T00:00:00Z")) == nil)
    }

    @Test("windows that overlap are one opening, with the bounds of each")
    func overlap() throws {
        let calendar = try ScheduleCalendar(
            "UTC",
            """
            "windows": [\(office), {"name": "more", "start": "0 12 * * *", "end": "0 20 * * *", "bounds": {"workers": {"max": 4}}}],
            "inside": {"workers": {"min": 2, "max": 9}}
            """)
        #expect(
            calendar.diary("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z") == [
                "2026-11-20 08:00 Open", "2026-11-20 20:00 Close",
            ])
        let noon = calendar.state(at: at("2026-11-20T12:00:00Z"))
        #expect(noon.window == "office, more")
        #expect(noon.bounds.map(\.workers) == [WorkerBounds(min: 2, max: 9), WorkerBounds(min: 2, max: 4)])
        #expect(calendar.nextChange(after: at("2026-11-20T12:00:00Z")) == at("2026-11-20T17:00:00Z"))
        #expect(calendar.lastChange(notAfter: at("2026-11-20T12:00:00Z")) == at("2026-11-20T12:00:00Z"))
    }

    @Test("a window that nothing closes is open for good, and was")
    func never() throws {
        let calendar = try ScheduleCalendar("UTC", "\"windows\": [\(cron("a", "* * * * *", "*/2 * * * *"))]")
        let now = at("2026-11-20T12:34:56Z")
        #expect(calendar.state(at: now).isOpen)
        #expect(calendar.nextChange(after: now) == nil)
        #expect(calendar.lastChange(notAfter: now) == nil)
        #expect(calendar.nextTransition(after: now) == nil)
        #expect(calendar.lastTransition(notAfter: now) == nil)
    }

    @Test("a minute's rhythm that a month's end breaks is found at once")
    func rhythm() throws {
        let calendar = try ScheduleCalendar("UTC", "\"windows\": [\(cron("a", "* * * 1-11 *", "* * * * *"))]")
        let now = at("2026-01-15T12:34:56Z")
        #expect(calendar.nextTransition(after: now)?.time == at("2026-12-01T00:00:00Z"))
        #expect(calendar.lastTransition(notAfter: now)?.time == at("2026-01-01T00:00:00Z"))
    }

    @Test("openings that pre-warming joins beyond what one look joins end in an early look, not in a false edge")
    func restless() throws {
        let calendar = try ScheduleCalendar(
            "UTC", "\"windows\": [\(cron("a", "*/2 * * * *", "1-59/2 * * * *"))], \"preWarmSeconds\": 3600")
        let now = at("2026-01-15T12:34:56Z")
        #expect(calendar.state(at: now).isOpen)
        let look = try #require(calendar.nextChange(after: now))
        #expect(look > at("2026-01-17T00:00:00Z"))
        #expect(calendar.state(at: look).isOpen)
    }

    @Test("any instant, however far, is answered")
    func far() throws {
        let calendar = try ScheduleCalendar("America/New_York", "\"windows\": [\(office)], \"preWarmSeconds\": 60")
        for seconds in [-1e300, -1e13, -6e10, 0, 6e10, 1e13, 1e300, .infinity, -.infinity, .nan] {
            let instant = Date(timeIntervalSince1970: seconds)
            _ = calendar.state(at: instant)
            _ = calendar.nextChange(after: instant)
            _ = calendar.lastChange(notAfter: instant)
        }
    }
}
