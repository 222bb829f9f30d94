package import FoundationEssentials

/// A point of the simulator's virtual time, in whole milliseconds since 1970-01-01T00:00:00Z.
package struct SimulatedInstant: Hashable, Comparable, Sendable {
    /// Since the Unix epoch.
    package let milliseconds: Int64

    /// The point that lies `milliseconds` behind the epoch.
    package init(milliseconds: Int64) { self.milliseconds = milliseconds }
    /// The same point on the wall clock, cut to a millisecond.
    package init(_ date: Date) { milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded(.down)) }

    /// The same point on the wall clock.
    package var date: Date { Date(timeIntervalSince1970: Double(milliseconds) / 1000) }

    package static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }
    package static func + (instant: Self, duration: Duration) -> Self {
        Self(milliseconds: instant.milliseconds + duration.wholeMilliseconds)
    }
    /// How long after `right` the left one lies.
    package static func - (left: Self, right: Self) -> Duration {
        .milliseconds(left.milliseconds - right.milliseconds)
    }

    /// `2026-06-01T12:00:00Z`, to the second as v2 shows it.
    package var rfc3339: String {
        let seconds = milliseconds.flooredQuotient(1000)
        let (year, month, day) = Self.civilDate(daysSinceEpoch: seconds.flooredQuotient(86_400))
        let ofDay = seconds - seconds.flooredQuotient(86_400) * 86_400
        return "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))T"
            + "\(pad(ofDay / 3600, 2)):\(pad(ofDay / 60 % 60, 2)):\(pad(ofDay % 60, 2))Z"
    }

    /// Reads an RFC 3339 time; nil if it is none.
    package init?(rfc3339 text: String) {
        let fractional = text.contains(".")
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: fractional)
        guard let date = try? Date(text, strategy: style) else { return nil }
        self.init(date)
    }

    /// Days-from-civil turned round, proleptic Gregorian: eras of 400 years that begin on the first of March.
    private static func civilDate(daysSinceEpoch days: Int64) -> (Int64, Int64, Int64) {
        let shifted = days + 719_468
        let era = shifted.flooredQuotient(146_097)
        let ofEra = shifted - era * 146_097
        let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * ofYear + 2) / 153
        let day = ofYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}

private func pad(_ value: Int64, _ width: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
}

extension Int64 {
    /// The quotient rounded towards minus infinity: days before 1970 are days too.
    func flooredQuotient(_ divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

extension Duration {
    /// Cut to a millisecond.
    package var wholeMilliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
    /// Rounded up: what a bill and a `Retry-After` count.
    var secondsRoundedUp: Int64 { (wholeMilliseconds + 999).flooredQuotient(1000) }
}
