public import HTTPTransport

/// Where the API server is, how we know it, and who we are. Printing it shows no credential.
public struct KubernetesConfiguration: Sendable {
    /// `https://host:port`, perhaps with a path; no slash at the end.
    public var server: String
    /// The namespace of those who name none.
    public var namespace: String
    /// Whom to trust, and the certificate to show.
    public var tls: TLSIdentity
    /// What to send with each request.
    public var credential: Credential
    /// The way to the server; nil: straight.
    public var proxy: HTTPProxy?
    /// The kubeconfig's context, for messages; nil in a cluster.
    public var contextName: String?

    /// What is not given: nothing to show and the system's authorities.
    public init(
        server: String, namespace: String = "default", tls: TLSIdentity = TLSIdentity(),
        credential: Credential = .none, proxy: HTTPProxy? = nil, contextName: String? = nil
    ) {
        self.server = server.hasSuffix("/") ? String(server.dropLast()) : server
        self.namespace = namespace
        self.tls = tls
        self.credential = credential
        self.proxy = proxy
        self.contextName = contextName
    }
}

/// How the server proves itself to us and we to it, in PEM.
public struct TLSIdentity: Sendable, Equatable {
    /// The authorities that may vouch for the server; nil: the system's.
    public var authorities: [UInt8]?
    /// Our certificate and its key, if we prove ourselves by one.
    public var certificate: [UInt8]?
    /// The key of `certificate`, not encrypted.
    public var privateKey: [UInt8]?
    /// The name that the server's certificate must bear, if it is not the URL's host.
    public var serverName: String?
    /// Whether the server's certificate is checked at all.
    public var verification: Verification

    /// Whether the server's certificate is checked.
    public enum Verification: Sendable, Equatable {
        case full
        /// `insecure-skip-tls-verify`.
        case none
    }

    /// What is not given: nothing to show and the system's authorities.
    public init(
        authorities: [UInt8]? = nil, certificate: [UInt8]? = nil, privateKey: [UInt8]? = nil,
        serverName: String? = nil, verification: Verification = .full
    ) {
        self.authorities = authorities
        self.certificate = certificate
        self.privateKey = privateKey
        self.serverName = serverName
        self.verification = verification
    }
}

/// What is sent to prove who we are, beside a client certificate.
public enum Credential: Sendable, Equatable {
    case none
    case token(String)
    /// A file that somebody rotates: read again at most each minute, and at once when the server refuses the token.
    case tokenFile(path: String)
    /// A program that hands out tokens or certificates: run again shortly before they expire, and when the server refuses
    /// them.
    case exec(ExecPlugin)
}

extension KubernetesConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Nothing secret.
    public var description: String { "\(server) (context \(contextName ?? "none"), namespace \(namespace))" }
    /// As `description`, so that no way of printing shows more.
    public var debugDescription: String { description }
    /// As `description`, for `dump` and debuggers.
    public var customMirror: Mirror { Mirror(self, children: ["server": server, "namespace": namespace]) }
}

extension Credential: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Nothing secret.
    public var description: String {
        switch self {
        case .none: "none"
        case .token: "token"
        case .tokenFile(let path): "token file \(path)"
        case .exec(let plugin): "\(plugin)"
        }
    }
    /// As `description`, so that no way of printing shows more.
    public var debugDescription: String { description }
    /// As `description`, for `dump` and debuggers.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension TLSIdentity: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Nothing secret.
    public var description: String {
        "TLS with \(certificate == nil ? "no client certificate" : "a client certificate")"
    }
    /// As `description`, so that no way of printing shows more.
    public var debugDescription: String { description }
    /// As `description`, for `dump` and debuggers.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
