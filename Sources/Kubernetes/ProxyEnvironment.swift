internal import HTTPTransport

/// The proxy that the environment prescribes for a server, by the rules that Go programs, kubectl among them, follow.
///
/// `HTTPS_PROXY` is for https servers and `HTTP_PROXY` for http ones; the upper case wins over the lower; `ALL_PROXY`
/// counts for nothing. Loopback is always reached directly.
struct ProxyEnvironment {
    private let environment: [String: String]

    init(_ environment: [String: String]) { self.environment = environment }

    /// nil: the server is reached directly.
    func proxy(for server: ServerAddress) throws(ConfigurationError) -> HTTPProxy? {
        let name = server.isSecure ? "HTTPS_PROXY" : "HTTP_PROXY"
        guard let text = value(of: name), !server.isLoopback, !isExempt(server) else { return nil }
        // `proxy.example:3128` is what many a machine has, and means http.
        do { return try HTTPProxy(text.contains("://") ? text : "http://\(text)") } catch {
            throw .invalid(field: name, problem: HTTPProxy.problem(error))
        }
    }

    private func isExempt(_ server: ServerAddress) -> Bool {
        (value(of: "NO_PROXY") ?? "").split(separator: ",").contains { entry in
            ProxyExemption(entry.lowercased().filter { !$0.isWhitespace })?.covers(server) ?? false
        }
    }

    private func value(of name: String) -> String? {
        [name, name.lowercased()].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    }
}

extension HTTPProxy {
    /// The proxy of a kubeconfig's `proxy-url`.
    init(kubeconfig text: String) throws(ConfigurationError) {
        do { try self.init(text) } catch { throw .invalid(field: "proxy-url", problem: Self.problem(error)) }
    }

    /// What is wrong with a URL, which is not repeated: it may hold a password.
    static func problem(_ error: HTTPError) -> String {
        guard case .invalidURL(let problem) = error else { return "not usable" }
        return problem
    }
}

/// One entry of `NO_PROXY`, in lower case.
struct ProxyExemption: Equatable {
    private enum Hosts: Equatable {
        case all
        case network(IPNetwork)
        case address(IPAddress)
        /// A name and those under it.
        case name(String)
        /// Those under the name, not the name itself: `.example.com` or `*.example.com`.
        case under(String)
    }

    private let hosts: Hosts
    /// nil: any.
    private let port: String?

    /// nil if the entry says nothing.
    init?(_ entry: String) {
        if entry == "*" {
            (hosts, port) = (.all, nil)
            return
        }
        if let network = IPNetwork(entry) {
            (hosts, port) = (.network(network), nil)
            return
        }
        let (host, port) = Self.split(entry)
        guard !host.isEmpty else { return nil }
        self.port = port
        if let address = IPAddress(host) {
            hosts = .address(address)
        } else if host.hasPrefix("*.") || host.hasPrefix(".") {
            let name = host.drop { $0 == "*" }.dropFirst()
            guard !name.isEmpty else { return nil }
            hosts = .under(String(name))
        } else {
            hosts = .name(host)
        }
    }

    func covers(_ server: ServerAddress) -> Bool {
        guard port == nil || port == server.port else { return false }
        switch hosts {
        case .all: return true
        case .network(let network): return server.address.map(network.contains) ?? false
        case .address(let address): return server.address == address
        case .name(let name): return server.host == name || server.host.hasSuffix(".\(name)")
        case .under(let name): return server.host.hasSuffix(".\(name)")
        }
    }

    /// Host and port of `host:port`, `[fd00::1]:port` and either alone. A bare IPv6 address is all host.
    private static func split(_ entry: String) -> (host: String, port: String?) {
        if entry.hasPrefix("["), let end = entry.firstIndex(of: "]") {
            let rest = entry[entry.index(after: end)...]
            let host = String(entry[entry.index(after: entry.startIndex)..<end])
            return (host, rest.hasPrefix(":") ? String(rest.dropFirst()) : nil)
        }
        let parts = entry.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 ? (String(parts[0]), String(parts[1])) : (entry, nil)
    }
}
