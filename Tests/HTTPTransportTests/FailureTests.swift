import Foundation
import HTTPTransport
import Synchronization
import Testing

struct FailureTests {
    let transport = CurlTransport()

    private func failure(_ request: HTTPRequest) async -> HTTPError? {
        do throws(HTTPError) {
            _ = try await transport.send(request)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a refused connection says that nothing was sent`() async throws {
        let error = await failure(HTTPRequest(.post, "http://127.0.0.1:\(try TestServer.unusedPort())/"))
        guard case .connectFailed = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.nothingWasSent == true)
    }

    @Test func `no response in time is a timeout, and the connection is closed`() async throws {
        let closed = Events<Bool>()
        let server = try TestServer { connection in
            _ = connection.request()
            connection.waitForClose()
            closed.tell(true)
        }
        let request = HTTPRequest(.get, server.url(), timeouts: HTTPTimeouts(response: .milliseconds(50)))
        #expect(await failure(request) == .timedOut("no response in time"))
        #expect(await transport.liveTransfers() == 0)
        #expect(await closed.next() == true)
    }

    @Test(.timeLimit(.minutes(1))) func `a body that falls silent is a timeout after what came before`() async throws {
        let server = try TestServer { connection in
            _ = connection.request()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfirst")
            connection.waitForClose()
        }
        let request = HTTPRequest(
            .get, server.url(), timeouts: HTTPTimeouts(response: .seconds(3600), idle: .milliseconds(50)))
        var body = try await transport.send(request).body.makeAsyncIterator()
        #expect(try await body.next() == Array("first".utf8))
        await #expect(throws: HTTPError.timedOut("the response fell silent")) { try await body.next() }
        #expect(await transport.liveTransfers() == 0)
    }

    @Test func `a body cut short is an error after what came before`() async throws {
        let server = try TestServer { connection in
            _ = connection.request()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfirst")
        }
        var body = try await transport.send(HTTPRequest(.get, server.url())).body.makeAsyncIterator()
        #expect(try await body.next() == Array("first".utf8))
        let error = await #expect(throws: HTTPError.self) { try await body.next() }
        #expect(error?.nothingWasSent == false)
    }

    @Test func `a body larger than the reader takes is refused and let go`() async throws {
        let server = try TestServer { connection in
            _ = connection.request()
            connection.respond(String(repeating: "x", count: 1000))
            connection.waitForClose()
        }
        await #expect(throws: HTTPError.bodyTooLarge(limit: 999)) {
            try await transport.send(HTTPRequest(.get, server.url())).body.collect(upTo: 999)
        }
    }

    /// Answers the first request, then reads one more on the same connection and hangs up.
    private func serverThatHangsUp(_ seen: Events<String>) throws -> TestServer {
        let connections = Mutex(0)
        return try TestServer { connection in
            let isFirst = connections.withLock {
                $0 += 1
                return $0 == 1
            }
            while let request = connection.request() {
                seen.tell(request.line)
                if isFirst && request.line.contains("/second") { return }
                connection.respond("ok")
            }
        }
    }

    @Test func `a create is never sent twice when the kept connection dies under it`() async throws {
        let seen = Events<String>()
        let server = try serverThatHangsUp(seen)
        _ = try await transport.send(HTTPRequest(.get, server.url("/first"))).body.collect(upTo: 10)
        let error = await failure(HTTPRequest(.post, server.url("/second"), body: [1]))
        #expect(error == .connectionLost("a kept connection died under the request"))
        _ = try await transport.send(HTTPRequest(.get, server.url("/third"))).body.collect(upTo: 10)
        #expect(await seen.next() == "GET /first HTTP/1.1")
        #expect(await seen.next() == "POST /second HTTP/1.1")
        #expect(await seen.next() == "GET /third HTTP/1.1")
    }

    @Test func `a read is repeated when the kept connection dies under it`() async throws {
        let seen = Events<String>()
        let server = try serverThatHangsUp(seen)
        _ = try await transport.send(HTTPRequest(.get, server.url("/first"))).body.collect(upTo: 10)
        let response = try await transport.send(HTTPRequest(.get, server.url("/second")))
        #expect(try await response.body.collect(upTo: 10) == Array("ok".utf8))
    }

    @Test func `answers that are not HTTP are errors`() async throws {
        let server = try TestServer { connection in
            _ = connection.request()
            connection.send("SSH-2.0-OpenSSH_9.2\r\n")
        }
        let error = await failure(HTTPRequest(.get, server.url()))
        guard case .connectionLost = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `shutting down ends transfers and refuses new ones`() async throws {
        let server = try TestServer { connection in
            _ = connection.request()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfirst")
            connection.waitForClose()
        }
        var body = try await transport.send(HTTPRequest(.get, server.url())).body.makeAsyncIterator()
        #expect(try await body.next() == Array("first".utf8))
        transport.shutDown()
        await #expect(throws: HTTPError.shutDown) { try await body.next() }
        #expect(await failure(HTTPRequest(.get, server.url())) == .shutDown)
        #expect(await transport.liveTransfers() == 0)
    }

    @Test func `a body can be read to its end after its transport was dropped`() async throws {
        let gate = Gate()
        let server = try TestServer { connection in
            _ = connection.request()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n")
            gate.wait()
            connection.send("end")
        }
        let body = try await CurlTransport().send(HTTPRequest(.get, server.url())).body
        gate.open()
        #expect(try await body.collect(upTo: 3) == Array("end".utf8))
    }
}
