import Foundation
import KubernetesModel

@testable import MartletAPI

/// One endpoint of the simulated year: what its schedule says, and on its own account when it is open.
///
/// The account is a second reading: it shares nothing with the operator's calendar, and takes the clocks of the zones from
/// Foundation.
struct YearPlan: Sendable {
    /// An opening, in minutes of a local day; one beyond 1440 closes on the next day.
    struct Span: Sendable {
        var from: Int
        var to: Int
    }
    struct Kind: Sendable {
        var name: String
        var windows: [ScheduleWindowSpec]
        /// What opens on a local day: its weekday (1 is Sunday) and its day of the month.
        var spans: @Sendable (_ weekday: Int, _ day: Int) -> [Span]
    }

    var number: Int
    var kind: Kind
    var zone: String

    var key: ObjectKey { ObjectKey(namespace: "dev", name: "year-\(number)") }
    var uid: String { "uid-\(number)" }
    /// The least and the most: without traffic as many workers as that bill all the time.
    var workers: Int { 1 + number % 3 }
    var gpus: Int { number % 7 == 0 ? 2 : 1 }
    var preWarm: Int { [0, 300, 900][number / 2 % 3] }
    var deletes: Bool { number / 5 % 2 == 1 }
    /// Whether jobs are in flight at every close.
    var isBusy: Bool { number % 10 >= 8 }

    static let zones = [
        "Asia/Seoul", "America/New_York", "Europe/London", "Australia/Lord_Howe", "America/Sao_Paulo",
    ]

    /// Fifty: each kind of window in each zone.
    static let all = (0..<50).map { YearPlan(number: $0, kind: kinds[$0 / 5], zone: zones[$0 % 5]) }

    private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri"]
    private static func weekly(_ days: [String], _ from: String, _ to: String, name: String = "days")
        -> ScheduleWindowSpec
    {
        ScheduleWindowSpec(name: name, days: days, from: from, to: to)
    }
    private static func cron(_ start: String, _ end: String) -> ScheduleWindowSpec {
        ScheduleWindowSpec(name: "cron", start: start, end: end)
    }
    private static func isWeekday(_ weekday: Int) -> Bool { (2...6).contains(weekday) }

    static let kinds = [
        Kind(name: "office", windows: [weekly(weekdays, "08:00", "17:00")]) { weekday, _ in
            isWeekday(weekday) ? [Span(from: 480, to: 1020)] : []
        },
        Kind(name: "night", windows: [weekly(weekdays + ["Sat", "Sun"], "22:00", "06:00")]) { _, _ in
            [Span(from: 1320, to: 1440 + 360)]
        },
        Kind(name: "crontab", windows: [cron("30 9 * * 1-5", "0 18 * * *")]) { weekday, _ in
            isWeekday(weekday) ? [Span(from: 570, to: 1080)] : []
        },
        Kind(name: "weekend", windows: [weekly(["Sat", "Sun"], "10:00", "14:30")]) { weekday, _ in
            isWeekday(weekday) ? [] : [Span(from: 600, to: 870)]
        },
        Kind(
            name: "siesta",
            windows: [
                weekly(weekdays + ["Sat"], "07:00", "11:00", name: "morning"),
                weekly(weekdays + ["Sat"], "13:00", "19:00", name: "evening"),
            ]
        ) { weekday, _ in weekday == 1 ? [] : [Span(from: 420, to: 660), Span(from: 780, to: 1140)] },
        Kind(name: "month", windows: [cron("0 0 1 * *", "0 12 1 * *")]) { _, day in
            day == 1 ? [Span(from: 0, to: 720)] : []
        },
        Kind(name: "often", windows: [cron("0 */6 * * *", "30 */6 * * *")]) { _, _ in
            [0, 360, 720, 1080].map { Span(from: $0, to: $0 + 30) }
        },
        // Over the hour at which the clocks change.
        Kind(name: "change", windows: [weekly(weekdays + ["Sat", "Sun"], "00:30", "04:30")]) { _, _ in
            [Span(from: 30, to: 270)]
        },
        Kind(name: "tuesdays", windows: [weekly(["Tue", "Thu"], "06:15", "20:45")]) { weekday, _ in
            weekday == 3 || weekday == 5 ? [Span(from: 375, to: 1245)] : []
        },
        // Longer than RunPod lets an endpoint keep its `max` that nobody asks anything.
        Kind(name: "week", windows: [cron("0 0 * * MON", "0 0 * * SAT")]) { weekday, _ in
            weekday == 2 ? [Span(from: 0, to: 5 * 1440)] : []
        },
    ]

    var schedule: GPUSchedule {
        var metadata = ObjectMeta(name: "s-\(number)", namespace: "dev")
        metadata.generation = 1
        return GPUSchedule(
            metadata: metadata,
            spec: GPUScheduleSpec(
                timeZone: zone, targets: [ScheduleTarget(name: key.name)], windows: kind.windows,
                preWarmSeconds: preWarm))
    }

    var spec: InferenceEndpointSpec {
        InferenceEndpointSpec(
            runpod: RunPodSpec(
                credentialsSecretRef: SecretKeyRef(name: "runpod-\(number % 5)"), image: "example/worker:1",
                gpu: RunPodGPUSpec(pools: ["ADA_24"], count: gpus),
                workers: RunPodWorkersSpec(min: workers, max: workers, idleTimeoutSeconds: 5), flashBoot: false,
                whenClosed: deletes ? .delete : .disable, drainSeconds: 600))
    }

    /// When it is open between two instants, pre-warm included, in order and without overlaps.
    func openings(from begin: Date, to end: Date) -> [ClosedRange<Date>] {
        guard let zone = TimeZone(identifier: zone) else { return [] }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        var found: [ClosedRange<Date>] = []
        // Local days as if they were days of UTC.
        var day = calendar.startOfDay(for: begin) - 7 * 86_400
        while day < end + 2 * 86_400 {
            let parts = calendar.dateComponents([.weekday, .day], from: day)
            for span in kind.spans(parts.weekday ?? 0, parts.day ?? 0) {
                let from = zone.instant(of: day + Double(span.from) * 60) - Double(preWarm)
                let to = zone.instant(of: day + Double(span.to) * 60)
                guard from < to, to > begin, from < end else { continue }
                let clipped = max(from, begin)...min(to, end)
                if let last = found.last, clipped.lowerBound <= last.upperBound {
                    found[found.count - 1] = last.lowerBound...max(last.upperBound, clipped.upperBound)
                } else {
                    found.append(clipped)
                }
            }
            day += 86_400
        }
        return found
    }
}

extension TimeZone {
    /// The first instant at which clocks show `local` (read as UTC) or later.
    fileprivate func instant(of local: Date) -> Date {
        func offset(_ at: Date) -> Double { Double(secondsFromGMT(for: at)) }
        let (before, after) = (offset(local - 86_400), offset(local + 86_400))
        guard before != after else { return local - before }
        var at = local - max(before, after) - 7200
        while at + offset(at) < local { at += 60 }
        return at
    }
}
