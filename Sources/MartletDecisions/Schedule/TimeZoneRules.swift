public import FoundationEssentials

/// When the clocks of a time zone show what: read from a TZif file (RFC 8536, RFC 9636), such as
/// `/usr/share/zoneinfo/Asia/Seoul`.
public struct TimeZoneRules: Sendable, Hashable {
    /// Reads the whole file. Whatever the bytes are, it ends, without a trap.
    public init(tzif bytes: [UInt8]) throws(TimeZoneError) {}

    private init() {}

    /// Coordinated Universal Time.
    public static let utc = TimeZoneRules()

    /// Seconds east of UTC.
    public func offset(at instant: Date) -> Int { 0 }

    /// Such as `KST`; empty where the file has none.
    public func abbreviation(at instant: Date) -> String { "" }

    /// What the clocks show, whole seconds.
    public func local(at instant: Date) -> LocalTime { LocalTime(seconds: 0) }

    /// When the clocks show it. A time that is skipped happens at the first instant after the gap, one that occurs twice
    /// at the first.
    public func instant(of local: LocalTime) -> Date { Date(timeIntervalSince1970: 0) }
}

/// Why a TZif file can't be used.
public enum TimeZoneError: Error, Sendable, Hashable, CustomStringConvertible {
    /// It does not begin as such a file does.
    case notTZif
    /// It ends before what its header announces.
    case truncated
    /// What can't be so in such a file, in words.
    case malformed(String)

    /// For a condition.
    public var description: String {
        switch self {
        case .notTZif: "the file is no TZif file"
        case .truncated: "the file ends too early"
        case .malformed(let what): "the file is damaged: \(what)"
        }
    }
}
