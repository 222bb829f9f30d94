import Foundation
import HTTPTransport
import Synchronization
import Testing

struct CancellationTests {
    let transport = CurlTransport()

    @Test func `cancelling before the head ends the transfer and frees its handle`() async throws {
        let events = Events<String>()
        let server = try TestServer { connection in
            _ = connection.request()
            events.tell("arrived")
            connection.waitForClose()
            events.tell("closed")
        }
        let result = await withTaskGroup(of: HTTPError?.self) { [transport] group in
            group.addTask {
                do throws(HTTPError) {
                    _ = try await transport.send(HTTPRequest(.get, server.url()))
                    return nil
                } catch {
                    return error
                }
            }
            #expect(await events.next() == "arrived")
            #expect(await transport.liveTransfers() == 1)
            group.cancelAll()
            return await group.next() ?? nil
        }
        #expect(result == .cancelled)
        #expect(await transport.liveTransfers() == 0)
        #expect(await events.next() == "closed")
    }

    @Test func `a task that is cancelled already sends nothing`() async throws {
        let server = try TestServer { _ in Issue.record("a connection was made") }
        await withTaskGroup(of: Void.self) { [transport] group in
            group.cancelAll()
            group.addTask {
                await #expect(throws: HTTPError.cancelled) {
                    try await transport.send(HTTPRequest(.get, server.url()))
                }
            }
        }
        #expect(await transport.liveTransfers() == 0)
    }

    private func endlessServer(_ events: Events<String>) throws -> TestServer {
        try TestServer { connection in
            _ = connection.request()
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            connection.sendChunk("one")
            connection.waitForClose()
            events.tell("closed")
        }
    }

    @Test func `dropping a body ends the transfer and frees its handle`() async throws {
        let events = Events<String>()
        let server = try endlessServer(events)
        do {
            let response = try await transport.send(HTTPRequest(.get, server.url()))
            for try await chunk in response.body {
                #expect(chunk == Array("one".utf8))
                #expect(await transport.liveTransfers() == 1)
                break
            }
        }
        #expect(await events.next() == "closed")
        #expect(await transport.liveTransfers() == 0)
    }

    @Test func `cancelling a task that reads ends the transfer and frees its handle`() async throws {
        let events = Events<String>()
        let server = try endlessServer(events)
        await withTaskGroup(of: Void.self) { [transport] group in
            group.addTask {
                await #expect(throws: HTTPError.cancelled) {
                    for try await _ in try await transport.send(HTTPRequest(.get, server.url())).body {
                        events.tell("read")
                    }
                }
            }
            #expect(await events.next() == "read")
            group.cancelAll()
        }
        #expect(await events.next() == "closed")
        #expect(await transport.liveTransfers() == 0)
    }

    @Test func `a reader that stalls stops the server, and loses nothing`() async throws {
        let total = 50 << 20
        let written = Events<Int>()
        let server = try TestServer { connection in
            _ = connection.request()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
            var sent = 0
            let piece = [UInt8](repeating: 0x61, count: 64 << 10)
            while sent < total {
                var state = pollfd(fd: connection.socket, events: Int16(POLLOUT), revents: 0)
                // Silence this long is the sign that nobody takes the bytes.
                if poll(&state, 1, 300) == 0 { written.tell(sent) }
                connection.send(piece)
                sent += piece.count
            }
            connection.waitForClose()
        }
        let response = try await transport.send(HTTPRequest(.get, server.url()))
        let whenBlocked = try #require(await written.next())
        // 1 MiB for us; the rest is what the kernel holds for both sockets.
        #expect(whenBlocked < 16 << 20)
        var received = 0
        for try await chunk in response.body {
            #expect(chunk.count <= (1 << 20) + (16 << 10))
            received += chunk.count
        }
        #expect(received == total)
    }

    @Test func `cancelling a thousand requests at any moment leaves no handle`() async throws {
        let server = try TestServer { connection in
            while connection.request() != nil { connection.respond(String(repeating: "x", count: 100_000)) }
        }
        await withTaskGroup(of: Void.self) { [transport] group in
            for _ in 0..<1000 {
                group.addTask {
                    await withTaskGroup(of: Void.self) { inner in
                        inner.addTask {
                            _ = try? await transport.send(HTTPRequest(.get, server.url())).body.collect(upTo: 1 << 20)
                        }
                        await Task.yield()
                        inner.cancelAll()
                    }
                }
            }
        }
        #expect(await transport.liveTransfers() == 0)
    }
}
