public import FoundationEssentials

/// When the clocks of a time zone show what: read from a TZif file (RFC 9636), such as
/// `/usr/share/zoneinfo/Asia/Seoul`.
///
/// Holds for every instant: beyond the last transition of the file its footer's rule is written out for 400 years, after
/// which the calendar repeats.
public struct TimeZoneRules: Sendable, Hashable {
    /// What the clocks do from one transition to the next.
    struct Period: Sendable, Hashable {
        /// Seconds since 1970, UTC. The first period's is ``beginning``.
        var start: Int
        /// Seconds east of UTC.
        var offset: Int
        var abbreviation: String
    }

    /// Before everything that is asked for.
    static let beginning = Int.min / 4
    /// A cycle of the Gregorian calendar, a whole number of weeks.
    static let cycle = 146_097 * 86_400
    /// No zone is farther from UTC (RFC 9636, section 3.1); local times are looked for that far on both sides.
    static let greatestOffset = 93_599

    /// In order of time, never empty, the first from ``beginning``.
    let periods: [Period]
    /// From here on everything repeats after ``cycle``; nil: the last period lasts for ever.
    let repeatsFrom: Int?

    /// Reads the whole file. Whatever the bytes are, it ends, without a trap.
    public init(tzif bytes: [UInt8]) throws(TimeZoneError) {
        var file = TZifReader(bytes)
        self = try file.rules()
    }

    init(periods: [Period], repeatsFrom: Int?) {
        self.periods = periods
        self.repeatsFrom = repeatsFrom
    }

    /// Coordinated Universal Time.
    public static let utc = TimeZoneRules(
        periods: [Period(start: beginning, offset: 0, abbreviation: "UTC")], repeatsFrom: nil)

    /// Seconds east of UTC.
    public func offset(at instant: Date) -> Int { period(at: instant.wholeSeconds).offset }

    /// Such as `KST`; empty where the file has none.
    public func abbreviation(at instant: Date) -> String { period(at: instant.wholeSeconds).abbreviation }

    /// What the clocks show, whole seconds.
    public func local(at instant: Date) -> LocalTime {
        let seconds = instant.wholeSeconds
        return LocalTime(seconds: seconds + period(at: seconds).offset)
    }

    /// When the clocks show it. A time that is skipped happens at the first instant after the gap, one that occurs twice
    /// at the first.
    public func instant(of local: LocalTime) -> Date { Date(wholeSeconds: instant(ofLocal: local.seconds)) }
}

/// In whole seconds since 1970, of UTC and of the wall.
extension TimeZoneRules {
    /// The first instant at which the wall shows this or more. It never falls while the local time grows.
    func instant(ofLocal local: Int) -> Int {
        let shift = cycles(before: local)
        let local = local - shift
        var index = periodIndex(at: local - Self.greatestOffset)
        // Ends: the last period never does.
        while index < periods.count - 1,
            max(periods[index].start, local - periods[index].offset) >= periods[index + 1].start
        {
            index += 1
        }
        return max(periods[index].start, local - periods[index].offset) + shift
    }

    /// The latest local time that has happened by then, be it in a passage that is just happening again: the greatest
    /// whose ``instant(ofLocal:)`` is not later.
    func latestLocal(at instant: Int) -> Int {
        let shift = cycles(before: instant)
        let instant = instant - shift
        var index = periodIndex(at: instant)
        var latest = instant + periods[index].offset
        while index > 0, periods[index].start > instant - 2 * Self.greatestOffset {
            latest = max(latest, periods[index].start - 1 + periods[index - 1].offset)
            index -= 1
        }
        return latest + shift
    }

    func period(at instant: Int) -> Period { periods[periodIndex(at: instant - cycles(before: instant))] }

    /// What is to be taken off so that the time falls where the periods are written out.
    private func cycles(before time: Int) -> Int {
        // A year on: near the border a local time would belong to the other side.
        guard let start = repeatsFrom.map({ $0 + 366 * 86_400 }), time >= start + Self.cycle else { return 0 }
        return (time - start) / Self.cycle * Self.cycle
    }

    private func periodIndex(at instant: Int) -> Int {
        var (low, high) = (0, periods.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if periods[middle].start <= instant { low = middle } else { high = middle }
        }
        return low
    }
}

extension Date {
    /// Rounded towards the past, and kept within 95,000 years of 1970: nothing beyond is asked for in earnest.
    var wholeSeconds: Int {
        let seconds = timeIntervalSince1970.rounded(.down)
        return seconds.isNaN ? 0 : Int(Swift.min(Swift.max(seconds, -3e12), 3e12))
    }

    init(wholeSeconds: Int) { self.init(timeIntervalSince1970: Double(wholeSeconds)) }
}

/// Why a TZif file can't be used.
public enum TimeZoneError: Error, Sendable, Hashable, CustomStringConvertible {
    /// It does not begin as such a file does.
    case notTZif
    /// It ends before what its header announces.
    case truncated
    /// What can't be so in such a file, in words.
    case malformed(String)

    /// For a condition.
    public var description: String {
        switch self {
        case .notTZif: "the file is no TZif file"
        case .truncated: "the file ends too early"
        case .malformed(let what): "the file is damaged: \(what)"
        }
    }
}
