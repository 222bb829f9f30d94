internal import KubernetesModel

/// When something happens, as crontab(5) writes it: minute, hour, day of the month, month, day of the week, in local time.
public struct CronExpression: Sendable, Hashable, CustomStringConvertible {
    /// As it was written.
    public let description: String
    /// Bit n: minute n, 0 to 59.
    package let minutes: UInt64
    /// Bit n: hour n, 0 to 23.
    package let hours: UInt64
    /// Bit n: day n of the month, 1 to 31.
    package let daysOfMonth: UInt64
    /// Bit n: month n, 1 to 12.
    package let months: UInt64
    /// Bit n: day n of the week, Sunday is 0.
    package let daysOfWeek: UInt64
    /// Whether a day must be named by both fields of days, or by either: as in Vixie's cron, both where one of the fields
    /// begins with `*` (also `*/2`), which is what makes `0 0 * * 1` a Monday.
    package let needsBothDays: Bool

    /// Reads five fields or one of `@hourly`, `@daily` and friends; an expression that no date ever matches is refused.
    public init(_ text: String) throws(CronError) {
        var reader = CronReader(text)
        let fields = try reader.fields()
        description = text
        minutes = fields[0].set
        hours = fields[1].set
        daysOfMonth = fields[2].set
        months = fields[3].set
        // Both 0 and 7 are Sunday.
        daysOfWeek = (fields[4].set | fields[4].set >> 7) & 0x7f
        needsBothDays = fields[2].beginsWithStar || fields[4].beginsWithStar
        if needsBothDays && !Self.isThereADay(daysOfMonth, in: months) {
            throw CronError(position: fields[2].position, message: "no month that is named has such a day")
        }
    }

    /// Each day, or each of those days of the week, at that minute of the day.
    init(minuteOfDay: Int, daysOfWeek days: Set<Int>? = nil) {
        let names = days.map { $0.sorted().map(String.init).joined(separator: ",") } ?? "*"
        description = "\(minuteOfDay % 60) \(minuteOfDay / 60) * * \(names)"
        minutes = 1 << (minuteOfDay % 60)
        hours = 1 << (minuteOfDay / 60)
        daysOfMonth = 0xffff_fffe
        months = 0x1ffe
        daysOfWeek = days.map { $0.reduce(0) { $0 | 1 << UInt64($1) } } ?? 0x7f
        needsBothDays = true
    }

    /// Whether one of the months has one of the days. Each date falls on each day of the week in some year, so that the
    /// days of the week can't make it impossible.
    private static func isThereADay(_ days: UInt64, in months: UInt64) -> Bool {
        let leapYear = 2024
        return (1...12).contains { month in
            months & 1 << month != 0 && days.trailingZeroBitCount <= CivilDate.days(inMonth: month, of: leapYear)
        }
    }
}

/// What is wrong with a cron expression.
public struct CronError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Counted in characters, from 1.
    public var position: Int
    /// What must be there, in words for the author.
    public var message: String

    /// Position and message in one line.
    public var description: String { "at character \(position): \(message)" }
}
