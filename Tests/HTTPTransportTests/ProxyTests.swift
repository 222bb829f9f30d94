import HTTPTransport
import Testing

final class ProxyTests {
    private let authority: TestAuthority
    private let ca: [UInt8]

    init() throws {
        authority = try TestAuthority()
        ca = try authority.pem("ca.pem")
    }

    deinit { authority.remove() }

    private func transport(_ proxy: String, serverName: String? = nil) throws -> CurlTransport {
        CurlTransport(.init(tls: .init(caPEM: ca, serverName: serverName), proxy: try HTTPProxy(proxy)))
    }

    private func text(_ response: HTTPResponse) async throws -> String {
        String(decoding: try await response.body.collect(upTo: 1000), as: UTF8.self)
    }

    @Test func `an https request goes through a tunnel that only the proxy's own credentials open`() async throws {
        let server = try TLSServer(authority, certificate: "name")
        let proxy = try ProxyServer(to: server.port)
        let transport = try transport(proxy.url(credentials: "u%40x:p%3Aw@"))
        let request = HTTPRequest(.get, "https://api.internal:6443/", headers: ["Authorization": "Bearer fake"])
        let response = try await transport.send(request)
        #expect(response.status == 200)
        #expect(response.headers["X-Proxy"] == nil)
        #expect(try await text(response) == "api.internal:6443|api.internal|")
        // Base64 of `u@x:p:w`. Not the server's token: that is not for the proxy to see.
        #expect(await proxy.asked.next() == .init(target: "api.internal:6443", credentials: "Basic dUB4OnA6dw=="))
    }

    @Test(arguments: ["socks5", "socks5h"])
    func `a SOCKS proxy is given the name, not an address`(scheme: String) async throws {
        let server = try TLSServer(authority, certificate: "name")
        let proxy = try ProxyServer(to: server.port)
        let transport = try transport(proxy.url(scheme, credentials: "u:p@"))
        let response = try await transport.send(HTTPRequest(.get, "https://api.internal/"))
        #expect(try await text(response) == "api.internal|api.internal|")
        #expect(await proxy.asked.next() == .init(target: "api.internal:443", credentials: "u:p"))
    }

    @Test func `a TLS server name is for the server, while the proxy is asked for the real host`() async throws {
        let server = try TLSServer(authority, certificate: "name")
        let proxy = try ProxyServer(to: server.port)
        let transport = try transport(proxy.url(), serverName: "api.internal")
        let response = try await transport.send(HTTPRequest(.get, "https://far.example:6443/"))
        #expect(try await text(response) == "far.example:6443|api.internal|")
        #expect(await proxy.asked.next() == .init(target: "far.example:6443", credentials: nil))
    }

    @Test(arguments: ["http", "socks5"])
    func `a watch streams through a proxy piece by piece, beside other requests`(scheme: String) async throws {
        let server = try TLSServer(authority, certificate: "name")
        let proxy = try ProxyServer(to: server.port)
        let transport = try transport(proxy.url(scheme))
        let response = try await transport.send(HTTPRequest(.get, "https://api.internal/watch"))
        var pieces = response.body.makeAsyncIterator()
        #expect(try await pieces.next() == Array("one\n".utf8))
        // The server sends the second piece when it has got this request.
        #expect(try await transport.send(HTTPRequest(.get, "https://api.internal/go")).status == 200)
        #expect(try await pieces.next() == Array("two\n".utf8))
        #expect(try await pieces.next() == nil)
    }

    @Test func `a plain http request is put to the proxy whole`() async throws {
        let proxy = try ProxyServer(to: nil)
        let response = try await transport(proxy.url()).send(HTTPRequest(.get, "http://api.internal:8080/a?b"))
        #expect(try await text(response) == "http://api.internal:8080/a?b")
    }

    @Test(arguments: ["http", "socks5"])
    func `a proxy that refuses is told apart and its credentials are not told`(scheme: String) async throws {
        let refusing = try ProxyServer(to: nil)
        let dead = "\(scheme)://u:canary@127.0.0.1:\(try TestServer.unusedPort())"
        for url in [refusing.url(scheme, credentials: "u:canary@"), dead] {
            let transport = try transport(url)
            let error = await #expect(throws: HTTPError.self) {
                try await transport.send(HTTPRequest(.get, "https://api.internal/"))
            }
            #expect(error?.nothingWasSent == true)
            #expect(!"\(String(describing: error))".contains("canary"))
        }
    }

    @Test(
        arguments: [
            ("http://p", "http://p:80"), ("https://p", "https://p:443"), ("socks5://p", "socks5h://p:1080"),
            ("http://u:canary@p.example:3128/path?q", "http://p.example:3128"),
            ("http://[fd00::1]:1", "http://[fd00::1]:1"),
        ])
    func `a proxy prints as scheme, host and port`(url: String, printed: String) throws {
        let proxy = try HTTPProxy(url)
        var dumped = ""
        dump(proxy, to: &dumped)
        #expect("\(proxy)" == printed)
        #expect(String(reflecting: proxy) == printed)
        #expect(dumped.contains(printed) && !dumped.contains("canary"))
    }

    @Test(arguments: [
        "", "canary", "canary:80", "ftp://canary", "http://", "http://u:canary@", "http://a:canary", "http://a\0canary",
    ])
    func `a text that is no proxy is refused without being repeated`(url: String) {
        let error = #expect(throws: HTTPError.self) { try HTTPProxy(url) }
        #expect(!"\(String(describing: error))".contains("canary"))
    }
}
