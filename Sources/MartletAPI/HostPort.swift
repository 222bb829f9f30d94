/// A host and a port, such as `redis.dev.svc:6379` or `[fd00::1]:6379`.
public struct HostPort: Sendable, Hashable, CustomStringConvertible {
    /// A name or an address, an IPv6 address without its brackets.
    public var host: String
    /// From 1 to 65535.
    public var port: Int

    /// What is left out stays unset.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// As it is written in a spec.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Nil if the text is not exactly `host:port`, with an IPv6 address in brackets.
    public init?(_ text: String) {
        guard text.utf8.count <= Self.maxLength, let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard (1...5).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
            let port = Int(digits), (1...65_535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.contains(":"), host.utf8.allSatisfy(Self.mayBeInIPv6) else { return nil }
        } else {
            guard Self.isName(host) else { return nil }
        }
        self.host = String(host)
        self.port = port
    }

    /// 253 characters of a name (RFC 1035), a colon and five digits.
    public static let maxLength = 259

    private static func mayBeInIPv6(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: ":"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// Underscores are let through: Docker and some DNS servers hand out such names.
    private static func isName(_ host: Substring) -> Bool {
        let labels = host.hasSuffix(".") ? host.dropLast() : host
        guard !labels.isEmpty, labels.utf8.count <= 253 else { return false }
        return labels.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                        UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                        true
                    default: false
                    }
                }
        }
    }
}
