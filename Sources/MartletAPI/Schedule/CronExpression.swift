/// When something happens, as crontab(5) writes it: minute, hour, day of the month, month, day of the week, in local time.
public struct CronExpression: Sendable, Hashable, CustomStringConvertible {
    /// As it was written.
    public let description: String
    /// Bit n: minute n, 0 to 59.
    package let minutes: UInt64
    /// Bit n: hour n, 0 to 23.
    package let hours: UInt32
    /// Bit n: day n of the month, 1 to 31.
    package let daysOfMonth: UInt32
    /// Bit n: month n, 1 to 12.
    package let months: UInt16
    /// Bit n: day n of the week, Sunday is 0.
    package let daysOfWeek: UInt8
    /// Whether a day must be named by both fields of days, as where one begins with `*`, or by either.
    package let needsBothDays: Bool
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
