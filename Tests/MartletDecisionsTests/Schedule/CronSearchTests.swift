import KubernetesModel
import MartletAPI
import Testing

@testable import MartletDecisions

/// Whether the expression, as text, names the local minute: read and compared field by field, minute by minute.
private struct SlowCron {
    var fields: [Set<Int>]
    var isEither: Bool

    init(_ text: String) {
        let texts = text.split(separator: " ")
        fields = zip(texts, [0...59, 0...23, 1...31, 1...12, 0...7]).map { text, range in
            var numbers: Set<Int> = []
            for item in text.split(separator: ",") {
                let parts = item.split(separator: "/")
                let ends = parts[0].split(separator: "-").compactMap { Int($0) }
                let span = parts[0] == "*" ? range : ends[0]...ends[ends.count - 1]
                let step = parts.count > 1 ? Int(parts[1]) ?? 1 : 1
                numbers.formUnion(span.filter { ($0 - span.lowerBound) % step == 0 })
            }
            return numbers
        }
        isEither = texts[2].first != "*" && texts[4].first != "*"
    }

    func names(_ minute: Int) -> Bool {
        let (day, rest) = floor(minute, by: 1440)
        let date = CivilDate(dayNumber: day)
        let isOfMonth = fields[2].contains(date.parts.day)
        let isOfWeek =
            fields[4].contains(date.dayOfWeek) || date.dayOfWeek == 0 && fields[4].contains(7)
        return fields[0].contains(rest % 60) && fields[1].contains(rest / 60)
            && fields[3].contains(date.parts.month) && (isEither ? isOfMonth || isOfWeek : isOfMonth && isOfWeek)
    }
}

extension SplitMix {
    /// A field with a list of stars, numbers, ranges and steps.
    fileprivate mutating func field(_ range: ClosedRange<Int>) -> String {
        (0..<Int.random(in: 1...2, using: &self)).map { _ in
            let ends = [Int.random(in: range, using: &self), Int.random(in: range, using: &self)].sorted()
            switch Int.random(in: 0..<6, using: &self) {
            case 0, 1: return "*"
            case 2: return "*/\(Int.random(in: 1...range.upperBound, using: &self))"
            case 3: return "\(ends[0])-\(ends[1])"
            case 4: return "\(ends[0])-\(ends[1])/\(Int.random(in: 1...7, using: &self))"
            default: return "\(ends[0])"
            }
        }.joined(separator: ",")
    }

    fileprivate mutating func expression() -> String {
        [field(0...59), field(0...23), field(1...31), field(1...12), field(0...7)].joined(separator: " ")
    }
}

private func minute(_ text: String, _ hour: Int = 0, _ minute: Int = 0) throws -> Int {
    try #require(CivilDate(text)).dayNumber * 1440 + hour * 60 + minute
}

@Suite("The next and the last time of a cron expression")
struct CronSearchTests {
    @Test("are what a walk from minute to minute finds, for any expression", arguments: 0..<60)
    func random(_ seed: Int) throws {
        var random = SplitMix(seed: UInt64(seed))
        let text = random.expression()
        guard let expression = try? CronExpression(text) else { return }
        let (times, slow) = (CronTimes(expression), SlowCron(text))
        // Around the end of February and of a year, of both kinds.
        let days = ["1999-12-30", "2000-02-27", "2026-02-27", "2028-02-27", "1969-12-31", "2100-02-27", "2026-06-29"]
        let start = try minute(days[seed % days.count])
        let matches = (start..<start + 5 * 1440).filter(slow.names)
        for _ in 0..<40 {
            let from = Int.random(in: start..<start + 5 * 1440, using: &random)
            if let next = matches.first(where: { $0 > from }) {
                #expect(times.next(after: from) == next, "\(text)")
            } else {
                #expect(times.next(after: from) ?? .max >= start + 5 * 1440, "\(text)")
            }
            if let last = matches.last(where: { $0 <= from }) {
                #expect(times.last(notAfter: from) == last, "\(text)")
            } else {
                #expect(times.last(notAfter: from) ?? .min < start, "\(text)")
            }
        }
    }

    @Test("a closing is an end that is no start", arguments: 0..<40)
    func closings(_ seed: Int) throws {
        var random = SplitMix(seed: 1_000 + UInt64(seed))
        let (start, end) = (random.expression(), random.expression())
        guard let opening = try? CronExpression(start), let closing = try? CronExpression(end) else { return }
        let times = ClosingTimes(starts: CronTimes(opening), ends: CronTimes(closing))
        let (starts, ends) = (SlowCron(start), SlowCron(end))
        let first = try minute("2028-02-27")
        let matches = (first..<first + 4 * 1440).filter { ends.names($0) && !starts.names($0) }
        for _ in 0..<30 {
            let from = Int.random(in: first..<first + 4 * 1440, using: &random)
            if let next = matches.first(where: { $0 > from }) {
                #expect(times.next(after: from) == next, "\(start) | \(end)")
            }
            if let last = matches.last(where: { $0 <= from }) {
                #expect(times.last(notAfter: from) == last, "\(start) | \(end)")
            }
        }
    }

    @Test("a leap day is found over a century that has none, also on a day of the week")
    func leapDays() throws {
        let leap = CronTimes(try CronExpression("0 12 29 2 *"))
        #expect(leap.next(after: try minute("2096-03-01")) == (try minute("2104-02-29", 12)))
        #expect(leap.last(notAfter: try minute("2104-02-29", 11)) == (try minute("2096-02-29", 12)))
        let sunday = CronTimes(try CronExpression("0 0 29 2 */7"))
        #expect(sunday.next(after: try minute("2088-03-01")) == (try minute("2128-02-29")))
        #expect(sunday.last(notAfter: try minute("2128-02-28")) == (try minute("2088-02-29")))
    }

    @Test("an end that is always a start too never closes")
    func neverClosing() throws {
        let every = CronTimes(try CronExpression("*/5 * * * *"))
        let times = ClosingTimes(starts: every, ends: CronTimes(try CronExpression("*/10 * * * *")))
        #expect(times.next(after: try minute("2026-01-01")) == nil)
        #expect(times.last(notAfter: try minute("2026-01-01")) == nil)
    }
}
