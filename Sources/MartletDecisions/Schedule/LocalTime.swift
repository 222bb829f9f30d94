public import KubernetesModel

/// What calendar and clock on a wall show, in whole seconds.
public struct LocalTime: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Seconds since 1970-01-01T00:00:00 on that wall.
    public let seconds: Int

    /// So many seconds after 1970-01-01T00:00:00.
    public init(seconds: Int) { self.seconds = seconds }

    /// That time on that day; a second of the day of 86,400 is the next midnight.
    public init(_ date: CivilDate, secondOfDay: Int = 0) { seconds = date.dayNumber * 86_400 + secondOfDay }

    /// The day.
    public var date: CivilDate { CivilDate(dayNumber: (seconds - secondOfDay) / 86_400) }

    /// 0 to 86,399.
    public var secondOfDay: Int {
        let rest = seconds % 86_400
        return rest < 0 ? rest + 86_400 : rest
    }

    /// `2027-02-06 08:00`, with seconds where there are any.
    public var description: String {
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
        let (hour, minute, second) = (secondOfDay / 3600, secondOfDay / 60 % 60, secondOfDay % 60)
        return "\(date) \(two(hour)):\(two(minute))" + (second == 0 ? "" : ":\(two(second))")
    }

    /// The earlier is the lesser.
    public static func < (left: LocalTime, right: LocalTime) -> Bool { left.seconds < right.seconds }
}
