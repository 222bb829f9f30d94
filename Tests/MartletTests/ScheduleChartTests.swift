import FoundationEssentials
import KubernetesModel
import MartletAPI
import MartletDecisions
import Testing

@testable import martlet

@Suite("The chart of a schedule") struct ScheduleChartTests {
    private func zone(_ name: String) throws -> TimeZoneRules {
        try TimeZoneRules(tzif: [UInt8](#require(FileManager.default.contents(atPath: "/usr/share/zoneinfo/\(name)"))))
    }

    private func chart(
        _ spec: GPUScheduleSpec, from first: String, days count: Int
    ) throws -> ScheduleChart {
        guard case .accepted(let resolved) = spec.resolved() else { throw Problem.refused }
        let zone = try zone(resolved.timeZone.rawValue)
        let first = try #require(CivilDate(first))
        let range = zone.instant(of: LocalTime(first))..<zone.instant(of: LocalTime(first.advanced(by: count)))
        return ScheduleChart(
            forecast: Forecast(of: ScheduleCalendar(resolved, in: zone), in: range), zone: zone,
            days: (0..<count).map { first.advanced(by: $0) }, ink: .letters)
    }

    private enum Problem: Error { case refused }

    private func spec(_ zone: String, from: String, to: String) -> GPUScheduleSpec {
        GPUScheduleSpec(
            timeZone: zone, targets: [ScheduleTarget(name: "w")],
            windows: [
                ScheduleWindowSpec(
                    name: "daily", days: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], from: from, to: to)
            ], inside: ScheduleBounds(workers: WorkerBounds(min: 1)))
    }

    @Test("each day is a strip of half hours; a window that covers a part of one is drawn as such")
    func strip() throws {
        let strip = try chart(spec("Asia/Seoul", from: "08:00", to: "17:10"), from: "2026-11-23", days: 1).strip()
        #expect(
            strip == """
                            00    03    06    09    12    15    18    21    24
                Mon 23 Nov  ................##################+.............
                """)
    }

    @Test("hours that the clocks skip are blank, and the day says how long it is")
    func spring() throws {
        let line = try chart(spec("America/New_York", from: "00:00", to: "06:00"), from: "2027-03-14", days: 1)
            .strip().split(separator: "\n")[1]
        #expect(line == "Sun 14 Mar  ####  ######....................................  DST, 23 h")
    }

    @Test("hours that occur twice are drawn once, and the day says how long it is")
    func autumn() throws {
        let chart = try chart(spec("America/New_York", from: "00:00", to: "06:00"), from: "2026-11-01", days: 1)
        let line = chart.strip().split(separator: "\n")[1]
        #expect(line == "Sun  1 Nov  ############....................................  DST, 25 h")
        #expect(chart.table().contains("7 h"))
    }

    @Test("a change of half an hour is seen as well")
    func lordHowe() throws {
        let line = try chart(spec("Australia/Lord_Howe", from: "00:00", to: "06:00"), from: "2026-10-04", days: 1)
            .strip().split(separator: "\n")[1]
        #expect(line == "Sun  4 Oct  #### #######....................................  DST, 23 h 30 min")
    }

    @Test("the table has a line for each opening, with bounds, length and window")
    func table() throws {
        let table = try chart(spec("Asia/Seoul", from: "22:00", to: "06:00"), from: "2026-11-23", days: 2).table()
        #expect(
            table == """
                OPENS              CLOSES             FOR   WORKERS   RUNPOD   BY
                Mon 23 Nov 00:00   Mon 23 Nov 06:00   6 h   1–spec    -        daily
                Mon 23 Nov 22:00   Tue 24 Nov 06:00   8 h   1–spec    -        daily
                Tue 24 Nov 22:00   later              2 h   1–spec    -        daily
                """)
    }

    @Test("a window that opens every minute ends in time, and says that there is more")
    func everyMinute() throws {
        var restless = spec("Asia/Seoul", from: "00:00", to: "01:00")
        restless.windows = [ScheduleWindowSpec(name: "restless", start: "*/2 * * * *", end: "1-59/2 * * * *")]
        let chart = try chart(restless, from: "2026-11-23", days: 14)
        #expect(chart.forecast.isCut)
        #expect(chart.table().hasSuffix("… and more"))
        #expect(chart.strip().split(separator: "\n").count == 15)
    }

    @Test("an endpoint's override is shown from now on, not for the hours before")
    func override() throws {
        let zone = try zone("Asia/Seoul")
        guard case .accepted(let resolved) = spec("Asia/Seoul", from: "08:00", to: "17:00").resolved() else {
            throw Problem.refused
        }
        let day = try #require(CivilDate("2026-11-23"))
        let start = zone.instant(of: LocalTime(day))
        let rules = CapacityRules(
            schedules: [GoverningSchedule(name: "s", word: .follows(ScheduleCalendar(resolved, in: zone)))],
            override: CapacityOverride(.closed, until: start + 15 * 3600), spec: EndpointBounds(workers: 0...20))
        let forecast = Forecast(of: rules, in: start..<(start + 86_400), now: start + 12 * 3600)
        #expect(forecast.stretches.filter(\.isOpen).map { Int($0.start.timeIntervalSince(start) / 3600) } == [8, 15])
        #expect(forecast.state(at: start + 13 * 3600)?.by == "override")
        #expect(forecast.state(at: start + 86_400) == nil)
    }
}
