import FoundationEssentials
import MartletAPI
import Testing

@testable import MartletDecisions

@Suite("Exceptions replace the windows' word for whole local days")
struct ScheduleExceptionTests {
    private let night = weekly("night", ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"], "22:00", "06:00")

    private func calendar(_ exceptions: String, _ more: String = "") throws -> ScheduleCalendar {
        try ScheduleCalendar("Asia/Seoul", "\"windows\": [\(night)], \"exceptions\": [\(exceptions)]\(more)")
    }

    private func exception(_ name: String, _ from: String, _ to: String, _ state: String) -> String {
        "{\"name\": \"\(name)\", \"from\": \"\(from)\", \"to\": \"\(to)\", \"state\": \"\(state)\"}"
    }

    @Test("a closed day cuts the windows over its midnights, which go on at the other side")
    func closedDay() throws {
        let calendar = try calendar(exception("holiday", "2027-02-06", "2027-02-07", "Closed"))
        #expect(
            calendar.diary("2027-02-05T12:00:00+09:00", "2027-02-08T12:00:00+09:00") == [
                "2027-02-05 22:00 Open", "2027-02-06 00:00 Close", "2027-02-08 00:00 Open", "2027-02-08 06:00 Close",
            ])
        let state = calendar.state(at: at("2027-02-07T23:00:00+09:00"))
        #expect(state == ScheduleState(isOpen: false, names: ["holiday"], bounds: []))
    }

    @Test("an open day is open from midnight to midnight, with the bounds of inside")
    func openDay() throws {
        let calendar = try calendar(
            exception("release", "2027-02-06", "2027-02-06", "Open"), ", \"inside\": {\"workers\": {\"max\": 7}}")
        #expect(
            calendar.diary("2027-02-05T12:00:00+09:00", "2027-02-07T12:00:00+09:00") == [
                "2027-02-05 22:00 Open", "2027-02-07 06:00 Close",
            ])
        let noon = calendar.state(at: at("2027-02-06T12:00:00+09:00"))
        #expect(noon.names == ["release"])
        #expect(noon.bounds.map(\.workers) == [WorkerBounds(max: 7)])
        #expect(calendar.state(at: at("2027-02-06T23:00:00+09:00")).names == ["night", "release"])
        #expect(calendar.nextChange(after: at("2027-02-06T12:00:00+09:00")) == at("2027-02-06T22:00:00+09:00"))
    }

    @Test("where an open and a closed one name the same day, it is closed")
    func conflict() throws {
        let calendar = try calendar(
            exception("week", "2027-02-01", "2027-02-07", "Open") + ", "
                + exception("day", "2027-02-03", "2027-02-03", "Closed"))
        #expect(
            calendar.diary("2027-02-01T00:00:00+09:00", "2027-02-08T12:00:00+09:00") == [
                "2027-02-03 00:00 Close", "2027-02-04 00:00 Open", "2027-02-08 06:00 Close",
            ])
    }

    @Test("pre-warming neither reaches into a closed day nor begins an open one earlier")
    func preWarm() throws {
        let morning = weekly("early", ["Mon"], "00:00", "04:00")
        let calendar = try ScheduleCalendar(
            "Asia/Seoul",
            """
            "windows": [\(morning)], "preWarmSeconds": 7200, "exceptions": [
            \(exception("closed", "2027-02-07", "2027-02-07", "Closed")), \(exception("open", "2027-02-10", "2027-02-10", "Open"))]
            """)
        #expect(
            calendar.diary("2027-02-05T00:00:00+09:00", "2027-02-12T00:00:00+09:00") == [
                "2027-02-08 00:00 Open", "2027-02-08 04:00 Close", "2027-02-10 00:00 Open", "2027-02-11 00:00 Close",
            ])
    }

    @Test("a schedule may consist of exceptions alone")
    func alone() throws {
        let calendar = try ScheduleCalendar(
            "Asia/Seoul", "\"exceptions\": [\(exception("demo", "2027-02-06", "2027-02-07", "Open"))]")
        #expect(
            calendar.diary("2026-01-01T00:00:00Z", "2028-01-01T00:00:00Z") == [
                "2027-02-06 00:00 Open", "2027-02-08 00:00 Close",
            ])
        #expect(calendar.lastTransition(notAfter: at("2028-01-01T00:00:00Z"))?.kind == .close)
        #expect(calendar.nextChange(after: at("2028-01-01T00:00:00Z")) == nil)
        #expect(calendar.lastChange(notAfter: at("2026-01-01T00:00:00Z")) == nil)
    }

    @Test("a year of exceptions, one a day, is walked from day to day")
    func many() throws {
        let days = (1...31).flatMap { day in ["01", "03", "05", "07", "08", "10", "12"].map { (day, $0) } }
        let exceptions = days.enumerated().map { index, day in
            let date = "2027-\(day.1)-\(day.0 < 10 ? "0" : "")\(day.0)"
            return exception("e\(index)", date, date, "Closed")
        }
        let calendar = try calendar(exceptions.joined(separator: ", "))
        #expect(calendar.diary("2027-01-01T00:00:00+09:00", "2027-01-31T23:00:00+09:00") == ["2027-01-01 00:00 Close"])
        #expect(
            calendar.nextTransition(after: at("2027-01-10T00:00:00+09:00"))?.time == at("2027-02-01T00:00:00+09:00"))
    }

    @Test("status names the first of many")
    func names() {
        let state = ScheduleState(isOpen: true, names: (1...12).map { "w\($0)" }, bounds: [])
        #expect(state.window == "w1, w2, w3, w4, w5, w6, w7, w8, and 4 more")
        #expect(ScheduleState(isOpen: false, names: [], bounds: []).window == nil)
    }
}
