internal import NIOCore
internal import NIOSSL

extension RedisTLS {
    /// The library's form of these settings. Costly (it parses all authorities): one is kept for all attempts.
    func makeContext() throws(RedisError) -> NIOSSLContext {
        var settings = TLSConfiguration.makeClientConfiguration()
        settings.certificateVerification = .fullVerification
        settings.minimumTLSVersion = .tlsv12
        if let authoritiesPEM {
            let authorities = try Self.certificates(authoritiesPEM, what: "the certificate authorities")
            settings.trustRoots = .certificates(authorities)
        }
        if let identity {
            let chain = try Self.certificates(identity.certificatesPEM, what: "the client certificate")
            settings.certificateChain = chain.map { .certificate($0) }
            do {
                let key = try NIOSSLPrivateKey(bytes: Array(identity.privateKeyPEM.utf8), format: .pem)
                settings.privateKey = .privateKey(key)
            } catch {
                throw .tlsConfigurationInvalid(what: "the client key")
            }
        }
        do {
            return try NIOSSLContext(configuration: settings)
        } catch {
            throw .tlsConfigurationInvalid(what: "the client certificate and its key")
        }
    }

    private static func certificates(_ pem: String, what: String) throws(RedisError) -> [NIOSSLCertificate] {
        let found = try? NIOSSLCertificate.fromPEMBytes(Array(pem.utf8))
        guard let found, !found.isEmpty else { throw .tlsConfigurationInvalid(what: what) }
        return found
    }

    func makeHandler(context: NIOSSLContext, host: String) throws(RedisError) -> NIOSSLClientHandler {
        let name = CertificateName(serverName ?? host)
        do {
            return try NIOSSLClientHandler._makeSSLClientHandler(context: context, serverHostname: name.host) {
                certificate, channel in
                name.isCarried(by: certificate)
                    ? channel.eventLoop.makeSucceededVoidFuture()
                    : channel.eventLoop.makeFailedFuture(NIOSSLError.unableToValidateCertificate)
            }
        } catch {
            throw .tlsConfigurationInvalid(what: "the server name")
        }
    }
}
