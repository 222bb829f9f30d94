import FoundationEssentials
import KubernetesModel
import Testing

@testable import MartletAPI

/// The specification's own example.
private let example = """
    {"timeZone": "Asia/Seoul", "targets": [{"name": "image-gen"}],
     "windows": [
       {"name": "weekdays", "days": ["Mon", "Tue", "Wed", "Thu", "Fri"], "from": "08:00", "to": "17:00"},
       {"name": "nightly-batch", "start": "0 2 * * *", "end": "30 3 * * *", "bounds": {"workers": {"min": 1, "max": 4}}}],
     "inside": {"workers": {"min": 0, "max": 20}, "runpod": {"min": 1, "max": 3}},
     "outside": {"workers": {"max": 0}, "runpod": {"max": 0}},
     "exceptions": [{"name": "seollal", "from": "2027-02-06", "to": "2027-02-09", "state": "Closed"}],
     "preWarmSeconds": 300, "suspend": false}
    """

private func schedule(_ spec: String, status: String? = nil) throws -> GPUSchedule {
    let json = """
        {"apiVersion": "martlet.dev/v1alpha1", "kind": "GPUSchedule", "metadata": {"name": "office-hours", "namespace": "dev"},
         "spec": \(spec)\(status.map { ", \"status\": \($0)" } ?? "")}
        """
    return try JSONDecoder().decode(GPUSchedule.self, from: Data(json.utf8))
}

/// A spec with one window, or what is given in its place, and further fields.
private func problems(_ window: String? = nil, windows: String? = nil, _ more: String = "") throws -> [SpecProblem] {
    let windows = windows ?? "[\(window ?? "{\"name\": \"a\", \"start\": \"@daily\", \"end\": \"0 8 * * *\"}")]"
    let spec = "{\"timeZone\": \"Asia/Seoul\", \"targets\": [{\"name\": \"a\"}], \"windows\": \(windows)\(more)}"
    switch try schedule(spec).resolution {
    case .accepted: return []
    case .refused(let problems): return problems
    }
}

@Suite("A GPUSchedule is read and checked")
struct GPUScheduleTests {
    @Test("the specification's example is accepted as it says")
    func accepted() throws {
        guard case .accepted(let resolved) = try schedule(example).resolution else {
            Issue.record("refused")
            return
        }
        #expect(resolved.timeZone.rawValue == "Asia/Seoul")
        #expect(resolved.targets == ["image-gen"])
        #expect(resolved.windows.map(\.name) == ["weekdays", "nightly-batch"])
        #expect(resolved.windows[0].start.description == "0 8 * * 1,2,3,4,5")
        #expect(resolved.windows[0].end.description == "0 17 * * *")
        #expect(resolved.windows[0].bounds == resolved.inside)
        #expect(resolved.windows[1].bounds.workers == WorkerBounds(min: 1, max: 4))
        #expect(resolved.windows[1].bounds.runpod == WorkerBounds(min: 1, max: 3))
        #expect(resolved.exceptions[0].days.upperBound == CivilDate(year: 2027, month: 2, day: 9))
        #expect(resolved.preWarmSeconds == 300)
        #expect(!resolved.suspend)
        #expect(resolved.backends == [.workers, .runpod])
    }

    @Test("a window by days says the same as the cron expressions it stands for")
    func weekly() throws {
        let written = try CronExpression("30 22 * * 0,6")
        let spec = GPUScheduleSpec(
            timeZone: "UTC", targets: [ScheduleTarget(name: "a")],
            windows: [ScheduleWindowSpec(name: "a", days: ["Sat", "Sun"], from: "22:30", to: "06:00")])
        guard case .accepted(let resolved) = spec.resolved() else {
            throw DecodingError.valueNotFound(Int.self, .init(codingPath: [], debugDescription: ""))
        }
        #expect(resolved.windows[0].start.minutes == written.minutes)
        #expect(resolved.windows[0].start.hours == written.hours)
        #expect(resolved.windows[0].start.daysOfMonth == written.daysOfMonth)
        #expect(resolved.windows[0].start.months == written.months)
        #expect(resolved.windows[0].start.daysOfWeek == written.daysOfWeek)
        #expect(resolved.windows[0].start.needsBothDays == written.needsBothDays)
        #expect(resolved.windows[0].end.daysOfWeek == 0x7f)
    }

    @Test("a schedule governs the backends that any of its bounds names, and both if none does")
    func backends() throws {
        let window = "{\"name\": \"a\", \"start\": \"@daily\", \"end\": \"0 8 * * *\""
        func named(_ windows: String, _ more: String = "") throws -> Set<CapacityBackend>? {
            let spec = "{\"timeZone\": \"UTC\", \"targets\": [{\"name\": \"a\"}], \"windows\": [\(windows)]\(more)}"
            guard case .accepted(let resolved) = try schedule(spec).resolution else { return nil }
            return resolved.backends
        }
        #expect(try named("\(window)}") == [.workers, .runpod])
        #expect(try named("\(window)}", ", \"inside\": {\"workers\": {}}") == [.workers])
        #expect(try named("\(window)}", ", \"outside\": {\"runpod\": {\"max\": 1}}") == [.runpod])
        #expect(try named("\(window), \"bounds\": {\"runpod\": {\"max\": 1}}}") == [.runpod])
        #expect(
            try named("\(window), \"bounds\": {\"runpod\": {\"max\": 1}}}", ", \"inside\": {\"workers\": {}}") == [
                .workers, .runpod,
            ])
    }

    @Test("everything that is wrong is told at once")
    func everything() throws {
        let spec = """
            {"windows": [{"name": "a b", "days": ["Mon", "Funday"], "from": "8:00", "to": "24:00"},
                         {"name": "c", "start": "0 0 30 2 *", "end": "@reboot"}],
             "exceptions": [{"name": "x", "from": "2027-02-30", "state": "Open"}], "preWarmSeconds": 86401}
            """
        guard case .refused(let problems) = try schedule(spec).resolution else {
            Issue.record("accepted")
            return
        }
        #expect(
            problems.map(\.reason) == [
                .timeZoneMissing, .targetsMissing, .invalidName, .invalidDay, .invalidTime, .invalidTime, .invalidCron,
                .invalidCron, .invalidDate, .outOfRange,
            ])
        #expect(problems[3].field == "spec.windows[0].days[1]")
        #expect(problems[6].message == "at character 5: no month that is named has such a day")
    }

    @Test(
        "a window needs one way to say when, all of it",
        arguments: [
            ("{\"name\": \"a\"}", SpecProblemReason.windowTimesMissing),
            ("{\"name\": \"a\", \"from\": \"08:00\", \"to\": \"17:00\"}", .windowTimesMissing),
            ("{\"name\": \"a\", \"days\": [], \"from\": \"08:00\", \"to\": \"17:00\"}", .windowTimesMissing),
            ("{\"name\": \"a\", \"start\": \"@daily\"}", .windowTimesMissing),
            (
                "{\"name\": \"a\", \"days\": [\"Mon\"], \"from\": \"08:00\", \"to\": \"17:00\", \"end\": \"@daily\"}",
                .windowTimesAmbiguous
            ),
            ("{\"name\": \"a\", \"days\": [\"Mon\", \"Mon\"], \"from\": \"08:00\", \"to\": \"17:00\"}", .duplicateName),
            ("{\"name\": \"a\", \"days\": [\"Mon\"], \"from\": \"08:60\", \"to\": \"17:00\"}", .invalidTime),
            ("{\"name\": \"a\", \"days\": [\"monday\"], \"from\": \"08:00\", \"to\": \"17:00\"}", .invalidDay),
        ])
    func windowTimes(_ window: String, _ reason: SpecProblemReason) throws {
        #expect(try problems(window).map(\.reason) == [reason])
    }

    @Test("names, zones and limits are held to their rules")
    func limits() throws {
        let window = { (name: String) in "{\"name\": \"\(name)\", \"start\": \"@daily\", \"end\": \"0 8 * * *\"}" }
        #expect(try problems(windows: "[\(window("a")), \(window("a"))]").map(\.reason) == [.duplicateName])
        let many = (0..<33).map { window("w\($0)") }.joined(separator: ", ")
        #expect(try problems(windows: "[\(many)]").map(\.reason) == [.outOfRange])
        #expect(try problems(windows: "[]").map(\.reason) == [.windowsMissing])
        #expect(try problems(window("a/b")).map(\.reason) == [.invalidName])
        for zone in [
            "Asia//Seoul", "/etc/passwd", "../../etc/passwd", "right/UTC", "localtime", "Asia/..", "a b", "+1",
        ] {
            #expect(TimeZoneName(zone) == nil, "\(zone)")
        }
        for zone in ["UTC", "Etc/GMT+9", "America/Argentina/Buenos_Aires", "America/Port-au-Prince", "EST5EDT"] {
            #expect(TimeZoneName(zone)?.rawValue == zone)
        }
    }

    @Test("bounds must be in order, also where a window takes one of them from inside")
    func bounds() throws {
        let daily = { (bounds: String) in
            "{\"name\": \"a\", \"start\": \"@daily\", \"end\": \"0 8 * * *\", \"bounds\": \(bounds)}"
        }
        #expect(
            try problems(nil, ", \"inside\": {\"workers\": {\"min\": 3, \"max\": 2}}").map(\.reason) == [.minAboveMax])
        #expect(try problems(nil, ", \"outside\": {\"workers\": {\"min\": 1}}").map(\.reason) == [.minAboveMax])
        #expect(try problems(nil, ", \"outside\": {\"workers\": {\"max\": -1}}").map(\.reason).first == .outOfRange)
        #expect(try problems(nil, ", \"inside\": {\"runpod\": {\"max\": 1001}}").map(\.reason) == [.outOfRange])
        let merged = try problems(
            daily("{\"workers\": {\"min\": 5}}"), ", \"inside\": {\"workers\": {\"min\": 0, \"max\": 2}}")
        #expect(merged.map(\.description) == ["spec.windows[0].bounds.workers.min: 5 is above max, which is 2"])
        #expect(try problems(daily("{\"workers\": {\"min\": 5}}"), ", \"inside\": {\"runpod\": {\"max\": 2}}").isEmpty)
    }

    @Test("an exception's days exist and are in order")
    func exceptions() throws {
        func reasons(_ exceptions: String) throws -> [SpecProblemReason] {
            try problems(nil, ", \"exceptions\": [\(exceptions)]").map(\.reason)
        }
        #expect(try reasons("{\"name\": \"a\", \"from\": \"2028-02-29\", \"state\": \"Open\"}").isEmpty)
        #expect(try reasons("{\"name\": \"a\", \"from\": \"2027-02-29\", \"state\": \"Open\"}") == [.invalidDate])
        #expect(
            try reasons("{\"name\": \"a\", \"from\": \"2027-02-09\", \"to\": \"2027-02-08\", \"state\": \"Open\"}") == [
                .invalidDate
            ])
        let one = "{\"name\": \"a\", \"from\": \"2028-02-29\", \"state\": \"Open\"}"
        #expect(try reasons("\(one), \(one)") == [.duplicateName])
        for text in ["2027-2-9", "20270209", "2027-13-01", "2027-00-01", "2027-01-00", "tomorrow", "２０２７-01-01"] {
            #expect(CivilDate(text) == nil, "\(text)")
        }
        let unknown = try problems(
            nil, ", \"exceptions\": [{\"name\": \"a\", \"from\": \"2028-02-29\", \"state\": \"Shut\"}]")
        #expect(unknown.map(\.reason) == [.malformed])
        #expect(unknown[0].message == "spec.exceptions[0].state: not an allowed value")
    }

    @Test("a spec that can't be read is kept as such, and still names the endpoints it governs")
    func malformed() throws {
        let broken = try schedule(
            "{\"timeZone\": 9, \"targets\": [{\"name\": \"a\"}, 7, {\"nam\": \"b\"}, {\"name\": \"c\"}]}")
        #expect(broken.spec == .malformed("spec.timeZone: expected a text"))
        #expect(broken.targetNames == ["a", "c"])
        #expect(try schedule("7").targetNames.isEmpty)
        #expect(try schedule(example).targetNames == ["image-gen"])
        #expect(try schedule(example, status: "{\"open\": \"yes\"}").status == nil)
        #expect(try schedule(example, status: "{\"open\": true, \"nextTransition\": \"Close\"}").status?.open == true)
    }

    @Test("an object that is written is read again the same, and a status erases what it lacks")
    func encoding() throws {
        let first = try schedule(example, status: "{\"open\": true, \"window\": \"weekdays\"}")
        let again = try JSONDecoder().decode(GPUSchedule.self, from: JSONEncoder().encode(first))
        #expect(again == first)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let patch = StatusMergePatch(status: GPUScheduleStatus(open: false))
        #expect(
            String(decoding: try encoder.encode(patch), as: UTF8.self) == """
                {"status":{"conditions":null,"nextTransition":null,"nextTransitionTime":null,\
                "observedGeneration":null,"open":false,"window":null}}
                """)
    }
}
