internal import Synchronization

/// A response body as it arrives: an `AsyncSequence` of byte chunks, read once, by one reader.
///
/// Buffering is bounded: a transport stops reading from the socket while the reader lags.
public struct HTTPBody: AsyncSequence, Sendable {
    /// A piece of the body, never empty.
    public typealias Element = [UInt8]
    private let next: @Sendable () async throws -> [UInt8]?
    private let onDrop: DropGuard

    /// `next` gives the following chunk, nil at the end; `cancel` runs once when nobody can read any more.
    public init(next: @escaping @Sendable () async throws -> [UInt8]?, cancel: @escaping @Sendable () -> Void) {
        self.next = next
        self.onDrop = DropGuard(cancel)
    }

    /// A body that is there already.
    public init(_ bytes: [UInt8]) {
        let rest = Mutex<[UInt8]?>(bytes.isEmpty ? nil : bytes)
        self.init(
            next: {
                rest.withLock { chunk in
                    defer { chunk = nil }
                    return chunk
                }
            }, cancel: {})
    }

    /// Reads on from where any other iterator of the same body stopped.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let body: HTTPBody
        /// The following piece, nil at the end. Throws `HTTPError`.
        public mutating func next() async throws -> [UInt8]? { try await body.next() }
    }

    /// The one reader's iterator.
    public func makeAsyncIterator() -> Iterator { Iterator(body: self) }

    /// The whole body. Throws `HTTPError`, `bodyTooLarge` past `limit` bytes.
    public func collect(upTo limit: Int) async throws -> [UInt8] {
        var all: [UInt8] = []
        for try await chunk in self {
            guard all.count + chunk.count <= limit else { throw HTTPError.bodyTooLarge(limit: limit) }
            all += chunk
        }
        return all
    }
}

private final class DropGuard: Sendable {
    private let action: @Sendable () -> Void
    init(_ action: @escaping @Sendable () -> Void) { self.action = action }
    deinit { action() }
}
