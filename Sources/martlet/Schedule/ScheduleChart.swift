internal import FoundationEssentials
internal import KubernetesModel
internal import MartletDecisions

/// A forecast as a strip a day, 24 hours of the clock on the wall, and as a table.
struct ScheduleChart {
    /// What the cells are drawn with.
    struct Ink {
        var open: Character
        var partly: Character
        var closed: Character

        /// For terminals that know Unicode.
        static let blocks = Ink(open: "█", partly: "▒", closed: "·")
        /// For all others.
        static let letters = Ink(open: "#", partly: "+", closed: ".")
    }

    private static let slot = 1800
    private static let slots = 86_400 / slot
    private static let margin = 12
    /// Rows of the table; what is more is said to be.
    private static let mostRows = 60

    let forecast: Forecast
    let zone: TimeZoneRules
    let days: [CivilDate]
    let ink: Ink

    /// One line a day. A half hour that the clocks skip is blank; a day of more or less than 24 hours says so.
    func strip() -> String {
        var ruler = String(repeating: " ", count: Self.margin)
        for hour in stride(from: 0, to: 24, by: 3) { ruler += hour < 10 ? "0\(hour)    " : "\(hour)    " }
        return ([ruler + "24"] + days.map(line)).joined(separator: "\n")
    }

    /// The open stretches.
    func table() -> String {
        let text = LocalText(zone: zone)
        let open = forecast.stretches.filter(\.isOpen)
        guard !open.isEmpty else { return "It does not open in these days." }
        var rows = [["OPENS", "CLOSES", "FOR", "WORKERS", "RUNPOD", "BY"]]
        for stretch in open.prefix(Self.mostRows) {
            let isWhole = stretch.end < (forecast.stretches.last?.end ?? stretch.end)
            rows.append([
                text.moment(stretch.start), isWhole ? text.moment(stretch.end) : "later",
                Self.span(stretch.end.timeIntervalSince(stretch.start)), stretch.workers, stretch.runpod, stretch.by,
            ])
        }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        var lines = rows.map { row in
            row.enumerated().map { column, cell in
                column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count + 3)
            }.joined()
        }
        if open.count > Self.mostRows || forecast.isCut { lines.append("… and more") }
        return lines.joined(separator: "\n")
    }

    private func line(_ day: CivilDate) -> String {
        var open = [Int](repeating: 0, count: Self.slots)
        var total = open
        let start = zone.instant(of: LocalTime(day))
        let end = zone.instant(of: LocalTime(day.advanced(by: 1)))
        var instant = start
        while instant < end {
            let local = zone.local(at: instant)
            if local.date == day {
                total[local.secondOfDay / Self.slot] += 1
                if forecast.state(at: instant)?.isOpen == true { open[local.secondOfDay / Self.slot] += 1 }
            }
            instant += 60
        }
        let cells = zip(open, total).map { open, total -> Character in
            if total == 0 { return " " }
            return open == 0 ? ink.closed : open == total ? ink.open : ink.partly
        }
        let label = LocalText.day(day)
        let length = end.timeIntervalSince(start)
        let mark = length == 86_400 ? "" : "  DST, \(Self.span(length))"
        return label + String(repeating: " ", count: Self.margin - label.count) + String(cells) + mark
    }

    /// `9 h`, `1 h 30 min`, `45 s`.
    static func span(_ seconds: Double) -> String {
        let total = Int(seconds.rounded())
        let parts = [(total / 3600, "h"), (total / 60 % 60, "min"), (total % 60, "s")].filter { $0.0 > 0 }
        return parts.isEmpty ? "0 s" : parts.prefix(2).map { "\($0.0) \($0.1)" }.joined(separator: " ")
    }
}
