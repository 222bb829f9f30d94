import HTTPTransport
import Synchronization
import Testing

struct PeerPolicyTests {
    /// What a policy was asked, and its answer.
    private final class Judge: Sendable {
        private let seen = Mutex<[HTTPPeer]>([])
        let answer: @Sendable (HTTPPeer) -> String?
        init(_ answer: @escaping @Sendable (HTTPPeer) -> String?) { self.answer = answer }

        var peers: [HTTPPeer] { seen.withLock { $0 } }
        var transport: CurlTransport {
            CurlTransport(
                CurlTransport.Configuration(
                    peerPolicy: PeerPolicy { peer in
                        self.seen.withLock { $0.append(peer) }
                        return self.answer(peer)
                    }))
        }
    }

    private func server(_ accepted: Events<String>) throws -> TestServer {
        try TestServer { connection in
            while let request = connection.request() {
                accepted.tell(request.line)
                connection.respond("ok")
            }
        }
    }

    @Test func `an address that is refused is never connected to`() async throws {
        let accepted = Events<String>()
        let server = try server(accepted)
        let judge = Judge { $0.port == server.port ? "no such address" : nil }
        await #expect(throws: HTTPError.peerRefused("no such address")) {
            try await judge.transport.send(HTTPRequest(.get, server.url("/refused")))
        }
        let answer = try await CurlTransport().send(HTTPRequest(.get, server.url("/first")))
        #expect(answer.status == 200)
        #expect(await accepted.next() == "GET /first HTTP/1.1")
        #expect(HTTPError.peerRefused("").nothingWasSent)
    }

    @Test func `the policy sees the address that the name stands for, and the name`() async throws {
        let server = try server(Events<String>())
        let judge = Judge { _ in nil }
        let transport = judge.transport
        _ = try await transport.send(HTTPRequest(.get, "http://LOCALHOST:\(server.port)/")).body.collect(upTo: 10)
        let expected = HTTPPeer(
            host: "localhost", address: [127, 0, 0, 1], port: Int(server.port), isEncrypted: false)
        #expect(judge.peers.contains(expected))
        // A kept connection goes to an address that was judged.
        let before = judge.peers.count
        _ = try await transport.send(HTTPRequest(.get, "http://localhost:\(server.port)/"))
        #expect(judge.peers.count == before)
    }

    @Test(arguments: ["http://2130706433", "http://0x7f.1", "http://127.1", "http://0177.0.0.1"])
    func `other spellings of an address are judged as what they are`(spelling: String) async throws {
        let judge = Judge { $0.address == [127, 0, 0, 1] ? "loopback" : nil }
        let port = try TestServer.unusedPort()
        await #expect(throws: HTTPError.peerRefused("loopback")) {
            try await judge.transport.send(HTTPRequest(.get, "\(spelling):\(port)/"))
        }
    }

    @Test func `a redirect to a refused address is not even looked at`() async throws {
        let server = try TestServer { connection in
            while connection.request() != nil {
                connection.respond("", status: "302 Found", headers: "Location: http://169.254.169.254/\r\n")
            }
        }
        let judge = Judge { _ in nil }
        let answer = try await judge.transport.send(HTTPRequest(.get, server.url()))
        #expect(answer.status == 302)
        #expect(judge.peers.map(\.address) == [[127, 0, 0, 1]])
    }

    @Test func `an address that was let through and does not answer is not called refused`() async throws {
        let port = try TestServer.unusedPort()
        let judge = Judge { _ in nil }
        do {
            _ = try await judge.transport.send(HTTPRequest(.get, "http://127.0.0.1:\(port)/"))
            Issue.record("nobody listens there")
        } catch {
            guard case .connectFailed = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test func `an IPv6 host is judged without its brackets`() async throws {
        let judge = Judge { $0.address.count == 16 ? "\($0.host)" : nil }
        let port = try TestServer.unusedPort()
        await #expect(throws: HTTPError.peerRefused("::1")) {
            try await judge.transport.send(HTTPRequest(.get, "https://[::1]:\(port)/"))
        }
        #expect(judge.peers.map(\.isEncrypted) == [true])
    }

    @Test func `a policy and a proxy are refused together, as the proxy would resolve the name`() async throws {
        let configuration = CurlTransport.Configuration(
            proxy: try HTTPProxy("http://127.0.0.1:9"), peerPolicy: PeerPolicy { _ in nil })
        do {
            _ = try await CurlTransport(configuration).send(HTTPRequest(.get, "http://127.0.0.1/"))
            Issue.record("it was sent")
        } catch {
            guard case .invalidRequest = error else {
                Issue.record("\(error)")
                return
            }
        }
    }
}
