internal import HTTPTransport
public import KubernetesModel

/// One change that a watch delivers.
public enum WatchEvent<O: KubernetesObject>: Sendable {
    case added(O)
    case modified(O)
    /// The object in its last state.
    case deleted(O)
    /// Nothing changed for us, but a watch may start from here.
    case bookmark(ResourceVersion)
    /// The object was added or changed but cannot be decoded; treat it as one that must not be acted upon.
    case unreadable(UnreadableObject)
    /// An object that cannot be decoded is gone.
    case unreadableDeleted(UnreadableObject)
}

/// The changes of a watch, read once, by one reader.
///
/// Ends with nil when the server closes the stream between two events, as it does after the lifetime that it was asked
/// for. An ERROR event (410 `isGone` when the version is too old), a broken or silent connection, a stream cut in the
/// middle of an event and an event beyond the size limit throw; after that it is over.
public struct WatchStream<O: KubernetesObject>: AsyncSequence, Sendable {
    public typealias Element = WatchEvent<O>
    public typealias Failure = KubernetesError

    let operation: Operation
    let body: HTTPBody
    let largestLine: Int

    public func makeAsyncIterator() -> Iterator {
        Iterator(
            operation: operation, bytes: body.makeAsyncIterator(), lines: LineFraming(largestLine: largestLine))
    }

    /// Reads events one by one.
    public struct Iterator: AsyncIteratorProtocol {
        let operation: Operation
        var bytes: HTTPBody.Iterator
        var lines: LineFraming
        var isOver = false

        init(operation: Operation, bytes: HTTPBody.Iterator, lines: LineFraming) {
            self.operation = operation
            self.bytes = bytes
            self.lines = lines
        }

        public mutating func next() async throws(KubernetesError) -> WatchEvent<O>? {
            try await next(isolation: nil)
        }

        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(KubernetesError) -> WatchEvent<O>? {
            guard !isOver else { return nil }
            do throws(KubernetesError.Cause) {
                let event = try await read(isolation: actor)
                isOver = event == nil
                return event
            } catch {
                isOver = true
                throw KubernetesError(operation, error)
            }
        }

        private mutating func read(
            isolation actor: isolated (any Actor)?
        ) async throws(KubernetesError.Cause) -> WatchEvent<O>? {
            while true {
                if let line = try lines.next() { return try WatchLine<O>.event(in: line) }
                let chunk: [UInt8]?
                do { chunk = try await bytes.next() } catch { throw KubernetesError.Cause(transport: error) }
                guard let chunk else {
                    guard lines.isAtBorder else { throw .truncated }
                    return nil
                }
                lines.append(chunk)
            }
        }
    }
}
