internal import KubernetesModel

/// The rule at the end of a TZif file: the `TZ` string of POSIX with the extensions of RFC 9636, section 3.3.
struct PosixTimeZone: Equatable {
    struct Clock: Equatable {
        var abbreviation: String
        /// Seconds east of UTC.
        var offset: Int
    }

    /// A time of each year.
    struct Change: Equatable {
        enum Day: Equatable {
            /// The week from 1 to 5, where 5 is the last; Sunday is 0.
            case weekday(month: Int, week: Int, day: Int)
            /// 1 to 365; a leap day is not counted.
            case julian(Int)
            /// 0 to 365.
            case ofYear(Int)
        }

        var day: Day
        /// Seconds of the local time before the change, -167 to 167 hours.
        var time: Int
    }

    struct Summer: Equatable {
        var clock: Clock
        var start: Change
        var end: Change
    }

    var standard: Clock
    var summer: Summer?
}

extension PosixTimeZone {
    /// The same periods, followed by what the rule makes of the years after them.
    func continuing(_ periods: [TimeZoneRules.Period]) -> TimeZoneRules {
        var result = periods
        if periods.count == 1 {
            // Without a transition the rule holds from the beginning.
            result[0].offset = standard.offset
            result[0].abbreviation = standard.abbreviation
        }
        let last = result[result.count - 1]
        guard let summer else { return TimeZoneRules(periods: result, repeatsFrom: nil) }
        guard last.start < Self.latestStart else { return TimeZoneRules(periods: result, repeatsFrom: nil) }
        let year = CivilDate(dayNumber: max(last.start, 0) / 86_400).parts.year
        var changes: [TimeZoneRules.Period] = []
        for year in (year - 1)...(year + 402) {
            changes.append(period(of: standard, at: summer.end, before: summer.clock, in: year))
            changes.append(period(of: summer.clock, at: summer.start, before: standard, in: year))
        }
        // Stable: where summer ends as the next begins (all the year round) it goes on.
        changes.sort { $0.start < $1.start }
        for change in changes where change.start > last.start {
            let previous = result[result.count - 1]
            if change.start == previous.start { result.removeLast() }
            let before = result[result.count - 1]
            if before.offset != change.offset || before.abbreviation != change.abbreviation { result.append(change) }
        }
        return TimeZoneRules(
            periods: result, repeatsFrom: CivilDate.firstDay(ofMonth: 1, of: year + 1) * 86_400)
    }

    /// The end of the year 9999: no file has a transition beyond it, and none is asked for.
    private static let latestStart = 253_402_300_799

    private func period(of clock: Clock, at change: Change, before: Clock, in year: Int) -> TimeZoneRules.Period {
        TimeZoneRules.Period(
            start: change.day.number(in: year) * 86_400 + change.time - before.offset, offset: clock.offset,
            abbreviation: clock.abbreviation)
    }
}

extension PosixTimeZone.Change.Day {
    /// Days since 1970-01-01.
    fileprivate func number(in year: Int) -> Int {
        let january = CivilDate.firstDay(ofMonth: 1, of: year)
        switch self {
        case .weekday(let month, let week, let day):
            let first = CivilDate.firstDay(ofMonth: month, of: year)
            let ahead = (day - CivilDate(dayNumber: first).dayOfWeek + 7) % 7
            let inMonth = ahead + (week - 1) * 7
            return first + (inMonth < CivilDate.days(inMonth: month, of: year) ? inMonth : inMonth - 7)
        case .julian(let day):
            let isLeapDayPast = day >= 60 && CivilDate.days(inMonth: 2, of: year) == 29
            return january + day - (isLeapDayPast ? 0 : 1)
        case .ofYear(let day): return january + day
        }
    }
}

extension PosixTimeZone {
    /// Reads all of the text.
    init(_ text: ArraySlice<UInt8>) throws(TimeZoneError) {
        var reader = Reader(rest: text)
        let standard = Clock(abbreviation: try reader.name(), offset: -(try reader.time(hours: 24)))
        guard reader.rest.first != nil else {
            self.init(standard: standard, summer: nil)
            return
        }
        var clock = Clock(abbreviation: try reader.name(), offset: standard.offset + 3600)
        if reader.rest.first != UInt8(ascii: ",") { clock.offset = -(try reader.time(hours: 24)) }
        let summer = Summer(clock: clock, start: try reader.change(), end: try reader.change())
        guard reader.rest.isEmpty else { throw Reader.unreadable }
        self.init(standard: standard, summer: summer)
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        static let unreadable = TimeZoneError.malformed("the rule for the years to come can't be read")

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: character) else { return false }
            rest.removeFirst()
            return true
        }

        /// Letters, or anything between angle brackets.
        mutating func name() throws(TimeZoneError) -> String {
            let isQuoted = skip("<")
            let name = rest.prefix { byte in
                isQuoted
                    ? byte != UInt8(ascii: ">") : (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
            }
            rest.removeFirst(name.count)
            guard (3...16).contains(name.count), !isQuoted || skip(">") else { throw Self.unreadable }
            return String(decoding: name, as: UTF8.self)
        }

        /// `hh[:mm[:ss]]` with or without a sign, in seconds.
        mutating func time(hours most: Int) throws(TimeZoneError) -> Int {
            let isNegative = skip("-")
            if !isNegative { _ = skip("+") }
            var seconds = try number(0...most) * 3600
            if skip(":") {
                seconds += try number(0...59) * 60
                if skip(":") { seconds += try number(0...59) }
            }
            return isNegative ? -seconds : seconds
        }

        mutating func number(_ range: ClosedRange<Int>) throws(TimeZoneError) -> Int {
            let digits = rest.prefix { (0x30...0x39).contains($0) }.prefix(3)
            rest.removeFirst(digits.count)
            let value = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
            guard !digits.isEmpty, range.contains(value) else { throw Self.unreadable }
            return value
        }

        /// `,M3.2.0/2`, `,J60` or `,59`.
        mutating func change() throws(TimeZoneError) -> Change {
            guard skip(",") else { throw Self.unreadable }
            let day: Change.Day
            if skip("M") {
                let month = try number(1...12)
                guard skip(".") else { throw Self.unreadable }
                let week = try number(1...5)
                guard skip(".") else { throw Self.unreadable }
                day = .weekday(month: month, week: week, day: try number(0...6))
            } else if skip("J") {
                day = .julian(try number(1...365))
            } else {
                day = .ofYear(try number(0...365))
            }
            return Change(day: day, time: skip("/") ? try time(hours: 167) : 2 * 3600)
        }
    }
}
