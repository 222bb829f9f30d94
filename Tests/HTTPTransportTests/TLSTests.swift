import HTTPTransport
import Testing

final class TLSTests {
    private let authority: TestAuthority
    private let ca: [UInt8]

    init() throws {
        authority = try TestAuthority()
        ca = try authority.pem("ca.pem")
    }

    deinit { authority.remove() }

    /// What the server saw, see `TLSServer`.
    private func get(_ url: String, _ tls: CurlTransport.TLSOptions?) async throws -> String {
        let response = try await CurlTransport(.init(tls: tls)).send(HTTPRequest(.get, url))
        return String(decoding: try await response.body.collect(upTo: 1000), as: UTF8.self)
    }

    private func expectRefusal(_ url: String, _ tls: CurlTransport.TLSOptions?) async {
        let error = await #expect(throws: HTTPError.self) { try await self.get(url, tls) }
        guard case .tlsFailed = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.nothingWasSent == true)
    }

    @Test func `a server signed by the given authority is trusted`() async throws {
        let server = try TLSServer(authority, certificate: "address")
        #expect(try await get(server.url(), .init(caPEM: ca)) == "127.0.0.1:\(server.port)||")
    }

    @Test func `a server is refused that another authority signed, or whose name is another`() async throws {
        let server = try TLSServer(authority, certificate: "address")
        let stranger = try TestAuthority()
        defer { stranger.remove() }
        await expectRefusal(server.url(), .init(caPEM: try stranger.pem("ca.pem")))
        await expectRefusal(server.url(), nil)
        await expectRefusal(server.url(host: "localhost"), .init(caPEM: ca))
    }

    @Test func `the client's certificate is shown`() async throws {
        let server = try TLSServer(authority, certificate: "address", clients: "CERT_REQUIRED")
        let identity = CurlTransport.TLSOptions(
            caPEM: ca, certificatePEM: try authority.pem("client.pem"), privateKeyPEM: try authority.pem("client.key"))
        #expect(try await get(server.url(), identity).hasSuffix("|martlet-client"))
        // TLS 1.3 tells a client that it was refused only after it has sent its request.
        await #expect(throws: HTTPError.self) { try await self.get(server.url(), .init(caPEM: ca)) }
    }

    @Test func `a server name is asked for and verified in place of the host`() async throws {
        let server = try TLSServer(authority, certificate: "name")
        let named = CurlTransport.TLSOptions(caPEM: ca, serverName: "api.internal")
        #expect(try await get(server.url(), named) == "127.0.0.1:\(server.port)|api.internal|")
        await expectRefusal(server.url(), .init(caPEM: ca))
        await expectRefusal(server.url(), .init(caPEM: ca, serverName: "other.internal"))
    }

    @Test func `verification can be switched off`() async throws {
        let server = try TLSServer(authority, certificate: "name")
        #expect(try await get(server.url(), .init(verification: .none)) == "127.0.0.1:\(server.port)||")
    }

    @Test(arguments: ["", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
    func `PEM that is none is refused`(pem: String) async throws {
        let server = try TLSServer(authority, certificate: "address")
        let bytes = Array(pem.utf8)
        await expectRefusal(server.url(), .init(caPEM: bytes))
        await expectRefusal(server.url(), .init(caPEM: ca, certificatePEM: bytes, privateKeyPEM: bytes))
    }
}
