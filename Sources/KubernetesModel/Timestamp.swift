public import FoundationEssentials

/// An instant as the API writes it: RFC 3339 in UTC, whole seconds (`Time`) or microseconds (`MicroTime`).
public struct Timestamp: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
    public var date: Date

    public init(_ date: Date) { self.date = date }

    /// Reads `2026-11-20T21:00:00Z`, with or without fractions, with any offset; nil if it is something else.
    public init?(_ text: String) {
        for style in [Self.wholeSeconds, Self.fractions] {
            if let date = try? style.parse(text) {
                self.date = date
                return
            }
        }
        return nil
    }

    /// Whole seconds, as `metav1.Time`.
    public var description: String { date.formatted(Self.wholeSeconds) }
    /// With microseconds, as `metav1.MicroTime` wants it (Leases, events).
    public var micro: String {
        let seconds = date.timeIntervalSince1970.rounded(.down)
        let micros = Int((date.timeIntervalSince1970 - seconds) * 1_000_000)
        let digits = String(micros)
        let whole = Date(timeIntervalSince1970: seconds).formatted(Self.wholeSeconds).dropLast()
        return "\(whole).\(String(repeating: "0", count: 6 - digits.count))\(digits)Z"
    }

    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let value = Timestamp(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not an RFC 3339 time"))
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.date < right.date }

    private static let wholeSeconds = Date.ISO8601FormatStyle()
    private static let fractions = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
}
