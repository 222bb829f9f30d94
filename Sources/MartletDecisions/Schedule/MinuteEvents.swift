internal import KubernetesModel
internal import MartletAPI

/// Minutes of the local calendar at which something happens: a set of days, and the minutes of each of these days.
///
/// Local minutes count from 1970-01-01T00:00 on the wall.
protocol MinuteEvents {
    /// Bit n: day n of the month, 1 to 31.
    func days(inMonth month: Int, of year: Int) -> UInt64
    /// The minutes of a day of ``days(inMonth:of:)``, never empty.
    func minutes(onDay day: Int, ofMonth month: Int, of year: Int) -> DayMinutes
}

/// Minutes of a day.
struct DayMinutes: Sendable, Hashable {
    /// Bit n of entry h: minute n of hour h.
    private let hours: [UInt64]

    /// The same minutes in each of the hours, `hours` by bit.
    init(hours: UInt64, minutes: UInt64) {
        self.hours = (0..<24).map { hours >> UInt64($0) & 1 == 1 ? minutes : 0 }
    }

    /// Those that are not in `other`.
    init(_ all: DayMinutes, without other: DayMinutes) {
        hours = zip(all.hours, other.hours).map { $0 & ~$1 }
    }

    var isEmpty: Bool { hours.allSatisfy { $0 == 0 } }

    /// The first minute of the day that is not before `minute`, 0 to 1,440.
    func first(notBefore minute: Int) -> Int? {
        guard minute < 1440 else { return nil }
        var mask = ~UInt64(0) << UInt64(minute % 60)
        for hour in minute / 60..<24 {
            if hours[hour] & mask != 0 { return hour * 60 + (hours[hour] & mask).trailingZeroBitCount }
            mask = ~0
        }
        return nil
    }

    /// The last minute of the day that is not after `minute`, -1 to 1,439.
    func last(notAfter minute: Int) -> Int? {
        guard minute >= 0 else { return nil }
        var mask = ~UInt64(0) >> UInt64(63 - minute % 60)
        for hour in (0...minute / 60).reversed() {
            if hours[hour] & mask != 0 { return hour * 60 + 63 - (hours[hour] & mask).leadingZeroBitCount }
            mask = ~0
        }
        return nil
    }
}

extension MinuteEvents {
    /// The first event after that local minute; nil: there is none for good.
    func next(after minute: Int) -> Int? {
        let day = floor(minute + 1, by: 1440)
        var (year, month, today) = CivilDate(dayNumber: day.quotient).parts
        var days = days(inMonth: month, of: year)
        if days & 1 << UInt64(today) != 0,
            let found = minutes(onDay: today, ofMonth: month, of: year).first(notBefore: day.remainder)
        {
            return day.quotient * 1440 + found
        }
        days &= ~UInt64(0) << UInt64(today + 1)
        for _ in 0..<Self.monthsAhead {
            if days != 0 {
                today = days.trailingZeroBitCount
                let first = minutes(onDay: today, ofMonth: month, of: year).first(notBefore: 0) ?? 0
                return (CivilDate.firstDay(ofMonth: month, of: year) + today - 1) * 1440 + first
            }
            (year, month) = month == 12 ? (year + 1, 1) : (year, month + 1)
            days = self.days(inMonth: month, of: year)
        }
        return nil
    }

    /// The last event not after that local minute; nil: there never was one.
    func last(notAfter minute: Int) -> Int? {
        let day = floor(minute, by: 1440)
        var (year, month, today) = CivilDate(dayNumber: day.quotient).parts
        var days = days(inMonth: month, of: year)
        if days & 1 << UInt64(today) != 0,
            let found = minutes(onDay: today, ofMonth: month, of: year).last(notAfter: day.remainder)
        {
            return day.quotient * 1440 + found
        }
        days &= ~(~UInt64(0) << UInt64(today))
        for _ in 0..<Self.monthsAhead {
            if days != 0 {
                today = 63 - days.leadingZeroBitCount
                let last = minutes(onDay: today, ofMonth: month, of: year).last(notAfter: 1439) ?? 0
                return (CivilDate.firstDay(ofMonth: month, of: year) + today - 1) * 1440 + last
            }
            (year, month) = month == 1 ? (year - 1, 12) : (year, month - 1)
            days = self.days(inMonth: month, of: year)
        }
        return nil
    }

    /// A leap day on a certain day of the week comes again after at most 40 years (12 over a year like 2100 that has none,
    /// and 28 beyond).
    private static var monthsAhead: Int { 41 * 12 }
}

/// The times of one cron expression.
struct CronTimes: MinuteEvents, Sendable, Hashable {
    let expression: CronExpression
    let ofDay: DayMinutes

    init(_ expression: CronExpression) {
        self.expression = expression
        ofDay = DayMinutes(hours: expression.hours, minutes: expression.minutes)
    }

    func days(inMonth month: Int, of year: Int) -> UInt64 {
        guard expression.months >> UInt64(month) & 1 == 1 else { return 0 }
        // The days of the week, turned so that bit 1 is that of the month's first day, five times in a row.
        let first = UInt64(CivilDate(dayNumber: CivilDate.firstDay(ofMonth: month, of: year)).dayOfWeek)
        let week = (expression.daysOfWeek >> first | expression.daysOfWeek << (7 - first)) & 0x7f
        let named = (week | week << 7 | week << 14 | week << 21 | week << 28) << 1
        let days = expression.needsBothDays ? named & expression.daysOfMonth : named | expression.daysOfMonth
        return days & ((2 << UInt64(CivilDate.days(inMonth: month, of: year))) - 1) & ~1
    }

    func minutes(onDay day: Int, ofMonth month: Int, of year: Int) -> DayMinutes { ofDay }
}

/// The times at which a window closes: each `end` that is not a `start` too.
struct ClosingTimes: MinuteEvents, Sendable, Hashable {
    let starts: CronTimes
    let ends: CronTimes
    /// The minutes of a day that has both.
    private let beside: DayMinutes
    private let isNeverBeside: Bool

    init(starts: CronTimes, ends: CronTimes) {
        self.starts = starts
        self.ends = ends
        beside = DayMinutes(ends.ofDay, without: starts.ofDay)
        isNeverBeside = beside.isEmpty
    }

    func days(inMonth month: Int, of year: Int) -> UInt64 {
        let days = ends.days(inMonth: month, of: year)
        return isNeverBeside && days != 0 ? days & ~starts.days(inMonth: month, of: year) : days
    }

    func minutes(onDay day: Int, ofMonth month: Int, of year: Int) -> DayMinutes {
        starts.days(inMonth: month, of: year) & 1 << UInt64(day) != 0 ? beside : ends.ofDay
    }
}

/// Division that rounds towards the past.
func floor(_ value: Int, by divisor: Int) -> (quotient: Int, remainder: Int) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
}
