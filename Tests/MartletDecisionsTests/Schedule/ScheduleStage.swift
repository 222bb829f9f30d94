import FoundationEssentials
import KubernetesModel
import MartletAPI
import Testing

@testable import MartletDecisions

/// The rules of a zone of this machine.
func rules(_ name: String) throws -> TimeZoneRules {
    try TimeZoneRules(tzif: Array(Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/\(name)"))))
}

/// The instant of an RFC 3339 text.
func at(_ text: String) -> Date {
    guard let time = Timestamp(text) else {
        Issue.record("\(text) is no time")
        return .distantPast
    }
    return time.date
}

extension GPUScheduleSpec {
    /// Of the fields in JSON, with a target and whatever else is given.
    init(json: String) throws {
        self = try JSONDecoder().decode(GPUScheduleSpec.self, from: Data(json.utf8))
        if targets == nil { targets = [ScheduleTarget(name: "image-gen")] }
    }

    func accepted() throws -> ResolvedSchedule {
        switch resolved() {
        case .accepted(let schedule): return schedule
        case .refused(let problems): throw Refused(problems: problems)
        }
    }

    struct Refused: Error { var problems: [SpecProblem] }
}

extension ScheduleCalendar {
    /// Of windows and more in JSON, without the outer braces.
    init(_ zoneName: String, _ json: String) throws {
        let schedule = try GPUScheduleSpec(json: "{\"timeZone\": \"\(zoneName)\", \(json)}").accepted()
        self.init(schedule, in: try rules(zoneName))
    }

    /// Openings and closings in the range, each as `local time Open` or `… Close`.
    func diary(_ from: String, _ to: String) -> [String] {
        transitions(in: at(from)..<at(to)).map { "\(zone.local(at: $0.time)) \($0.kind.rawValue)" }
    }

    /// Every change in the range, found in one walk.
    func changes(from: Date, to: Date) -> [(time: Date, names: [String])] {
        var sweep = ScheduleSweep(self, from: from.wholeSeconds, .forward)
        var found = [(time: from, names: sweep.state.names)]
        while let next = (sweep.step()?.edge).map(Date.init(wholeSeconds:)), next < to {
            guard next > found[found.count - 1].time else {
                Issue.record("no way on from \(next)")
                return found
            }
            found.append((next, sweep.state.names))
        }
        return found
    }
}

/// With days and times of the day.
func weekly(_ name: String, _ days: [String], _ from: String, _ to: String) -> String {
    let days = days.map { "\"\($0)\"" }.joined(separator: ", ")
    return "{\"name\": \"\(name)\", \"days\": [\(days)], \"from\": \"\(from)\", \"to\": \"\(to)\"}"
}

/// With two cron expressions.
func cron(_ name: String, _ start: String, _ end: String) -> String {
    "{\"name\": \"\(name)\", \"start\": \"\(start)\", \"end\": \"\(end)\"}"
}
