internal import NIOCore
internal import NIOSSL

/// The name that a server's certificate must carry.
///
/// The library verifies the chain, and accepts a certificate that names either the expected host or the address that
/// was connected to. The second is too little where a name is asked for: who can forge the name's address may well
/// have a certificate for their own address. So the name is required here as well (RFC 6125, section 6).
struct CertificateName: Sendable {
    private enum Expected {
        case host(String)
        case address([UInt8])
    }

    private let expected: Expected

    init(_ name: String) {
        if let address = (try? SocketAddress(ipAddress: name, port: 0)).flatMap({ ResolvedAddress($0) }) {
            expected = .address(address.bytes)
        } else {
            expected = .host(
                name.lowercased().hasSuffix(".") ? String(name.lowercased().dropLast()) : name.lowercased())
        }
    }

    /// For SNI, which knows no addresses.
    var host: String? {
        switch expected {
        case .host(let host): host
        case .address: nil
        }
    }

    /// A certificate without alternative names was verified by its common name.
    func isCarried(by certificate: NIOSSLCertificate) -> Bool {
        let names = certificate._subjectAlternativeNames()
        return names.isEmpty || names.contains { matches($0.nameType, Array($0.contents)) }
    }

    private func matches(_ type: _SubjectAlternativeName.NameType, _ contents: [UInt8]) -> Bool {
        switch expected {
        case .address(let bytes): type == .ipAddress && ResolvedAddress(bytes: contents, port: 0).bytes == bytes
        case .host(let host):
            type == .dnsName && Self.matches(host, pattern: String(decoding: contents, as: UTF8.self).lowercased())
        }
    }

    /// A wildcard stands for exactly one leftmost label.
    static func matches(_ host: String, pattern: String) -> Bool {
        guard pattern.hasPrefix("*.") else { return host == pattern }
        guard let period = host.firstIndex(of: "."), period != host.startIndex else { return false }
        return host[period...] == pattern.dropFirst()
    }
}
