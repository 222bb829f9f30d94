/// An amount of a resource (`resource.Quantity`): `2`, `500m`, `16Gi`, `1e3`.
///
/// Exact from nano to exa; what is finer than a nano is rounded up, as the API server does.
public struct Quantity: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
    /// Billionths.
    private var nanos: Int128

    /// A whole number of units.
    public init(_ units: Int) { nanos = Int128(units) * Self.nanosInUnit }
    /// Thousandths of a unit.
    public init(milli: Int) { nanos = Int128(milli) * Self.nanosInMilli }

    /// Reads the API's notation; nil if it is something else or too large to be real (beyond 10^27).
    public init?(_ text: String) {
        guard let nanos = Self.parse(text) else { return nil }
        self.nanos = nanos
    }

    /// Whole units, rounded up; clamped to `Int`.
    public var units: Int { Int(clamping: Self.roundedUp(nanos, by: Self.nanosInUnit)) }
    /// Thousandths, rounded up; clamped to `Int`.
    public var milli: Int { Int(clamping: Self.roundedUp(nanos, by: Self.nanosInMilli)) }

    /// The shortest decimal form without a fraction: `2`, `500m`, `1u`, `1n`.
    public var description: String {
        if nanos.isMultiple(of: Self.nanosInUnit) { return "\(nanos / Self.nanosInUnit)" }
        if nanos.isMultiple(of: Self.nanosInMilli) { return "\(nanos / Self.nanosInMilli)m" }
        if nanos.isMultiple(of: 1000) { return "\(nanos / 1000)u" }
        return "\(nanos)n"
    }

    /// By amount, however it was written.
    public static func < (left: Quantity, right: Quantity) -> Bool { left.nanos < right.nanos }
    /// Exact.
    public static func + (left: Quantity, right: Quantity) -> Quantity {
        var sum = left
        sum.nanos += right.nanos
        return sum
    }

    /// Reads text or a bare integer; throws `DecodingError` for all else.
    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let text = try? value.decode(String.self), let quantity = Quantity(text) {
            self = quantity
        } else if let units = try? value.decode(Int.self) {
            self.init(units)
        } else {
            throw DecodingError.dataCorruptedError(in: value, debugDescription: "not a quantity")
        }
    }

    /// Writes the API's form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Quantity {
    private static let nanosInUnit: Int128 = 1_000_000_000
    private static let nanosInMilli: Int128 = 1_000_000
    /// Far above what any resource can hold and far below where `Int128` ends, so that sums cannot overflow.
    private static let limit: Int128 = 1_000_000_000_000_000_000_000_000_000 * nanosInUnit
    /// Whatever has so many digits fits `Int128`, and all that is printed of what was read has fewer.
    private static let maxDigits = 38

    private static func roundedUp(_ value: Int128, by unit: Int128) -> Int128 {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: unit)
        return remainder > 0 ? quotient + 1 : quotient
    }

    private static func parse(_ text: String) -> Int128? {
        var rest = text.utf8[...]
        var isNegative = false
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            rest = rest.dropFirst()
        }
        let whole = rest.prefix(while: isDigit)
        rest = rest.dropFirst(whole.count)
        var fraction = rest[rest.startIndex..<rest.startIndex]
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            fraction = rest.prefix(while: isDigit)
            rest = rest.dropFirst(fraction.count)
        }
        guard !(whole.isEmpty && fraction.isEmpty), whole.count + fraction.count <= maxDigits,
            let scale = scale(of: String(Substring(rest)))
        else { return nil }
        var mantissa: Int128 = 0
        for digit in [whole, fraction].joined() { mantissa = mantissa * 10 + Int128(digit - UInt8(ascii: "0")) }
        var (numerator, overflow) = mantissa.multipliedReportingOverflow(by: scale.multiplier)
        if overflow { return nil }
        for _ in 0..<max(0, scale.exponent - fraction.count) {
            (numerator, overflow) = numerator.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
        }
        for _ in 0..<max(0, fraction.count - scale.exponent) { numerator = roundedUp(numerator, by: 10) }
        guard numerator <= limit else { return nil }
        return isNegative ? -numerator : numerator
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// What a suffix multiplies by, in nanos: `multiplier` x 10^`exponent`.
    private static func scale(of suffix: String) -> (multiplier: Int128, exponent: Int)? {
        let binary = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
        if let power = binary.firstIndex(of: suffix) { return (Int128(1) << (10 * (power + 1)), 9) }
        switch suffix {
        case "n": return (1, 0)
        case "u": return (1, 3)
        case "m": return (1, 6)
        case "": return (1, 9)
        case "k": return (1, 12)
        case "M": return (1, 15)
        case "G": return (1, 18)
        case "T": return (1, 21)
        case "P": return (1, 24)
        case "E": return (1, 27)
        default:
            guard suffix.first == "e" || suffix.first == "E", let exponent = Int(suffix.dropFirst()),
                (-30...30).contains(exponent)
            else { return nil }
            return (1, 9 + exponent)
        }
    }
}
