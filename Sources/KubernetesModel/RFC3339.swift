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
            reader.skip(":"), let second = reader.number(digits: 2), (1...12).contains(month),
            (1...days(inMonth: month, of: year)).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        var micros = 0
        if reader.skip(".") {
            guard let fraction = reader.microseconds() else { return nil }
            micros = fraction
        }
        guard let offset = reader.offset(), reader.bytes.isEmpty else { return nil }
        let seconds = daysSinceEpoch(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset
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
        let (year, month, day) = civil(fromDays: Int(clock.quotient))
        let time = Int(clock.remainder)
        let head =
            "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
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

    private static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from 1970-01-01, counting years from March so that the leap day comes last.
    private static func daysSinceEpoch(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(fromDays days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
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
