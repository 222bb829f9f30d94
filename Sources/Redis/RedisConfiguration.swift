/// Where a Redis server listens, as its user wrote it: a host name or an IP address, and a port.
public struct RedisAddress: Hashable, Sendable, CustomStringConvertible {
    public let host: String
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
        guard !host.isEmpty, host.utf8.count <= 253, (1...65535).contains(port) else { return nil }
        guard host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        self.init(host: String(host), port: port)
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// An ACL user, or the old `requirepass` where `username` is nil. Printing it shows no secret.
public struct RedisCredentials: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    public let username: String?
    public let password: String

    public init(username: String? = nil, password: String) {
        self.username = username
        self.password = password
    }

    public var description: String { "RedisCredentials(redacted)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// How a connection is encrypted. The server's certificate and name are always verified.
public struct RedisTLS: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The name that the certificate must carry, and SNI; nil: the host of the address.
    public var serverName: String?
    /// Certificate authorities to trust instead of the system's, as PEM.
    public var authoritiesPEM: String?
    /// The client's certificate chain and key, as PEM; both or neither.
    public var identity: Identity?

    /// A client certificate with its key, as PEM text.
    public struct Identity: Hashable, Sendable {
        public let certificatesPEM: String
        public let privateKeyPEM: String

        public init(certificatesPEM: String, privateKeyPEM: String) {
            self.certificatesPEM = certificatesPEM
            self.privateKeyPEM = privateKeyPEM
        }
    }

    public init(serverName: String? = nil, authoritiesPEM: String? = nil, identity: Identity? = nil) {
        self.serverName = serverName
        self.authoritiesPEM = authoritiesPEM
        self.identity = identity
    }

    public var description: String { "RedisTLS(serverName: \(serverName ?? "as addressed"))" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Everything that one connection to one server needs to know.
public struct RedisConfiguration: Hashable, Sendable {
    public var address: RedisAddress
    public var credentials: RedisCredentials?
    public var database: Int
    /// nil: plain TCP.
    public var tls: RedisTLS?
    /// Shown by the server's `CLIENT LIST`.
    public var clientName: String
    /// From the first lookup to the end of the handshake.
    public var connectTimeout: Duration
    /// From sending a command to its reply; a connection that exceeds it is closed.
    public var commandTimeout: Duration
    /// A connection silent this long is asked with a `PING`, so that a dead peer is found.
    public var silenceBeforePing: Duration

    public init(
        address: RedisAddress, credentials: RedisCredentials? = nil, database: Int = 0, tls: RedisTLS? = nil,
        clientName: String = "martlet", connectTimeout: Duration = .seconds(5),
        commandTimeout: Duration = .seconds(5), silenceBeforePing: Duration = .seconds(20)
    ) {
        self.address = address
        self.credentials = credentials
        self.database = database
        self.tls = tls
        self.clientName = clientName
        self.connectTimeout = connectTimeout
        self.commandTimeout = commandTimeout
        self.silenceBeforePing = silenceBeforePing
    }
}

/// An IP address that a name resolved to, handed to the host policy just before the connection is made to exactly it.
public struct ResolvedAddress: Hashable, Sendable, CustomStringConvertible {
    /// 4 bytes (IPv4) or 16 (IPv6), in network order. IPv4-mapped IPv6 addresses arrive as their 4 bytes.
    public let bytes: [UInt8]
    public let port: Int

    public init(bytes: [UInt8], port: Int) {
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        self.bytes = bytes.count == 16 && bytes.starts(with: mapped) ? Array(bytes.suffix(4)) : bytes
        self.port = port
    }

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

    public var isMulticast: Bool { bytes.count == 4 ? bytes[0] & 0xF0 == 0xE0 : bytes.first == 0xFF }

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
    public let why: String
    public init(why: String) { self.why = why }
}
