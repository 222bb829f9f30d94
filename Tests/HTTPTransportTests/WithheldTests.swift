import HTTPTransport
import Synchronization
import Testing

struct WithheldTests {
    let transport = CurlTransport()

    /// Says yes so many times, then no.
    private func yes(_ times: Int) -> @Sendable () -> Bool {
        let left = Counter(times)
        return { left.take() }
    }

    private final class Counter: Sendable {
        private let left: Mutex<Int>
        init(_ left: Int) { self.left = Mutex(left) }
        func take() -> Bool {
            left.withLock { left in
                left -= 1
                return left >= 0
            }
        }
    }

    @Test(arguments: [0, 1])
    func `a request that may no longer begin is not sent, however far it came`(yeses: Int) async throws {
        let requests = Events<TestRequest?>()
        let server = try TestServer { connection in
            requests.tell(connection.request())
            connection.respond("late")
        }
        let request = HTTPRequest(.patch, server.url(), body: Array("{}".utf8), mayBegin: yes(yeses))
        await #expect(throws: HTTPError.withheld) { try await transport.send(request) }
        #expect(await transport.liveTransfers() == 0)
        // The next one is the first that the server sees, on whichever connection.
        let answer = try await transport.send(HTTPRequest(.get, server.url("/next"), mayBegin: yes(9)))
        #expect(answer.status == 200)
        var seen: TestRequest?
        while seen == nil { seen = await requests.next() ?? nil }
        #expect(seen?.line == "GET /next HTTP/1.1")
    }

    @Test func `a kept connection makes no difference`() async throws {
        let requests = Events<String>()
        let server = try TestServer { connection in
            while let request = connection.request() {
                requests.tell(request.line)
                connection.respond("ok")
            }
        }
        for path in ["/1", "/2"] {
            let answer = try await transport.send(HTTPRequest(.post, server.url(path), mayBegin: yes(2)))
            _ = try await answer.body.collect(upTo: 10)
        }
        await #expect(throws: HTTPError.withheld) {
            try await transport.send(HTTPRequest(.post, server.url("/3"), mayBegin: yes(1)))
        }
        let answer = try await transport.send(HTTPRequest(.post, server.url("/4")))
        #expect(answer.status == 200)
        #expect(
            [await requests.next(), await requests.next(), await requests.next()]
                == ["/1", "/2", "/4"].map { "POST \($0) HTTP/1.1" })
    }

    @Test func `nothing was sent of what was withheld`() { #expect(HTTPError.withheld.nothingWasSent) }
}
