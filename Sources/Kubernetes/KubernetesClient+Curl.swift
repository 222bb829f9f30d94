internal import HTTPTransport
public import Logging

extension KubernetesClient {
    /// Connections kept for a controller that writes many objects side by side: a TLS handshake costs both sides more
    /// than the request it would be made for.
    private static let idleConnections = 32

    /// A client with a connection pool of its own. `userAgent` tells in the server's audit log which process it was.
    public init(
        configuration: KubernetesConfiguration, limits: RequestLimits = RequestLimits(), time: ClientTime = .system,
        userAgent: String = "martlet", logger: Logger, onRequest: (@Sendable (RequestReport) -> Void)? = nil
    ) {
        let make: @Sendable (ClientCertificate?) -> any HTTPTransport = { given in
            let identity = configuration.tls
            let tls = CurlTransport.TLSOptions(
                caPEM: identity.authorities, certificatePEM: identity.certificate ?? given?.certificate,
                privateKeyPEM: identity.privateKey ?? given?.privateKey, serverName: identity.serverName,
                verification: identity.verification == .none ? .none : .full)
            return CurlTransport(
                CurlTransport.Configuration(
                    tls: tls, idleConnectionLimit: Self.idleConnections, userAgent: userAgent,
                    proxy: configuration.proxy))
        }
        self.init(
            configuration: configuration, transports: TransportSource(make: make), limits: limits, time: time,
            logger: logger, onRequest: onRequest)
    }
}
