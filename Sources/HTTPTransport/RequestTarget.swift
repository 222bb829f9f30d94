internal import CCurl

/// A request checked and spelled as libcurl wants it.
struct RequestTarget: Sendable {
    /// Whom the URL names, whatever the connection goes through.
    struct Origin: Sendable {
        /// In lower case, an IPv6 address without its brackets.
        var host: String
        var isEncrypted: Bool
    }

    let url: String
    let origin: Origin
    /// `HOST:PORT:CONNECT-HOST:CONNECT-PORT`, where the name to verify is not the one to connect to.
    let connectTo: String?
    let headerLines: [String]
    let method: HTTPMethod
    let body: [UInt8]?
    let timeouts: HTTPTimeouts
    let mayBegin: (@Sendable () -> Bool)?

    /// Throws `invalidURL` or `invalidRequest`, before anything is sent and without repeating what was wrong: it may be
    /// a credential.
    init(_ request: HTTPRequest, serverName: String?) throws(HTTPError) {
        guard !request.method.rawValue.isEmpty, request.method.rawValue.utf8.allSatisfy(Self.isTokenByte) else {
            throw .invalidRequest("the verb is not a token")
        }
        let location = try Location(request.url, serverName: serverName)
        url = location.url
        origin = location.origin
        connectTo = location.connectTo
        headerLines = try Self.lines(of: request, host: location.hostHeader)
        method = request.method
        body = request.body
        timeouts = request.timeouts
        mayBegin = request.mayBegin
    }

    /// RFC 9110, 9.2.2. Only these may be sent again when a kept connection dies under them.
    var isIdempotent: Bool {
        switch method {
        case .get, .head, .put, .delete: true
        default: false
        }
    }

    private static func lines(of request: HTTPRequest, host: String?) throws(HTTPError) -> [String] {
        var lines: [String] = []
        var names: Set<String> = []
        for (name, value) in request.headers {
            guard !name.isEmpty, name.utf8.allSatisfy(isTokenByte) else {
                throw .invalidRequest("a header's name is not a token")
            }
            guard !value.utf8.contains(where: { $0 == 0 || $0 == 0x0A || $0 == 0x0D }) else {
                throw .invalidRequest("the value of a header holds a line end")
            }
            let key = name.lowercased()
            guard key != "content-length", key != "transfer-encoding" else {
                throw .invalidRequest("framing is the transport's, not a header's")
            }
            names.insert(key)
            // libcurl's spelling of a field without a value; "Name:" would remove the field.
            lines.append(value.allSatisfy { $0 == " " } ? "\(name);" : "\(name): \(value)")
        }
        if let host, !names.contains("host") { lines.append("Host: \(host)") }
        // What libcurl would add to a body by itself: a wait for "100 Continue" and a form's content type.
        if !names.contains("expect") { lines.append("Expect:") }
        if !names.contains("content-type") { lines.append("Content-Type:") }
        return lines
    }

    /// RFC 9110, 5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}

/// Where a request goes.
private struct Location {
    var url: String
    var origin: RequestTarget.Origin
    var connectTo: String?
    var hostHeader: String?

    /// With a `serverName` that is not the URL's host, libcurl is given a URL with that name, so that SNI and
    /// verification use it, while it connects to the real host and the `Host` field keeps the real authority.
    init(_ text: String, serverName: String?) throws(HTTPError) {
        guard !text.utf8.contains(0) else { throw .invalidURL("it holds a zero byte") }
        guard let parts = URLParts(text, flags: CURLU_DISALLOW_USER | CURLU_PATH_AS_IS) else {
            throw .invalidURL("malformed, of an unknown scheme, or with credentials in it")
        }
        guard let scheme = parts[CURLUPART_SCHEME], scheme == "https" || scheme == "http" else {
            throw .invalidURL("its scheme is neither http nor https")
        }
        guard let host = parts[CURLUPART_HOST], !host.isEmpty else { throw .invalidURL("it names no host") }
        url = text
        origin = RequestTarget.Origin(
            host: String(host.lowercased().drop { $0 == "[" }.prefix { $0 != "]" }), isEncrypted: scheme == "https")
        guard let serverName, scheme == "https", host != serverName else { return }
        let port = parts.text(of: CURLUPART_PORT, flags: CURLU_DEFAULT_PORT) ?? "443"
        hostHeader = parts[CURLUPART_PORT].map { "\(host):\($0)" } ?? host
        guard !serverName.utf8.contains(0), parts.replaceHost(by: serverName), let rewritten = parts[CURLUPART_URL]
        else { throw .invalidURL("the TLS server name is not a host name") }
        connectTo = "\(serverName):\(port):\(host):\(port)"
        url = rewritten
    }
}
