internal import CCurl
internal import Glibc

/// Opens the sockets of one transfer where the policy lets it; confined to the owner thread.
final class PeerGate {
    private let origin: RequestTarget.Origin
    private let policy: PeerPolicy
    private var lastRefusal: String?
    private var hasOpened = false

    init(_ origin: RequestTarget.Origin, _ policy: PeerPolicy) {
        self.origin = origin
        self.policy = policy
    }

    /// Why the transfer could go nowhere; nil if an address was let through, whatever came of it.
    var refusal: String? { hasOpened ? nil : lastRefusal }

    /// False if libcurl refuses an option. The gate must outlive the handle.
    func apply(to easy: UnsafeMutableRawPointer) -> Bool {
        let context = Unmanaged.passUnretained(self).toOpaque()
        return martlet_easy_set_pointer(easy, CURLOPT_OPENSOCKETDATA, context) == CURLE_OK
            && martlet_easy_set_opensocket_callback(easy) { context, _, address in
                guard let context, let address else { return CURL_SOCKET_BAD }
                return Unmanaged<PeerGate>.fromOpaque(context).takeUnretainedValue().open(address)
            } == CURLE_OK
    }

    private func open(_ target: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
        guard let peer = peer(at: target) else {
            lastRefusal = "the address is neither IPv4 nor IPv6"
            return CURL_SOCKET_BAD
        }
        if let refusal = policy.refusal(peer) {
            lastRefusal = refusal
            return CURL_SOCKET_BAD
        }
        hasOpened = true
        let target = target.pointee
        // Programs that the process starts (exec credential plugins) must not inherit it.
        return socket(target.family, target.socktype | Int32(SOCK_CLOEXEC.rawValue), target.`protocol`)
    }

    private func peer(at target: UnsafeMutablePointer<curl_sockaddr>) -> HTTPPeer? {
        guard let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) else { return nil }
        // The address may be longer than the field that it begins in.
        let start = UnsafeRawPointer(target).advanced(by: offset)
        switch target.pointee.family {
        case AF_INET:
            let address = start.loadUnaligned(as: sockaddr_in.self)
            return withUnsafeBytes(of: address.sin_addr) { peer(Array($0), port: address.sin_port) }
        case AF_INET6:
            let address = start.loadUnaligned(as: sockaddr_in6.self)
            return withUnsafeBytes(of: address.sin6_addr) { peer(Array($0), port: address.sin6_port) }
        default: return nil
        }
    }

    private func peer(_ address: [UInt8], port: in_port_t) -> HTTPPeer {
        HTTPPeer(
            host: origin.host, address: address, port: Int(UInt16(bigEndian: port)), isEncrypted: origin.isEncrypted)
    }
}
