/// An address as bytes in network order, read without a resolver.
public enum IPAddress: Sendable, Hashable {
    case v4([UInt8])
    case v6([UInt8])

    /// 4 or 16 bytes in network order; anything else is nil.
    public init?(bytes: some Collection<UInt8>) {
        switch bytes.count {
        case 4: self = .v4(Array(bytes))
        case 16: self = .v6(Array(bytes))
        default: return nil
        }
    }

    /// Reads `10.0.0.1` or `fd00::1`, without brackets or zone; nil for anything else, such as a name.
    public init?(_ text: some StringProtocol) {
        // The longest form is that of an IPv6 address with an IPv4 tail.
        guard text.utf8.count <= 45 else { return nil }
        if let bytes = text.contains(":") ? Self.readV6(String(text)) : Self.readV4(String(text)) {
            self.init(bytes: bytes)
        } else {
            return nil
        }
    }

    private static func readV4(_ text: String) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        let bytes = parts.compactMap { part -> UInt8? in
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                part == "0" || !part.hasPrefix("0")
            else { return nil }
            return UInt8(part)
        }
        return bytes.count == 4 ? bytes : nil
    }

    private static func readV6(_ text: String) -> [UInt8]? {
        var halves: [String] = [text]
        if let gap = text.firstGap {
            halves = [String(text[..<gap.lowerBound]), String(text[gap.upperBound...])]
        }
        let read = halves.enumerated().map { readGroups($1, mayEndInV4: $0 == halves.count - 1) }
        guard let head = read[0] else { return nil }
        if halves.count == 1 { return head.count == 16 ? head : nil }
        guard let tail = read[1], head.count + tail.count <= 14 else { return nil }
        return head + Array(repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    private static func readGroups(_ text: String, mayEndInV4: Bool) -> [UInt8]? {
        if text.isEmpty { return [] }
        var bytes: [UInt8] = []
        let groups = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, group) in groups.enumerated() {
            if group.contains(".") {
                guard mayEndInV4, index == groups.count - 1, let tail = readV4(String(group)) else { return nil }
                bytes += tail
            } else {
                guard (1...4).contains(group.utf8.count), group.utf8.allSatisfy(\.isHexDigit),
                    let value = UInt16(group, radix: 16)
                else { return nil }
                bytes += [UInt8(value >> 8), UInt8(value & 0xff)]
            }
        }
        return bytes.count <= 16 ? bytes : nil
    }
}

extension String {
    /// Where the first `::` stands.
    fileprivate var firstGap: Range<String.Index>? {
        var index = startIndex
        while let colon = self[index...].firstIndex(of: ":") {
            let next = self.index(after: colon)
            if next < endIndex, self[next] == ":" { return colon..<self.index(after: next) }
            index = next
        }
        return nil
    }
}

extension UInt8 {
    fileprivate var isHexDigit: Bool {
        (0x30...0x39).contains(self) || (0x41...0x46).contains(self) || (0x61...0x66).contains(self)
    }
}
