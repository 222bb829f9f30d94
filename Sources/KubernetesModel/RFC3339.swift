internal import FoundationEssentials

/// Times as RFC 3339 section 5.6 writes them, in the proleptic Gregorian calendar.
///
/// By hand, because every object of every list carries some: a format style costs ten times as much and stops at
/// milliseconds.
enum RFC3339 {
    enum Precision { case seconds, microseconds }

    /// Seconds since 1970 of the years 0000 to 9999.
    private static let writable = -62_167_219_200.0..<253_402_300_800.0

    static func parse(_ text: String) -> Date? {
        var reader = Reader(bytes: text.utf8[...])
        guard let year = reader.number(digits: 4), reader.skip("-"), let month = reader.number(digits: 2),
            reader.skip("-"), let day = reader.number(digits: 2), reader.skip("T") || reader.skip("t"),
            let hour = reader.number(digits: 2), reader.skip(":"), let minute = reader.number(digits: 2),
            reader.skip(":"), let second = reader.number(digits: 2),
            let date = CivilDate(year: year, month: month, day: day), hour < 24, minute < 60, second <= 60
        else { return nil }
        var micros = 0
        if reader.skip(".") {
            guard let fraction = reader.microseconds() else { return nil }
            micros = fraction
        }
        guard let offset = reader.offset(), reader.bytes.isEmpty else { return nil }
        let seconds = date.dayNumber * 86_400 + hour * 3600 + minute * 60 + second - offset
        let time = Double(seconds) + Double(micros) / 1_000_000
        // An offset, a leap second or rounding may lead out of the years that have four digits, in which alone a time is
        // written.
        guard writable.contains(time) else { return nil }
        return Date(timeIntervalSince1970: time)
    }

    static func format(_ date: Date, _ precision: Precision) -> String {
        // A Date holds a binary fraction: rounding gives back the microsecond that was read.
        let micros = (date.timeIntervalSince1970 * 1_000_000).rounded()
        let total = Int64(exactly: micros) ?? 0
        let seconds = total.quotientAndFloor(1_000_000)
        let clock = seconds.quotient.quotientAndFloor(86_400)
        let time = Int(clock.remainder)
        let head =
            "\(CivilDate(dayNumber: Int(clock.quotient)))"
            + "T\(padded(time / 3600, 2)):\(padded(time / 60 % 60, 2)):\(padded(time % 60, 2))"
        return switch precision {
        case .seconds: head + "Z"
        case .microseconds: "\(head).\(padded(Int(seconds.remainder), 6))Z"
        }
    }

    private static func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension Int64 {
    /// Division that rounds towards the past, also before 1970.
    fileprivate func quotientAndFloor(_ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

extension RFC3339 {
    private struct Reader {
        var bytes: Substring.UTF8View

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard bytes.first == UInt8(ascii: character) else { return false }
            bytes.removeFirst()
            return true
        }

        mutating func number(digits: Int) -> Int? {
            var value = 0
            for _ in 0..<digits {
                guard let byte = bytes.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                value = value * 10 + Int(byte - UInt8(ascii: "0"))
                bytes.removeFirst()
            }
            return value
        }

        /// At least one digit; those behind the sixth are dropped.
        mutating func microseconds() -> Int? {
            guard var value = number(digits: 1) else { return nil }
            var count = 1
            while let digit = number(digits: 1) {
                if count < 6 {
                    value = value * 10 + digit
                    count += 1
                }
            }
            while count < 6 {
                value *= 10
                count += 1
            }
            return value
        }

        /// Seconds east of UTC.
        mutating func offset() -> Int? {
            if skip("Z") || skip("z") { return 0 }
            let sign: Int
            if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
            guard let hours = number(digits: 2), skip(":"), let minutes = number(digits: 2), hours < 24, minutes < 60
            else { return nil }
            return sign * (hours * 3600 + minutes * 60)
        }
    }
}
