internal import Glibc

/// Where a server's URL leads, as far as the choice of a proxy depends on it.
struct ServerAddress {
    var isSecure: Bool
    /// In lower case, IPv6 without brackets.
    var host: String
    var port: String
    /// nil if the host is a name.
    var address: IPAddress? { IPAddress(host) }

    /// nil if `url` is no http or https URL.
    init?(_ url: String) {
        guard let scheme = ["https", "http"].first(where: { url.hasPrefix("\($0)://") }) else { return nil }
        isSecure = scheme == "https"
        let authority = url.dropFirst(scheme.count + 3).prefix { !"/?#".contains($0) }.lowercased()
        let defaultPort = isSecure ? "443" : "80"
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            host = String(authority[authority.index(after: authority.startIndex)..<end])
            let rest = authority[authority.index(after: end)...].dropFirst()
            port = rest.isEmpty ? defaultPort : String(rest)
        } else {
            let parts = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            host = parts.first.map { String($0) } ?? ""
            port = parts.count == 2 && !parts[1].isEmpty ? String(parts[1]) : defaultPort
        }
        guard !host.isEmpty else { return nil }
    }

    var isLoopback: Bool { host == "localhost" || address?.isLoopback == true }
}

/// An IP address. An IPv4 address and its form inside IPv6 (`::ffff:1.2.3.4`) are one.
struct IPAddress: Equatable {
    /// 4 or 16, in the order of the wire.
    let bytes: [UInt8]

    init?(_ text: String) {
        var (four, sixteen) = (in_addr(), in6_addr())
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = withUnsafeBytes(of: four) { Array($0) }
        } else if inet_pton(AF_INET6, text, &sixteen) == 1 {
            let all = withUnsafeBytes(of: sixteen) { Array($0) }
            let isFour = all.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
            bytes = isFour ? Array(all.suffix(4)) : all
        } else {
            return nil
        }
    }

    var isLoopback: Bool { bytes.count == 4 ? bytes[0] == 127 : bytes == Array(repeating: 0, count: 15) + [1] }
}

/// `10.0.0.0/8`.
struct IPNetwork: Equatable {
    private let base: IPAddress
    private let length: Int

    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let base = IPAddress(String(parts[0])), parts[1].allSatisfy(\.isASCII),
            parts[1].allSatisfy(\.isNumber), let length = Int(parts[1]), length <= base.bytes.count * 8
        else { return nil }
        self.base = base
        self.length = length
    }

    func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == base.bytes.count else { return false }
        return zip(base.bytes, address.bytes).enumerated().allSatisfy { index, pair in
            let bits = min(max(length - index * 8, 0), 8)
            let mask = UInt8(truncatingIfNeeded: 0xff00 >> bits)
            return pair.0 & mask == pair.1 & mask
        }
    }
}
