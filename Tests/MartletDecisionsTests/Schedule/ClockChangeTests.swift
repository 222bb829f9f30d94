import FoundationEssentials
import MartletAPI
import Testing

@testable import MartletDecisions

@Suite("The wall clock wins when clocks change")
struct ClockChangeTests {
    private func calendar(_ window: String, _ more: String = "", in zone: String = "America/New_York") throws
        -> ScheduleCalendar
    {
        try ScheduleCalendar(zone, "\"windows\": [\(window)]\(more)")
    }

    @Test("a night in spring lasts an hour less, one in autumn an hour more")
    func length() throws {
        let nights = try calendar(cron("a", "0 22 * * *", "0 6 * * *"))
        let spring = nights.transitions(in: at("2026-03-07T18:00:00Z")..<at("2026-03-08T18:00:00Z")).map(\.time)
        #expect(spring[1].timeIntervalSince(spring[0]) == 7 * 3600)
        let autumn = nights.transitions(in: at("2026-10-31T18:00:00Z")..<at("2026-11-01T18:00:00Z")).map(\.time)
        #expect(autumn[1].timeIntervalSince(autumn[0]) == 9 * 3600)
    }

    @Test("a start that is skipped happens at the first instant after the gap, and so does an end")
    func gap() throws {
        let start = try calendar(cron("a", "30 2 * * *", "30 3 * * *"))
        #expect(
            start.diary("2026-03-08T00:00:00-05:00", "2026-03-09T00:00:00-04:00") == [
                "2026-03-08 03:00 Open", "2026-03-08 03:30 Close",
            ])
        let end = try calendar(cron("a", "30 1 * * *", "30 2 * * *"))
        #expect(
            end.diary("2026-03-08T00:00:00-05:00", "2026-03-09T00:00:00-04:00") == [
                "2026-03-08 01:30 Open", "2026-03-08 03:00 Close",
            ])
    }

    @Test("a window wholly inside the gap does not open, pre-warmed or not")
    func insideTheGap() throws {
        for preWarm in [0, 300, 7200] {
            let calendar = try calendar(cron("a", "10 2 * * *", "50 2 * * *"), ", \"preWarmSeconds\": \(preWarm)")
            #expect(calendar.diary("2026-03-07T12:00:00-05:00", "2026-03-08T12:00:00-04:00").isEmpty)
            #expect(calendar.diary("2026-03-08T12:00:00-04:00", "2026-03-09T12:00:00-04:00").count == 2)
            // From before, within and behind the gap.
            for now in ["2026-03-08T06:30:00Z", "2026-03-08T07:00:00Z", "2026-03-08T07:00:01Z"] {
                #expect(
                    calendar.nextTransition(after: at(now))?.time
                        == at("2026-03-09T02:10:00-04:00").addingTimeInterval(-Double(preWarm)))
                #expect(calendar.lastTransition(notAfter: at(now))?.time == at("2026-03-07T02:50:00-05:00"))
            }
        }
    }

    @Test("windows that meet inside the gap are one opening")
    func meetingInTheGap() throws {
        let calendar = try calendar(cron("a", "0 1 * * *", "15 2 * * *") + ", " + cron("b", "45 2 * * *", "0 4 * * *"))
        #expect(
            calendar.diary("2026-03-08T00:00:00-05:00", "2026-03-09T00:00:00-04:00") == [
                "2026-03-08 01:00 Open", "2026-03-08 04:00 Close",
            ])
        // One window, shut for half an hour a night, which the gap swallows.
        let pause = try self.calendar(cron("a", "45 2 * * *", "15 2 * * *"))
        #expect(pause.diary("2026-03-07T00:00:00-05:00", "2026-03-08T00:00:00-05:00").count == 2)
        #expect(pause.diary("2026-03-08T00:00:00-05:00", "2026-03-08T12:00:00-04:00").isEmpty)
    }

    @Test("a time that occurs twice counts the first time")
    func fold() throws {
        let calendar = try calendar(cron("a", "15 1 * * *", "45 1 * * *"))
        let times = calendar.transitions(in: at("2026-11-01T00:00:00-04:00")..<at("2026-11-02T00:00:00-05:00")).map(
            \.time)
        #expect(times == [at("2026-11-01T01:15:00-04:00"), at("2026-11-01T01:45:00-04:00")])
        #expect(!calendar.state(at: at("2026-11-01T01:30:00-05:00")).isOpen)
        // Begun before, it ends at the first.
        let over = try self.calendar(cron("a", "0 0 * * *", "30 1 * * *"))
        #expect(!over.state(at: at("2026-11-01T01:15:00-05:00")).isOpen)
        // Begun within the fold, it lasts an hour more.
        let from = try self.calendar(cron("a", "30 1 * * *", "0 2 * * *"))
        #expect(from.state(at: at("2026-11-01T01:15:00-05:00")).isOpen)
        #expect(from.nextTransition(after: at("2026-11-01T01:15:00-05:00"))?.time == at("2026-11-01T02:00:00-05:00"))
    }

    @Test("a day that the calendar skips has no windows, and its exception no time")
    func skippedDay() throws {
        // Samoa went from 29 to 31 December 2011.
        let calendar = try calendar(
            weekly("a", ["Fri"], "08:00", "17:00"),
            ", \"exceptions\": [{\"name\": \"x\", \"from\": \"2011-12-30\", \"state\": \"Open\"}]", in: "Pacific/Apia")
        #expect(calendar.diary("2011-12-28T00:00:00Z", "2012-01-04T00:00:00Z").isEmpty)
    }

    @Test("a closed day over a clock change is closed from midnight to midnight")
    func exceptionOverChange() throws {
        let always = try calendar(
            weekly("a", ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"], "00:00", "00:00"),
            ", \"exceptions\": [{\"name\": \"x\", \"from\": \"2018-11-04\", \"state\": \"Closed\"}]",
            in: "America/Sao_Paulo")
        // The first midnight of that day does not exist: the day begins at one o'clock.
        #expect(
            always.transitions(in: at("2018-11-01T00:00:00Z")..<at("2018-11-10T00:00:00Z")).map(\.time) == [
                at("2018-11-04T03:00:00Z"), at("2018-11-05T02:00:00Z"),
            ])
    }
}
