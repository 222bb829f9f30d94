/// Which addresses an object of a tenant may make the operator connect to, checked after resolution.
///
/// The operator sits where the tenant does not: beside the cloud's metadata service and the API server. Private networks
/// are let through unless told, as a cluster's own servers are there.
public struct HostPolicy: Sendable {
    /// Whether loopback addresses are let through, the API server's among them; for development.
    public enum Loopback: Sendable {
        case refused, allowed
    }

    /// Whether addresses are let through that only a cluster's own networks know.
    public enum PrivateNetworks: Sendable {
        case refused, allowed
    }

    private let apiServer: Set<IPAddress>
    private let loopback: Loopback
    private let privateNetworks: PrivateNetworks

    /// Refuses the API server's addresses, and loopback unless allowed.
    public init(
        apiServer: some Sequence<IPAddress> = [], loopback: Loopback = .refused,
        privateNetworks: PrivateNetworks = .allowed
    ) {
        self.apiServer = Set(apiServer.map(\.unwrapped))
        self.loopback = loopback
        self.privateNetworks = privateNetworks
    }

    /// Why no connection may be made to the address, nil if one may.
    public func refusal(of address: IPAddress) -> HostRefusal? {
        // An IPv4 address inside an IPv6 one reaches the same machine.
        let address = address.unwrapped
        if address.isLoopback { return loopback == .allowed ? nil : .loopback }
        if address.isMetadata { return .metadata }
        if address.isLinkLocal { return .linkLocal }
        if address.isUnspecified { return .unspecified }
        if address.isMulticast { return .multicast }
        if apiServer.contains(address) { return .apiServer }
        if privateNetworks == .refused, !address.isPublic { return .privateNetwork }
        return nil
    }
}

/// Why an address is refused.
public enum HostRefusal: String, Sendable, Hashable {
    case loopback, linkLocal, metadata, unspecified, multicast, apiServer, privateNetwork

    /// For a condition: names the kind of address, never the address itself, which a resolver chose.
    public var message: String {
        switch self {
        case .loopback: "the host is a loopback address, which is refused (--allow-loopback for development)"
        case .linkLocal: "the host is a link-local address, which is refused"
        case .metadata: "the host is a cloud's metadata service, which is refused"
        case .unspecified: "the host is the unspecified address, which is refused"
        case .multicast: "the host is a multicast or broadcast address, which is refused"
        case .apiServer: "the host is the API server, which is refused"
        case .privateNetwork: "the host is not on a public address"
        }
    }
}

extension IPAddress {
    /// The IPv4 address that an IPv6 address stands for: mapped or compatible (RFC 4291), NAT64 (RFC 6052, 8215), 6to4
    /// (RFC 3056).
    fileprivate var unwrapped: IPAddress {
        guard case .v6(let bytes) = self else { return self }
        let isLow = bytes.prefix(10).allSatisfy { $0 == 0 }
        let isMapped = isLow && bytes[10] == 0xff && bytes[11] == 0xff
        // ::1 and :: are addresses of their own.
        let isCompatible = bytes.prefix(12).allSatisfy { $0 == 0 } && bytes[12...14].contains { $0 != 0 }
        let isNAT64 =
            bytes.starts(with: [0, 0x64, 0xff, 0x9b])
            && (bytes[4...11].allSatisfy { $0 == 0 } || bytes[4...5].elementsEqual([0, 1]))
        if isMapped || isCompatible || isNAT64 { return .v4(Array(bytes[12...])) }
        if bytes.starts(with: [0x20, 0x02]) { return .v4(Array(bytes[2...5])) }
        return self
    }

    fileprivate var isLoopback: Bool {
        switch self {
        case .v4(let bytes): bytes[0] == 127
        case .v6(let bytes): bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
        }
    }

    fileprivate var isUnspecified: Bool {
        switch self {
        // All of 0.0.0.0/8 means "this network", and Linux takes 0.0.0.0 for loopback.
        case .v4(let bytes): bytes[0] == 0
        case .v6(let bytes): bytes.allSatisfy { $0 == 0 }
        }
    }

    fileprivate var isLinkLocal: Bool {
        switch self {
        case .v4(let bytes): bytes.starts(with: [169, 254])
        case .v6(let bytes): bytes[0] == 0xfe && bytes[1] & 0xc0 == 0x80
        }
    }

    fileprivate var isMulticast: Bool {
        switch self {
        case .v4(let bytes): bytes[0] & 0xf0 == 0xe0 || bytes.allSatisfy { $0 == 255 }
        case .v6(let bytes): bytes[0] == 0xff
        }
    }

    /// Whether the Internet knows the address (IANA's special-purpose registries, RFC 6890): unwrapped, and none of the
    /// kinds above.
    fileprivate var isPublic: Bool {
        switch self {
        case .v4(let bytes):
            switch (bytes[0], bytes[1], bytes[2]) {
            case (10, _, _), (172, 16...31, _), (192, 168, _): false
            // Shared by carriers and clouds (RFC 6598), where some clusters have their Pods.
            case (100, 64...127, _): false
            // Protocol assignments, documentation, benchmarks, relays of 6to4, and what is reserved.
            case (192, 0, 0), (192, 0, 2), (198, 51, 100), (203, 0, 113), (198, 18...19, _), (192, 88, 99): false
            case (240..., _, _): false
            default: true
            }
        // Only 2000::/3 is given out; Teredo carries an IPv4 address that nobody judged, the others are no hosts' own.
        case .v6(let bytes):
            bytes[0] & 0xe0 == 0x20 && !(bytes.starts(with: [0x20, 0x01]) && bytes[2] < 2)
                && !bytes.starts(with: [0x20, 0x01, 0x0d, 0xb8]) && !bytes.starts(with: [0x3f, 0xff])
        }
    }

    fileprivate var isMetadata: Bool {
        switch self {
        // AWS, GCP, Azure; Alibaba; Azure's WireServer; Oracle.
        case .v4(let bytes):
            [[169, 254, 169, 254], [100, 100, 100, 200], [168, 63, 129, 16], [192, 0, 0, 192]].contains(bytes)
        // AWS keeps the whole of fd00:ec2::/32 for its link services; GCP fd20:ce::254; Oracle fd00:c1::a9fe:a9fe.
        case .v6(let bytes):
            bytes.starts(with: [0xfd, 0x00, 0x0e, 0xc2]) || self == IPAddress("fd20:ce::254")
                || self == IPAddress("fd00:c1::a9fe:a9fe")
        }
    }
}
