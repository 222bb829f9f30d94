import FoundationEssentials
import MartletAPI

@testable import MartletDecisions

extension FuzzTarget {
    /// Cron expressions: what is accepted has a next and a last time, and both are times of its own.
    static let cron = FuzzTarget(
        "cron",
        seeds: [
            "0 8 * * 1-5", "*/15 8-17/3,23 1,15 jan,MAR-may sun", "0 0 29 2 */7", "@daily", "59 23 31 12 7",
            "0 0 13 * fri-sun",
        ]
    ) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        let expression: CronExpression
        do throws(CronError) {
            expression = try CronExpression(text)
        } catch {
            promise(
                error.position >= 1 && error.position <= text.utf8.count + 1, "\(error) of \(text.utf8.count) bytes")
            return
        }
        let times = CronTimes(expression)
        for minute in [-20_000_000, 0, 29_000_000, 2_000_000_000] {
            guard let next = times.next(after: minute), let last = times.last(notAfter: minute) else {
                fatalError("broken promise: \(text) has no time after or before \(minute)")
            }
            promise(last <= minute && minute < next, "\(text): \(last) and \(next) about \(minute)")
            promise(times.last(notAfter: next) == next, "\(text): \(next) is no time of its own")
            promise(times.next(after: last) == next, "\(text): a time between \(last) and \(next)")
        }
    }

    /// TZif files: what is accepted brings any instant to the wall and back.
    static let tzif = FuzzTarget("tzif", seeds: [seed(footer: "KST-9"), seed(footer: "EST5EDT,M3.2.0,M11.1.0/2:00")]) {
        bytes in
        guard let rules = try? TimeZoneRules(tzif: bytes) else { return }
        for seconds in [-3e12, -1e10, 0, 1_795_000_000, 2.4e11, 3e12] {
            let instant = Date(timeIntervalSince1970: seconds)
            let local = rules.local(at: instant)
            let first = rules.instant(of: local)
            promise(first <= instant, "\(local) is first seen after it is shown")
            promise(rules.local(at: first) >= local, "\(local) is not shown when it is first seen")
        }
    }

    /// Version 2, two types and a transition between them.
    private static func seed(footer: String) -> String {
        func header(_ counts: [UInt8]) -> String {
            "TZif2" + String(repeating: "\0", count: 15)
                + counts.map { "\0\0\0" + String(UnicodeScalar($0)) }.joined()
        }
        return header([0, 0, 0, 0, 1, 4]) + "\0\0\0\0\0\0UTC\0" + header([0, 0, 0, 1, 2, 8])
            + "\0\0\0\0\u{10}\0\0\0" + "\u{1}" + "\0\0\0\0\0\0" + "\0\0\u{e}\u{10}\u{1}\u{4}" + "LMT\0KST\0"
            + "\n\(footer)\n"
    }
}
