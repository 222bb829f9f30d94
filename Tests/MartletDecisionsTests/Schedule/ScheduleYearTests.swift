import Foundation
import KubernetesModel
import MartletAPI
import Testing

@testable import MartletDecisions

private let judge = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("lab/schedule_year.py")

private let python = ["/usr/bin/python3", "/usr/local/bin/python3"].first {
    FileManager.default.isExecutableFile(atPath: $0)
}

/// A calendar and a year that are compared with Python's word.
struct ScheduleYear: Sendable, CustomTestStringConvertible {
    var zone: String
    var year: Int
    var preWarmSeconds = 0
    var exceptions = false

    var testDescription: String {
        "\(zone) \(year), pre-warm \(preWarmSeconds) s\(exceptions ? ", with exceptions" : "")"
    }

    static let all = [
        ScheduleYear(zone: "Asia/Seoul", year: 2027, preWarmSeconds: 300, exceptions: true),
        ScheduleYear(zone: "America/New_York", year: 2024),
        ScheduleYear(zone: "Europe/London", year: 2026, exceptions: true),
        ScheduleYear(zone: "Australia/Lord_Howe", year: 2025, preWarmSeconds: 5400),
        // Clocks went from 23:59 to 01:00, and from 23:59 back to 23:00.
        ScheduleYear(zone: "America/Sao_Paulo", year: 2018, preWarmSeconds: 600, exceptions: true),
        ScheduleYear(zone: "America/Sao_Paulo", year: 2026),
        // 30 December does not exist.
        ScheduleYear(zone: "Pacific/Apia", year: 2011, preWarmSeconds: 60, exceptions: true),
        // Far beyond what the file spells out.
        ScheduleYear(zone: "America/New_York", year: 2468, exceptions: true),
        ScheduleYear(zone: "Australia/Lord_Howe", year: 2060), ScheduleYear(zone: "Africa/Casablanca", year: 2026),
        ScheduleYear(zone: "Europe/Dublin", year: 2026),
        ScheduleYear(zone: "America/Havana", year: 2026, exceptions: true),
    ]

    /// Windows that meet the changes of the clocks, midnight, month ends and the leap day, alone and one over another.
    var spec: String {
        let windows = [
            weekly("office", ["Mon", "Tue", "Wed", "Thu", "Fri"], "08:00", "17:00"),
            cron("weekend", "0 22 * * fri", "0 6 * * *"), weekly("night", ["Sat", "Sun"], "21:30", "02:30"),
            cron("batch", "0 2 * * *", "30 3 * * *"), cron("gap", "5 2 * * *", "25 2 * * *"),
            cron("gap-at-midnight", "10 0 * * *", "50 0 * * *"), cron("fold", "15 1 * * *", "45 1 * * *"),
            cron("fold-late", "30 23 * * *", "45 23 * * *"), cron("leap", "0 0 29 2 *", "0 12 * * *"),
            cron("thirteenth", "0 12 13 * 5", "0 13 * * *"), cron("odd-days", "0 12 */2 * 1-5", "20 12 * * *"),
            cron("often", "*/20 18-19 * mar,nov *", "3-59/5 * * * *"), weekly("round", ["Wed"], "10:00", "10:00"),
            cron("month", "0 0 1 * *", "0 6 2 * *"),
        ]
        let exceptions =
            exceptions
            ? """
            , "exceptions": [
              {"name": "spring", "from": "\(year)-03-08", "to": "\(year)-03-31", "state": "Closed"},
              {"name": "summer", "from": "\(year)-06-10", "to": "\(year)-06-12", "state": "Open"},
              {"name": "day-in-summer", "from": "\(year)-06-11", "state": "Closed"},
              {"name": "autumn", "from": "\(year)-11-01", "to": "\(year)-11-04", "state": "Open"},
              {"name": "winter", "from": "\(year)-12-24", "to": "\(year + 1)-01-02", "state": "Closed"},
              {"name": "carnival", "from": "\(year)-02-17", "state": "Closed"}]
            """ : ""
        return """
            {"timeZone": "\(zone)", "targets": [{"name": "a"}], "preWarmSeconds": \(preWarmSeconds),
             "windows": [\(windows.joined(separator: ", "))]\(exceptions)}
            """
    }
}

@Suite("A year of a schedule is what Python makes of it")
struct ScheduleYearTests {
    @Test("minute by minute", .enabled(if: python != nil, "python3 is missing"), arguments: ScheduleYear.all)
    func year(_ year: ScheduleYear) throws {
        let (from, to) = (at("\(year.year)-01-01T00:00:00Z"), at("\(year.year + 1)-01-01T00:00:00Z"))
        let expected = try judged(year.spec, from, to)
        let schedule = try GPUScheduleSpec(json: year.spec).accepted()
        let calendar = ScheduleCalendar(schedule, in: try rules(year.zone))
        let closing = Set(schedule.exceptions.filter { $0.state == .closed }.map(\.name))
        let found = calendar.changes(from: from, to: to).map { change in
            Change(time: change.time, names: change.names.map { closing.contains($0) ? "Closed: \($0)" : $0 }.sorted())
        }
        #expect(expected.count > 500)
        for (left, right) in zip(found, expected) where left != right {
            Issue.record("\(calendar.zone.local(at: left.time)) \(left) instead of \(right)")
            return
        }
        #expect(found.count == expected.count)
        // Openings and closings, found in one walk.
        let openings = calendar.transitions(in: from.addingTimeInterval(1)..<to).map(\.time)
        let isOpen = expected.map { !$0.names.isEmpty && !$0.names[0].hasPrefix("Closed: ") }
        let flips = zip(expected.dropFirst(), zip(isOpen, isOpen.dropFirst())).filter { $0.1.0 != $0.1.1 }.map(\.0.time)
        #expect(openings == flips)
        // From anywhere, back and forth.
        var random = SplitMix(seed: UInt64(year.year))
        let named = expected.map { $0.names.map { String($0.split(separator: " ").last ?? "") } }
        for _ in 0..<25 {
            let index = Int.random(in: 1..<expected.count - 1, using: &random)
            let (start, end) = (expected[index].time, expected[index + 1].time)
            let now = start.addingTimeInterval(.random(in: 0..<end.timeIntervalSince(start), using: &random))
            #expect(calendar.state(at: now).isOpen == isOpen[index], "\(now)")
            #expect(calendar.state(at: now).names.sorted() == named[index].sorted(), "\(now)")
            #expect(calendar.nextChange(after: now) == end, "\(now)")
            #expect(calendar.lastChange(notAfter: now) == start, "\(now)")
            #expect(
                calendar.nextTransition(after: now)?.time == flips.first { $0 > now } || flips[flips.count - 1] <= now)
            #expect(calendar.lastTransition(notAfter: now)?.time == flips.last { $0 <= now } || flips[0] > now)
        }
    }

    private struct Change: Equatable {
        var time: Date
        var names: [String]
    }

    private func judged(_ spec: String, _ from: Date, _ to: Date) throws -> [Change] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python ?? "")
        process.arguments = [judge.path]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let line = spec.split(separator: "\n").joined(separator: " ")
        let task =
            "{\"from\": \(Int(from.timeIntervalSince1970)), \"to\": \(Int(to.timeIntervalSince1970)), \"spec\": \(line)}\n"
        try input.fileHandleForWriting.write(contentsOf: Data(task.utf8))
        try input.fileHandleForWriting.close()
        let answer = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "the judge failed")
        let rows = try JSONDecoder().decode([JSONValue].self, from: answer)
        return rows.compactMap { row in
            guard case .array(let row) = row, row.count == 2, case .integer(let time) = row[0],
                case .array(let names) = row[1]
            else { return nil }
            let texts = names.compactMap { name in if case .string(let text) = name { text } else { nil } }
            return Change(time: Date(timeIntervalSince1970: Double(time)), names: texts)
        }
    }
}
