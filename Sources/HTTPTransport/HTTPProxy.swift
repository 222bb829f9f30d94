internal import CCurl

/// The address of a proxy, checked. Printing it shows no credential.
public struct HTTPProxy: Sendable, Equatable {
    /// As libcurl takes it, credentials and all: it goes nowhere else.
    let url: String
    /// `scheme://host:port`.
    private let address: String

    /// Takes `http`, `https`, `socks5` and `socks5h` URLs, with percent-encoded credentials or without.
    ///
    /// Ports left out are 80, 443 and 1080. `socks5` leaves the resolution of names to the proxy, as `socks5h` does: that
    /// is how every Kubernetes client in Go reads it. Throws `HTTPError.invalidURL`, which repeats nothing of `text`.
    public init(_ text: String) throws(HTTPError) {
        guard !text.utf8.contains(0) else { throw .invalidURL("it holds a zero byte") }
        guard let parts = URLParts(text, flags: CURLU_NON_SUPPORT_SCHEME) else {
            throw .invalidURL("it is not of the form scheme://host:port")
        }
        let (spoken, defaultPort): (String, String)
        switch parts[CURLUPART_SCHEME] {
        case "http": (spoken, defaultPort) = ("http", "80")
        case "https": (spoken, defaultPort) = ("https", "443")
        case "socks5", "socks5h": (spoken, defaultPort) = ("socks5h", "1080")
        default: throw .invalidURL("its scheme is none of http, https and socks5")
        }
        guard let host = parts[CURLUPART_HOST], !host.isEmpty else { throw .invalidURL("it names no host") }
        let place = "\(host):\(parts[CURLUPART_PORT] ?? defaultPort)"
        let password = parts[CURLUPART_PASSWORD].map { ":\($0)" } ?? ""
        let user = parts[CURLUPART_USER].map { "\($0)\(password)@" } ?? ""
        address = "\(spoken)://\(place)"
        url = "\(spoken)://\(user)\(place)"
    }
}

extension HTTPProxy: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Scheme, host and port.
    public var description: String { address }
    /// As `description`, so that no way of printing shows more.
    public var debugDescription: String { address }
    /// As `description`, for `dump` and debuggers.
    public var customMirror: Mirror { Mirror(self, children: ["address": address]) }
}
