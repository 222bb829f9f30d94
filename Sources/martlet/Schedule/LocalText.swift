internal import FoundationEssentials
internal import KubernetesModel
internal import MartletDecisions

/// Instants as a person reads them off the wall, in one time zone.
struct LocalText {
    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    let zone: TimeZoneRules

    /// `Mon 23 Nov`.
    static func day(_ date: CivilDate) -> String {
        let (_, month, day) = date.parts
        return "\(weekdays[date.dayOfWeek]) \(day < 10 ? " " : "")\(day) \(months[month - 1])"
    }

    /// `08:00`; 86,400 is `24:00`.
    static func clock(_ secondOfDay: Int) -> String {
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
        let rest = secondOfDay % 60
        return two(secondOfDay / 3600) + ":" + two(secondOfDay / 60 % 60) + (rest == 0 ? "" : ":" + two(rest))
    }

    /// `Mon 23 Nov 08:00`.
    func moment(_ instant: Date) -> String {
        let local = zone.local(at: instant)
        return "\(Self.day(local.date)) \(Self.clock(local.secondOfDay))"
    }

    /// `Mon 23 Nov 2026 08:00 KST`, or the offset where the zone has no letters for it.
    func full(_ instant: Date) -> String {
        let local = zone.local(at: instant)
        let (year, _, _) = local.date.parts
        return "\(Self.day(local.date)) \(year) \(Self.clock(local.secondOfDay)) \(name(at: instant))"
    }

    private func name(at instant: Date) -> String {
        let letters = zone.abbreviation(at: instant)
        if letters.first?.isLetter == true { return letters }
        let minutes = abs(zone.offset(at: instant)) / 60
        return "UTC" + (zone.offset(at: instant) < 0 ? "-" : "+") + Self.clock(minutes * 60)
    }
}
