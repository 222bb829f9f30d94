extension CurlTransport {
    /// What all requests of one transport share.
    public struct Configuration: Sendable {
        /// Trust and identity for `https`; nil: the system's authorities and no client certificate.
        public var tls: TLSOptions?
        /// The most connections open at once, requests beyond wait; nil: no limit. Watches count, so a limit must
        /// leave room for them.
        public var connectionLimit: Int?
        /// How many connections are kept open without a request on them.
        public var idleConnectionLimit: Int
        /// How many bytes of a body may wait for their reader before reading from the socket stops.
        public var bufferLimit: Int
        /// The `User-Agent` of requests that name none.
        public var userAgent: String
        /// The proxy of every request; nil: none. What the environment says counts in neither case. An `https` proxy is
        /// verified against the system's authorities; `tls` is for the server behind it.
        public var proxy: HTTPProxy?
        /// Which addresses may be connected to; nil: any. It can't be had together with a proxy, which would resolve
        /// the name itself.
        public var peerPolicy: PeerPolicy?

        /// Defaults that suit one API server.
        public init(
            tls: TLSOptions? = nil, connectionLimit: Int? = nil, idleConnectionLimit: Int = 8,
            bufferLimit: Int = 1 << 20, userAgent: String = "martlet", proxy: HTTPProxy? = nil,
            peerPolicy: PeerPolicy? = nil
        ) {
            self.tls = tls
            self.connectionLimit = connectionLimit
            self.idleConnectionLimit = idleConnectionLimit
            self.bufferLimit = bufferLimit
            self.userAgent = userAgent
            self.proxy = proxy
            self.peerPolicy = peerPolicy
        }
    }

    /// Whom to trust and as whom to appear. PEM as bytes; files are the caller's to read.
    public struct TLSOptions: Sendable {
        /// The only authorities trusted; nil: the system's.
        public var caPEM: [UInt8]?
        /// Client certificate, with its chain behind it.
        public var certificatePEM: [UInt8]?
        /// Key of the client certificate, not encrypted.
        public var privateKeyPEM: [UInt8]?
        /// The name to ask for (SNI) and to verify instead of the URL's host (kubeconfig's `tls-server-name`).
        public var serverName: String?
        /// Whether the peer is verified at all.
        public var verification: Verification

        /// Whether a peer must prove who it is.
        public enum Verification: Sendable, Equatable {
            /// The chain and the name must be right.
            case full
            /// Anybody is believed. Only for `insecure-skip-tls-verify`.
            case none
        }

        /// Full verification unless said otherwise.
        public init(
            caPEM: [UInt8]? = nil, certificatePEM: [UInt8]? = nil, privateKeyPEM: [UInt8]? = nil,
            serverName: String? = nil, verification: Verification = .full
        ) {
            self.caPEM = caPEM
            self.certificatePEM = certificatePEM
            self.privateKeyPEM = privateKeyPEM
            self.serverName = serverName
            self.verification = verification
        }
    }
}
