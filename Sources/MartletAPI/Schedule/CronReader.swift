/// One of the five fields: what it may hold.
private struct CronFieldKind {
    var name: String
    var range: ClosedRange<Int>
    /// Names of the numbers, the first of them for `range.lowerBound`.
    var names: [Substring] = []

    static let all = [
        CronFieldKind(name: "minute", range: 0...59), CronFieldKind(name: "hour", range: 0...23),
        CronFieldKind(name: "day of the month", range: 1...31),
        CronFieldKind(
            name: "month", range: 1...12, names: "jan feb mar apr may jun jul aug sep oct nov dec".split(separator: " ")
        ),
        CronFieldKind(
            name: "day of the week", range: 0...7, names: "sun mon tue wed thu fri sat".split(separator: " ")),
    ]

    /// Such as `month takes 1 to 12, jan to dec, …`.
    var rule: String {
        let named = names.isEmpty ? "" : " or \(names[0]) to \(names[names.count - 1])"
        return
            "\(name) takes \(range.lowerBound) to \(range.upperBound)\(named), *, lists (1,2), ranges (1-5) and steps (*/2)"
    }
}

/// One field as it was read.
struct CronField {
    /// Bit n: the number n.
    var set: UInt64 = 0
    /// Where it begins, from 1.
    var position: Int
    var beginsWithStar = false
}

/// Reads the text of a cron expression from left to right.
struct CronReader {
    private let bytes: [UInt8]
    private var index = 0

    private static let nicknames = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]

    init(_ text: String) { bytes = Array(text.utf8) }

    mutating func fields() throws(CronError) -> [CronField] {
        guard bytes.count <= SpecLimits.cronLength else {
            throw CronError(position: SpecLimits.cronLength, message: "must end here: it is too long")
        }
        skipSpace()
        if peek == UInt8(ascii: "@") { return try nickname() }
        var fields: [CronField] = []
        for kind in CronFieldKind.all {
            if peek == nil {
                throw failure("\(kind.name) is missing: five fields are needed, minute to day of the week")
            }
            fields.append(try field(kind))
            guard peek == nil || isSpace else { throw failure(kind.rule) }
            skipSpace()
        }
        if peek != nil { throw failure("must end here: there are five fields, none for seconds, years or commands") }
        return fields
    }

    private mutating func nickname() throws(CronError) -> [CronField] {
        let text = String(decoding: bytes[index...], as: UTF8.self)
        let word = text.lowercased().split { $0 == " " || $0 == "\t" }
        if word.first == "@reboot" {
            throw failure("@reboot is no time: a schedule follows the clock; write when it shall happen")
        }
        guard word.count == 1, let expression = Self.nicknames[String(word[0])] else {
            throw failure("must be five fields, or @hourly, @daily, @midnight, @weekly, @monthly, @yearly or @annually")
        }
        var reader = CronReader(expression)
        let position = index + 1
        return try reader.fields().map { CronField(set: $0.set, position: position, beginsWithStar: $0.beginsWithStar) }
    }

    private mutating func field(_ kind: CronFieldKind) throws(CronError) -> CronField {
        var field = CronField(position: index + 1, beginsWithStar: peek == UInt8(ascii: "*"))
        repeat { field.set |= try item(kind) } while skip(",")
        return field
    }

    /// `*`, `n` or `n-m`, the first and the last with a step if one is wanted.
    private mutating func item(_ kind: CronFieldKind) throws(CronError) -> UInt64 {
        let start = index
        let range: ClosedRange<Int>
        if skip("*") {
            range = kind.range
        } else {
            let first = try number(kind)
            guard skip("-") else {
                if peek == UInt8(ascii: "/") {
                    throw failure("a step needs a range before it, such as \(first)-\(kind.range.upperBound)/2")
                }
                return 1 << first
            }
            var last = try number(kind)
            // `fri-sun` ends on the Sunday that follows.
            if kind.range.upperBound == 7, last == 0, first > 0 { last = 7 }
            guard first <= last else {
                throw failure("a range must not go backwards; list its parts instead, such as 22-23,0-5", at: start)
            }
            range = first...last
        }
        var step = 1
        if skip("/") {
            let start = index
            guard let digits = digits(), digits > 0 else {
                throw failure("a step must be a number of at least 1", at: start)
            }
            step = digits
        }
        return stride(from: range.lowerBound, through: range.upperBound, by: step).reduce(0) { $0 | 1 << UInt64($1) }
    }

    private mutating func number(_ kind: CronFieldKind) throws(CronError) -> Int {
        let start = index
        if let digits = digits() {
            guard kind.range.contains(digits) else { throw failure(kind.rule, at: start) }
            return digits
        }
        let word = bytes[index...].prefix { (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) }
        let name = String(decoding: word, as: UTF8.self).lowercased()
        guard let place = kind.names.firstIndex(where: { $0 == name }) else { throw failure(kind.rule) }
        index += word.count
        return kind.range.lowerBound + place
    }

    /// At most four digits: more than any field or step needs.
    private mutating func digits() -> Int? {
        let digits = bytes[index...].prefix { (0x30...0x39).contains($0) }
        guard (1...4).contains(digits.count) else { return nil }
        index += digits.count
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }
    private var isSpace: Bool { peek == UInt8(ascii: " ") || peek == UInt8(ascii: "\t") }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func skipSpace() {
        while isSpace { index += 1 }
    }

    private func failure(_ message: String, at place: Int? = nil) -> CronError {
        CronError(position: (place ?? index) + 1, message: message)
    }
}
