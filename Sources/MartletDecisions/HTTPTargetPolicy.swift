internal import MartletAPI

/// Which HTTP servers an object of a tenant may make the operator call: https on public addresses, and whatever hosts the
/// operator's own flag `--allow-http-hosts` names.
///
/// A host that is named may speak http and be on a private or loopback address. The cloud's metadata service, link-local
/// addresses and the API server stay refused: a name may come to stand for them.
public struct HTTPTargetPolicy: Sendable {
    private let named: [HTTPHostPattern]
    private let forNamed: HostPolicy
    private let forOthers: HostPolicy

    /// `apiServer`: the API server's own addresses.
    public init(apiServer: some Sequence<IPAddress> = [], allowing named: [HTTPHostPattern] = []) {
        self.named = named
        let apiServer = Array(apiServer)
        forNamed = HostPolicy(apiServer: apiServer, loopback: .allowed)
        forOthers = HostPolicy(apiServer: apiServer, privateNetworks: .refused)
    }

    /// Why no connection may be made to `address`, which `host` resolved to; nil if one may. For a condition: it names
    /// neither.
    public func refusal(host: String, port: Int, address: IPAddress, isEncrypted: Bool) -> String? {
        if named.contains(where: { $0.covers(host: host, port: port) }) {
            return forNamed.refusal(of: address)?.message
        }
        switch forOthers.refusal(of: address) {
        case .loopback, .privateNetwork:
            return "the host is not on a public address; the operator's flag --allow-http-hosts can name it"
        case .linkLocal, .metadata, .unspecified, .multicast, .apiServer:
            return forOthers.refusal(of: address)?.message
        case nil: break
        }
        return isEncrypted ? nil : "the URL is not https; the operator's flag --allow-http-hosts can name the host"
    }
}

/// A host of `--allow-http-hosts`: `postgrest.dev.svc`, `postgrest.dev.svc:3000`, `10.0.0.7`, `[fd00::7]:3000`.
public struct HTTPHostPattern: Sendable, Hashable {
    private let host: String
    /// Nil: every port.
    private let port: Int?

    /// Nil for what is neither a host nor a host and a port.
    public init?(_ text: String) {
        if let both = HostPort(text) {
            host = both.host.lowercased()
            port = both.port
        } else if let alone = HostPort("\(text):1") {
            host = alone.host.lowercased()
            port = nil
        } else {
            return nil
        }
    }

    func covers(host: String, port: Int) -> Bool { host.lowercased() == self.host && (self.port ?? port) == port }
}
