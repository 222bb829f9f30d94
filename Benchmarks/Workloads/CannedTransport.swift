import HTTPTransport
import Synchronization

/// Answers every request with the same bytes, at once.
struct CannedTransport: HTTPTransport {
    let pieces: [[UInt8]]

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let position = Position()
        let pieces = pieces
        let body = HTTPBody(
            next: {
                let index = position.advance()
                return index < pieces.count ? pieces[index] : nil
            }, cancel: {})
        return HTTPResponse(status: 200, headers: [:], body: body)
    }

    private final class Position: Sendable {
        private let next = Mutex(0)

        func advance() -> Int {
            next.withLock { next in
                defer { next += 1 }
                return next
            }
        }
    }
}
