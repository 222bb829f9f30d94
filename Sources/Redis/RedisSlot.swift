/// One of the 16,384 parts of a Redis Cluster's keys.
/// Source: Redis Cluster specification, "Key distribution model" and "Hash tags".
public struct RedisSlot: Hashable, Sendable, Comparable {
    /// How many there are, in every cluster.
    public static let count = 16384

    /// 0 to 16,383.
    public let number: Int

    /// nil: there is no such slot.
    public init?(_ number: Int) {
        guard (0..<Self.count).contains(number) else { return nil }
        self.number = number
    }

    /// The slot that holds `key`: CRC-16/XMODEM of the name, or of the hash tag within it, modulo 16,384.
    public init(of key: RedisKey) {
        var name = key.name
        number = name.withUTF8 { Int(Self.checksum(Self.tag(of: $0[...])) % UInt16(Self.count)) }
    }

    /// By number.
    public static func < (left: RedisSlot, right: RedisSlot) -> Bool { left.number < right.number }

    /// What stands between the first `{` and the first `}` after it, unless that is nothing.
    private static func tag(of name: Slice<UnsafeBufferPointer<UInt8>>) -> Slice<UnsafeBufferPointer<UInt8>> {
        guard let opening = name.firstIndex(of: UInt8(ascii: "{")) else { return name }
        let rest = name[(opening + 1)...]
        guard let closing = rest.firstIndex(of: UInt8(ascii: "}")), closing > rest.startIndex else { return name }
        return rest[..<closing]
    }

    /// Polynomial 0x1021, beginning with 0; eight bits at a time.
    private static func checksum(_ bytes: some Sequence<UInt8>) -> UInt16 {
        bytes.reduce(0) { crc, byte in
            var mixed = (crc >> 8) ^ UInt16(byte)
            mixed ^= mixed >> 4
            return (crc << 8) ^ (mixed << 12) ^ (mixed << 5) ^ mixed
        }
    }
}
