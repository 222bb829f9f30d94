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
    /// One change each.
    public typealias Element = WatchEvent<O>
    /// The only error there is.
    public typealias Failure = KubernetesError

    let operation: Operation
    let body: HTTPBody
    let largestLine: Int

    /// To be called once: all iterators share one position.
    public func makeAsyncIterator() -> Iterator {
        Iterator(operation: operation, body: body, lines: LineFraming(largestLine: largestLine))
    }

    /// Reads events one by one.
    public struct Iterator: AsyncIteratorProtocol {
        private let operation: Operation
        private let body: HTTPBody
        private var lines: LineFraming
        private var isOver = false

        init(operation: Operation, body: HTTPBody, lines: LineFraming) {
            self.operation = operation
            self.body = body
            self.lines = lines
        }

        /// The next change; nil after a clean end.
        public mutating func next() async throws(KubernetesError) -> WatchEvent<O>? {
            try await next(isolation: nil)
        }

        /// As `next()`, on the caller's actor.
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
                // A body has one position, whoever iterates; an iterator kept here could not cross isolations.
                var bytes = body.makeAsyncIterator()
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
