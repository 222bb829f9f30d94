/// Where a connection is about to be made.
public struct HTTPPeer: Sendable, Hashable {
    /// The host of the request's URL in lower case, an IPv6 address without its brackets.
    public var host: String
    /// What the host resolved to: 4 or 16 bytes in network order.
    public var address: [UInt8]
    /// From 1 to 65535.
    public var port: Int
    /// Whether TLS will be spoken.
    public var isEncrypted: Bool

    /// One put together, as tests do.
    public init(host: String, address: [UInt8], port: Int, isEncrypted: Bool) {
        self.host = host
        self.address = address
        self.port = port
        self.isEncrypted = isEncrypted
    }
}

/// Says which addresses a transport may connect to: for requests to hosts that somebody else has named.
///
/// It is asked after the name was resolved and before the socket is connected, with the very address that the socket then
/// goes to. So a name that resolves to something else the next moment (DNS rebinding) gains nothing, and no packet
/// reaches an address that is refused. An address that is refused counts as one that does not answer: the next one of
/// the name is tried.
public struct PeerPolicy: Sendable {
    let refusal: @Sendable (HTTPPeer) -> String?

    /// `refusal` tells why no connection may be made, nil if one may. It runs on the transport's thread and must be
    /// quick; its text becomes that of `HTTPError.peerRefused`.
    public init(refusal: @escaping @Sendable (HTTPPeer) -> String?) { self.refusal = refusal }
}
