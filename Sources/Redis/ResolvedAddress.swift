/// An IP address that a name resolved to, handed to the host policy just before the connection is made to exactly it.
public struct ResolvedAddress: Hashable, Sendable, CustomStringConvertible {
    /// 4 bytes (IPv4) or 16 (IPv6), in network order. IPv4-mapped IPv6 addresses arrive as their 4 bytes.
    public let bytes: [UInt8]
    /// Of the address as it was written.
    public let port: Int

    /// - Parameter bytes: 4 or 16, in network order.
    public init(bytes: [UInt8], port: Int) {
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        self.bytes = bytes.count == 16 && bytes.starts(with: mapped) ? Array(bytes.suffix(4)) : bytes
        self.port = port
    }

    /// 127.0.0.0/8 and `::1`.
    public var isLoopback: Bool {
        bytes.count == 4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
    }

    /// 169.254.0.0/16 (where clouds keep their metadata service) and fe80::/10.
    public var isLinkLocal: Bool {
        bytes.count == 4
            ? bytes[0] == 169 && bytes[1] == 254
            : bytes.count == 16 && bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80
    }

    /// 0.0.0.0/8 and `::`, which connect to the own machine.
    public var isUnspecified: Bool { bytes.count == 4 ? bytes[0] == 0 : bytes.allSatisfy { $0 == 0 } }

    /// 224.0.0.0/4 and ff00::/8.
    public var isMulticast: Bool { bytes.count == 4 ? bytes[0] & 0xF0 == 0xE0 : bytes.first == 0xFF }

    /// Address and port, for logs.
    public var description: String {
        if bytes.count == 4 { return bytes.map { String($0) }.joined(separator: ".") + ":\(port)" }
        let groups = stride(from: 0, to: bytes.count - 1, by: 2).map {
            String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16)
        }
        return "[\(groups.joined(separator: ":"))]:\(port)"
    }
}

/// Decides whether a resolved address may be connected to; a thrown ``RedisHostRefusal`` ends the attempt.
public typealias RedisHostPolicy = @Sendable (ResolvedAddress) throws(RedisHostRefusal) -> Void

/// Why an address may not be connected to, in words for the user. It must not quote the address's content.
public struct RedisHostRefusal: Error, Hashable, Sendable {
    /// A sentence that ends with a full stop.
    public let why: String
    /// - Parameter why: shown in a condition.
    public init(why: String) { self.why = why }
}
