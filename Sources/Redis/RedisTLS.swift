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
        /// The leaf first, then what leads to its authority.
        public let certificatesPEM: String
        /// Unencrypted.
        public let privateKeyPEM: String

        /// Checked when the first connection is made.
        public init(certificatesPEM: String, privateKeyPEM: String) {
            self.certificatesPEM = certificatesPEM
            self.privateKeyPEM = privateKeyPEM
        }
    }

    /// Without arguments: the system's authorities, the host's name, no client certificate.
    public init(serverName: String? = nil, authoritiesPEM: String? = nil, identity: Identity? = nil) {
        self.serverName = serverName
        self.authoritiesPEM = authoritiesPEM
        self.identity = identity
    }

    /// The server name alone.
    public var description: String { "RedisTLS(serverName: \(serverName ?? "as addressed"))" }
    /// The same as ``description``: a debugger's log is a log.
    public var debugDescription: String { description }
    /// Empty, so that `dump` shows no secret.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
