import Testing

@testable import HTTPTransport

struct RequestTargetTests {
    @Test(arguments: [
        "", "nonsense", "/path", "http://", "ftp://host/", "file:///etc/passwd", "http://host/a b", "http://host\u{0}/",
        "http://host/\r\nX: y", "http://user:hunter2@host/", "gopher://host/",
    ])
    func `what is not an http URL without credentials is refused without repeating it`(url: String) throws {
        let error = #expect(throws: HTTPError.self) {
            _ = try RequestTarget(HTTPRequest(.get, url), serverName: nil)
        }
        guard case .invalidURL(let text) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!text.contains("hunter2"))
    }

    @Test(arguments: [
        ("X-A", "b\r\nX-C: d"), ("X-A", "b\n"), ("X-A", "\u{0}"), ("X A", "b"), ("", "b"), ("X:A", "b"),
        ("X\r\nA", "b"),
        ("Content-Length", "3"), ("transfer-encoding", "chunked"),
    ])
    func `a header that would break the framing is refused`(name: String, value: String) {
        var headers = HTTPHeaders()
        headers.append(name: name, value: value)
        #expect(throws: HTTPError.self) {
            _ = try RequestTarget(HTTPRequest(.get, "http://host/", headers: headers), serverName: nil)
        }
    }

    @Test(arguments: ["", "GET /", "GET\r\n"])
    func `a verb that is no token is refused`(verb: String) {
        #expect(throws: HTTPError.self) {
            _ = try RequestTarget(HTTPRequest(HTTPMethod(rawValue: verb), "http://host/"), serverName: nil)
        }
    }

    @Test func `a server name takes the host's place in the URL and the host stays in the Host field`() throws {
        let target = try RequestTarget(HTTPRequest(.get, "https://10.0.0.1:6443/api?a=b"), serverName: "kubernetes")
        #expect(target.url == "https://kubernetes:6443/api?a=b")
        #expect(target.connectTo == "kubernetes:6443:10.0.0.1:6443")
        #expect(target.headerLines.contains("Host: 10.0.0.1:6443"))
    }

    @Test func `a server name works with the default port and an IPv6 address`() throws {
        let target = try RequestTarget(HTTPRequest(.get, "https://[::1]/api"), serverName: "kubernetes")
        #expect(target.url == "https://kubernetes/api")
        #expect(target.connectTo == "kubernetes:443:[::1]:443")
        #expect(target.headerLines.contains("Host: [::1]"))
    }

    @Test(arguments: ["http://10.0.0.1/", "https://kubernetes/"])
    func `a server name changes nothing where there is nothing to change`(url: String) throws {
        let target = try RequestTarget(HTTPRequest(.get, url), serverName: "kubernetes")
        #expect(target.url == url)
        #expect(target.connectTo == nil)
    }
}
