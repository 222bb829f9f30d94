internal import HTTPTransport
internal import Synchronization

/// The transport that shows the certificate which we hold at the time.
///
/// A new certificate wants new connections, so it gets a new transport. The old one lives as long as a response of it is
/// being read: watches end by themselves within minutes.
final class TransportSource: Sendable {
    private enum Origin: Sendable {
        case given(any HTTPTransport)
        case made(@Sendable (ClientCertificate?) -> any HTTPTransport)
    }

    private let origin: Origin
    private let current = Mutex<(certificate: ClientCertificate?, transport: any HTTPTransport)?>(nil)

    /// One transport whatever happens. It cannot show certificates that come later.
    init(_ transport: any HTTPTransport) { origin = .given(transport) }

    /// `make` gives a transport that shows the certificate; nil: the configuration's, if it has one.
    init(make: @escaping @Sendable (ClientCertificate?) -> any HTTPTransport) { origin = .made(make) }

    func transport(showing certificate: ClientCertificate?) throws(KubernetesError.Cause) -> any HTTPTransport {
        switch origin {
        case .given(let transport):
            guard certificate == nil else {
                throw .credential("an exec plugin gave a certificate, which this client's transport cannot show")
            }
            return transport
        case .made(let make):
            return current.withLock { current in
                if let current, current.certificate == certificate { return current.transport }
                let transport = make(certificate)
                current = (certificate, transport)
                return transport
            }
        }
    }
}
