public import FoundationEssentials

/// An instant as the API writes it: RFC 3339 in UTC, whole seconds (`metav1.Time`).
public struct Timestamp: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
    /// The instant.
    public var date: Date

    /// Keeps the fraction; writing rounds it.
    public init(_ date: Date) { self.date = date }

    /// Reads `2026-11-20T21:00:00Z`, with or without fractions, with any offset; nil if it is something else.
    public init?(_ text: String) {
        guard let date = RFC3339.parse(text) else { return nil }
        self.date = date
    }

    /// Whole seconds, rounded down.
    public var description: String { RFC3339.format(date, .seconds) }
    /// With microseconds, as `MicroTimestamp` writes it.
    public var micro: String { RFC3339.format(date, .microseconds) }

    /// Reads the API's form; throws `DecodingError` where it is something else.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = Timestamp(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an RFC 3339 time")
        }
        self = value
    }

    /// Writes the API's form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// The earlier is the lesser.
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.date < right.date }
}

/// An instant with microseconds (`metav1.MicroTime`), as Leases and events demand: six digits, always.
public struct MicroTimestamp: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
    /// The instant.
    public var date: Date

    /// Keeps the fraction; writing rounds it.
    public init(_ date: Date) { self.date = date }

    /// `2026-11-20T21:00:00.000000Z`.
    public var description: String { RFC3339.format(date, .microseconds) }

    /// Reads the API's form; throws `DecodingError` where it is something else.
    public init(from decoder: any Decoder) throws {
        date = try Timestamp(from: decoder).date
    }

    /// Writes the API's form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// The earlier is the lesser.
    public static func < (left: MicroTimestamp, right: MicroTimestamp) -> Bool { left.date < right.date }
}
