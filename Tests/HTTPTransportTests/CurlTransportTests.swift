import HTTPTransport
import Synchronization
import Testing

private func text(_ bytes: [UInt8]?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

struct CurlTransportTests {
    let transport = CurlTransport()

    @Test func `a request goes out as written and its response comes back whole`() async throws {
        let requests = Events<TestRequest>()
        let server = try TestServer { connection in
            guard let request = connection.request() else { return }
            requests.tell(request)
            connection.respond("made", status: "201 Created", headers: "X-Thing: a\r\nx-thing: b\r\n")
        }
        let response = try await transport.send(
            HTTPRequest(
                .patch, server.url("/a/../b?c=%20d"),
                headers: ["Content-Type": "application/merge-patch+json", "X-Empty": ""], body: Array("{}".utf8)))
        #expect(response.status == 201)
        #expect(response.headers.filter { $0.name.lowercased() == "x-thing" }.map(\.value) == ["a", "b"])
        #expect(try await text(response.body.collect(upTo: 100)) == "made")
        let request = try #require(await requests.next())
        #expect(request.line == "PATCH /a/../b?c=%20d HTTP/1.1")
        #expect(request.headers["content-type"] == "application/merge-patch+json")
        #expect(request.headers["x-empty"]?.isEmpty == true)
        #expect(request.headers["user-agent"] == "martlet")
        #expect(request.headers["expect"] == nil)
        #expect(request.body == Array("{}".utf8))
    }

    @Test(arguments: [HTTPMethod.get, .head, .post, .put, .patch, .delete])
    func `a verb without a body is sent as it is`(method: HTTPMethod) async throws {
        let requests = Events<TestRequest>()
        let server = try TestServer { connection in
            guard let request = connection.request() else { return }
            requests.tell(request)
            connection.send("HTTP/1.1 204 No Content\r\n\r\n")
        }
        let response = try await transport.send(HTTPRequest(method, server.url()))
        #expect(response.status == 204)
        #expect(try await response.body.collect(upTo: 0).isEmpty)
        let request = try #require(await requests.next())
        #expect(request.line == "\(method) / HTTP/1.1")
        #expect(request.headers["content-type"] == nil)
        #expect(request.headers["content-length"] == ([.post, .put, .patch].contains(method) ? "0" : nil))
    }

    @Test func `the head and each piece of the body arrive before the next is sent`() async throws {
        let gate = Gate()
        let server = try TestServer { connection in
            _ = connection.request()
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            gate.wait()
            connection.sendChunk("one")
            gate.wait()
            connection.sendChunk("two")
            connection.sendChunk("")
        }
        let response = try await transport.send(HTTPRequest(.get, server.url()))
        var body = response.body.makeAsyncIterator()
        gate.open()
        #expect(try await text(body.next()) == "one")
        gate.open()
        #expect(try await text(body.next()) == "two")
        #expect(try await body.next() == nil)
        #expect(try await body.next() == nil)
        #expect(await transport.liveTransfers() == 0)
    }

    @Test func `a redirect is handed back, not followed`() async throws {
        let server = try TestServer { connection in
            while let request = connection.request() {
                #expect(request.line == "GET / HTTP/1.1")
                connection.respond("", status: "302 Found", headers: "Location: /elsewhere\r\n")
            }
        }
        let response = try await transport.send(HTTPRequest(.get, server.url()))
        #expect(response.status == 302)
        #expect(response.headers["location"] == "/elsewhere")
    }

    @Test func `interim responses are skipped`() async throws {
        let server = try TestServer { connection in
            _ = connection.request()
            connection.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
            connection.respond("done")
        }
        let response = try await transport.send(HTTPRequest(.get, server.url()))
        #expect(response.status == 200)
        #expect(response.headers["link"] == nil)
    }

    @Test func `a connection serves one request after the other`() async throws {
        let accepted = Mutex(0)
        let server = try TestServer { connection in
            accepted.withLock { $0 += 1 }
            while connection.request() != nil { connection.respond("ok") }
        }
        for _ in 0..<5 {
            let response = try await transport.send(HTTPRequest(.get, server.url()))
            _ = try await response.body.collect(upTo: 10)
        }
        #expect(accepted.withLock { $0 } == 1)
    }

    @Test func `two hundred requests are under way at once`() async throws {
        let arrived = Mutex(0)
        let all = Gate()
        let server = try TestServer { connection in
            guard let request = connection.request() else { return }
            if arrived.withLock({
                $0 += 1
                return $0 == 200
            }) {
                all.open(200)
            }
            all.wait()
            connection.respond(request.line)
        }
        let bodies = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for number in 0..<200 {
                group.addTask { [transport] in
                    let response = try await transport.send(HTTPRequest(.get, server.url("/\(number)")))
                    return try await response.body.collect(upTo: 100)
                }
            }
            return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
        }
        #expect(bodies.count == 200)
        #expect(await transport.liveTransfers() == 0)
    }

    @Test func `a connection limit holds requests back until one is free`() async throws {
        let transport = CurlTransport(.init(connectionLimit: 1))
        let open = Mutex(0)
        let server = try TestServer { connection in
            #expect(
                open.withLock {
                    $0 += 1
                    return $0
                } == 1)
            while connection.request() != nil { connection.respond("ok") }
            open.withLock { $0 -= 1 }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    _ = try await transport.send(HTTPRequest(.get, server.url())).body.collect(upTo: 10)
                }
            }
            try await group.waitForAll()
        }
    }
}
