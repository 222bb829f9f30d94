/// Reads a TZif file of version 1 or later (RFC 9636, section 3).
struct TZifReader {
    private let bytes: [UInt8]
    private var index = 0

    /// Bytes of a header.
    private static let headerLength = 44
    /// The largest files of the database have some thousand bytes.
    private static let longest = 1 << 20
    /// The earliest time that writers use, `-2^59`; what is farther away is refused, so that no sum overflows.
    private static let farthest = 1 << 59

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private struct Header {
        var version: UInt8
        var utCount: Int
        var standardCount: Int
        var leapCount: Int
        var timeCount: Int
        var typeCount: Int
        var characterCount: Int

        func length(timeSize: Int) -> Int {
            timeCount * (timeSize + 1) + typeCount * 6 + characterCount + leapCount * (timeSize + 4) + standardCount
                + utCount
        }
    }

    mutating func rules() throws(TimeZoneError) -> TimeZoneRules {
        guard bytes.count <= Self.longest else { throw .malformed("it is longer than a mebibyte") }
        let header = try header()
        guard header.version != 0 else {
            return TimeZoneRules(periods: try periods(header, timeSize: 4), repeatsFrom: nil)
        }
        // The first block, with 32 bits a time, is for readers that know no other.
        try skip(header.length(timeSize: 4))
        let periods = try periods(try self.header(), timeSize: 8)
        guard let rule = try footer() else { return TimeZoneRules(periods: periods, repeatsFrom: nil) }
        return rule.continuing(periods)
    }

    private mutating func header() throws(TimeZoneError) -> Header {
        guard bytes[index...].starts(with: "TZif".utf8) else { throw .notTZif }
        guard bytes.count - index >= Self.headerLength else { throw .truncated }
        let version = bytes[index + 4]
        try skip(20)
        var counts: [Int] = []
        for _ in 0..<6 { counts.append(try integer(4) & 0xffff_ffff) }
        return Header(
            version: version, utCount: counts[0], standardCount: counts[1], leapCount: counts[2], timeCount: counts[3],
            typeCount: counts[4], characterCount: counts[5])
    }

    private mutating func periods(_ header: Header, timeSize: Int) throws(TimeZoneError) -> [TimeZoneRules.Period] {
        guard bytes.count - index >= header.length(timeSize: timeSize) else { throw .truncated }
        guard header.typeCount > 0 else { throw .malformed("it has no local time type") }
        guard header.leapCount == 0 else { throw .malformed("it counts leap seconds, which no clock of a server does") }
        var times: [Int] = []
        for _ in 0..<header.timeCount { times.append(try integer(timeSize)) }
        let kinds = bytes[index..<index + header.timeCount].map(Int.init)
        try skip(header.timeCount)
        let types = try types(header)
        var periods = [types[0]]
        for (time, kind) in zip(times, kinds) {
            guard kind < types.count else { throw .malformed("a transition names a type that is not there") }
            guard (-Self.farthest...Self.farthest).contains(time) else {
                throw .malformed("a transition is too far away")
            }
            guard time > periods[periods.count - 1].start else { throw .malformed("the transitions are not in order") }
            var period = types[kind]
            period.start = time
            periods.append(period)
        }
        try skip(header.leapCount * (timeSize + 4) + header.standardCount + header.utCount)
        return periods
    }

    /// As periods from the beginning.
    private mutating func types(_ header: Header) throws(TimeZoneError) -> [TimeZoneRules.Period] {
        let names = bytes[(index + header.typeCount * 6)...].prefix(header.characterCount)
        var types: [TimeZoneRules.Period] = []
        for _ in 0..<header.typeCount {
            let offset = try integer(4)
            let most = TimeZoneRules.greatestOffset
            guard (-most...most).contains(offset) else { throw .malformed("an offset is too great") }
            let place = Int(bytes[index + 1])
            try skip(2)
            let name = names.dropFirst(place).prefix { $0 != 0 }.prefix(16)
            types.append(
                TimeZoneRules.Period(
                    start: TimeZoneRules.beginning, offset: offset, abbreviation: String(decoding: name, as: UTF8.self))
            )
        }
        try skip(header.characterCount)
        return types
    }

    /// Between two line feeds; empty: the last period lasts for ever.
    private mutating func footer() throws(TimeZoneError) -> PosixTimeZone? {
        guard index < bytes.count, bytes[index] == UInt8(ascii: "\n"),
            let end = bytes[(index + 1)...].firstIndex(of: UInt8(ascii: "\n"))
        else { throw .truncated }
        let text = bytes[(index + 1)..<end]
        return text.isEmpty ? nil : try PosixTimeZone(text)
    }

    /// Big-endian, in two's complement. The caller may ask for 4 or 8 bytes.
    private mutating func integer(_ size: Int) throws(TimeZoneError) -> Int {
        guard bytes.count - index >= size else { throw .truncated }
        let value = bytes[index..<index + size].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        index += size
        return size == 4 ? Int(Int32(truncatingIfNeeded: value)) : Int(Int64(truncatingIfNeeded: value))
    }

    private mutating func skip(_ count: Int) throws(TimeZoneError) {
        guard bytes.count - index >= count else { throw .truncated }
        index += count
    }
}
