/// Where a Redis server listens, as its user wrote it: a host name or an IP address, and a port.
public struct RedisAddress: Hashable, Sendable, CustomStringConvertible {
    /// A name to be resolved, or an IP address without brackets.
    public let host: String
    /// 1 to 65535.
    public let port: Int

    /// - Parameter port: 6379 is the port Redis registers.
    public init(host: String, port: Int = 6379) {
        self.host = host
        self.port = port
    }

    /// Reads `host`, `host:port`, `10.0.0.1:6379` or `[::1]:6379`; nil for anything else.
    public init?(_ text: String) {
        var host = Substring(text)
        var port = 6379
        if text.hasPrefix("[") {
            guard let end = text.lastIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            if !rest.isEmpty {
                guard rest.hasPrefix(":"), let number = Int(rest.dropFirst()) else { return nil }
                port = number
            }
        } else if let colon = text.lastIndex(of: ":") {
            host = text[..<colon]
            guard !host.contains(":"), let number = Int(text[text.index(after: colon)...]) else { return nil }
            port = number
        }
        self.init(checking: String(host), port: port)
    }

    /// nil where `host` is nothing that can be looked up, or `port` is none.
    package init?(checking host: String, port: Int) {
        guard !host.isEmpty, host.utf8.count <= 253, (1...65535).contains(port) else { return nil }
        guard host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        self.init(host: host, port: port)
    }

    /// As it is written in a specification.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
