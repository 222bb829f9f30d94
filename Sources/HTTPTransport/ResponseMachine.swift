/// What of a response has arrived, and who waits for the rest. It decides; `Transfer` does.
///
/// Two sides meet here: the owner thread of libcurl (`headArrived`, `receive`, `end`) and the task that reads
/// (`headAwaited`, `chunkAwaited`, `end` when it gives up). `HeadWaiter` and `ChunkWaiter` are whatever wakes the task.
struct ResponseMachine<HeadWaiter: Sendable, ChunkWaiter: Sendable>: Sendable {
    private enum State {
        case fresh
        case awaitingHead(HeadWaiter)
        case streaming(Stream)
        /// `leftover` came before the end and is still to be read.
        case ended(leftover: [UInt8], HTTPError?)
    }

    private struct Stream {
        var buffered: [UInt8] = []
        var waiter: ChunkWaiter?
        /// The socket is not read until the reader has taken what is buffered.
        var isPaused = false
    }

    private var state: State = .fresh
    private let bufferLimit: Int

    init(bufferLimit: Int) { self.bufferLimit = bufferLimit }

    var isOver: Bool {
        switch state {
        case .ended: true
        case .fresh, .awaitingHead, .streaming: false
        }
    }

    enum AwaitHead: Sendable {
        case start
        case fail(HeadWaiter, HTTPError)
    }

    /// The task is ready to be woken with the head: the transfer may start.
    mutating func headAwaited(_ waiter: HeadWaiter) -> AwaitHead {
        switch state {
        case .fresh:
            state = .awaitingHead(waiter)
            return .start
        case .ended(_, let error): return .fail(waiter, error ?? .cancelled)
        case .awaitingHead, .streaming: preconditionFailure("a transfer is started once")
        }
    }

    /// The head is complete; returns whom to wake with it.
    mutating func headArrived() -> HeadWaiter? {
        switch state {
        case .awaitingHead(let waiter):
            state = .streaming(Stream())
            return waiter
        case .fresh, .streaming, .ended: return nil
        }
    }

    enum Receive: Sendable {
        case stored
        case wake(ChunkWaiter, [UInt8])
        /// Nothing was taken; the same bytes are to be offered again after a `.chunk(_, unpause: true)`.
        case full
        /// Nobody will read any more.
        case unwanted
    }

    /// Bytes of the body came from the socket.
    mutating func receive(_ bytes: UnsafeRawBufferPointer) -> Receive {
        switch state {
        case .streaming(var stream):
            if let waiter = stream.waiter {
                state = .streaming(Stream())
                return .wake(waiter, Array(bytes))
            }
            // Taken out of the enum while it grows, or each append would copy what is there.
            state = .fresh
            defer { state = .streaming(stream) }
            guard stream.buffered.count < bufferLimit else {
                stream.isPaused = true
                return .full
            }
            stream.buffered.append(contentsOf: bytes)
            return .stored
        case .fresh, .awaitingHead, .ended: return .unwanted
        }
    }

    enum AwaitChunk: Sendable {
        case wait
        case chunk(ChunkWaiter, [UInt8], unpause: Bool)
        case finish(ChunkWaiter, HTTPError?)
    }

    /// The reader wants the next bytes.
    mutating func chunkAwaited(_ waiter: ChunkWaiter) -> AwaitChunk {
        switch state {
        case .streaming(var stream):
            if !stream.buffered.isEmpty {
                state = .streaming(Stream())
                return .chunk(waiter, stream.buffered, unpause: stream.isPaused)
            }
            guard stream.waiter == nil else {
                return .finish(waiter, .invalidRequest("a body has one reader at a time"))
            }
            stream.waiter = waiter
            state = .streaming(stream)
            return .wait
        case .ended(let leftover, let error):
            guard leftover.isEmpty else {
                state = .ended(leftover: [], error)
                return .chunk(waiter, leftover, unpause: false)
            }
            return .finish(waiter, error)
        case .fresh, .awaitingHead: preconditionFailure("a body is read after its head")
        }
    }

    enum End: Sendable {
        case nothing
        case failHead(HeadWaiter, HTTPError)
        case finish(ChunkWaiter, HTTPError?)
    }

    /// The transfer is over, well or not. What was buffered can still be read, unless the reader itself gave up.
    /// Returns nil if it was over before.
    mutating func end(_ error: HTTPError?) -> End? {
        switch state {
        case .fresh:
            state = .ended(leftover: [], error)
            return .nothing
        case .awaitingHead(let waiter):
            state = .ended(leftover: [], error)
            return .failHead(waiter, error ?? .connectionLost("the response ended before its head did"))
        case .streaming(let stream):
            state = .ended(leftover: error == .cancelled ? [] : stream.buffered, error)
            return stream.waiter.map { .finish($0, error) } ?? .nothing
        case .ended: return nil
        }
    }
}
