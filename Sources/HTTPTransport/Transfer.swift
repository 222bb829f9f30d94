internal import Synchronization

/// One request on its way, seen from the task that sent it; `TransferHandle` is the other side.
final class Transfer: Sendable {
    typealias HeadWaiter = CheckedContinuation<Result<ResponseHead, HTTPError>, Never>
    typealias ChunkWaiter = CheckedContinuation<Result<[UInt8]?, HTTPError>, Never>

    private let machine: Mutex<ResponseMachine<HeadWaiter, ChunkWaiter>>
    private let mailbox: TransferMailbox

    init(bufferLimit: Int, mailbox: TransferMailbox) {
        self.machine = Mutex(ResponseMachine(bufferLimit: bufferLimit))
        self.mailbox = mailbox
    }

    // MARK: The reading task

    /// Starts the transfer and waits for the head.
    func head(of target: RequestTarget) async throws(HTTPError) -> ResponseHead {
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (waiter: HeadWaiter) in
                switch machine.withLock({ $0.headAwaited(waiter) }) {
                case .start:
                    if !mailbox.post(.start(self, target)) { end(.shutDown) }
                case .fail(let waiter, let error): waiter.resume(returning: .failure(error))
                }
            }
        } onCancel: {
            cancel()
        }
        return try result.get()
    }

    /// The next bytes of the body, nil at its end.
    func nextChunk() async throws(HTTPError) -> [UInt8]? {
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (waiter: ChunkWaiter) in
                switch machine.withLock({ $0.chunkAwaited(waiter) }) {
                case .wait: break
                case .chunk(let waiter, let bytes, let unpause):
                    waiter.resume(returning: .success(bytes))
                    // Refused only when the thread has ended, which has told the reader already.
                    if unpause { _ = mailbox.post(.resume(self)) }
                case .finish(let waiter, let error): waiter.resume(returning: Self.result(error))
                }
            }
        } onCancel: {
            cancel()
        }
        return try result.get()
    }

    /// Nobody wants the rest: ends the transfer and frees its handle. Does nothing once it is over.
    func cancel() {
        if end(.cancelled) { _ = mailbox.post(.cancel(self)) }
    }

    // MARK: The owner thread

    /// Whether the reader gave up before the thread began.
    func isOver() -> Bool { machine.withLock { $0.isOver } }

    func headArrived(_ head: ResponseHead) {
        machine.withLock { $0.headArrived() }?.resume(returning: .success(head))
    }

    enum Reception {
        case taken
        case full
        case unwanted
    }

    func receive(_ bytes: UnsafeRawBufferPointer) -> Reception {
        switch machine.withLock({ $0.receive(bytes) }) {
        case .stored: return .taken
        case .wake(let waiter, let chunk):
            waiter.resume(returning: .success(chunk))
            return .taken
        case .full: return .full
        case .unwanted: return .unwanted
        }
    }

    /// Tells whoever waits that it is over, nil: well. False if it was over before.
    @discardableResult
    func end(_ error: HTTPError?) -> Bool {
        switch machine.withLock({ $0.end(error) }) {
        case .nothing: return true
        case .failHead(let waiter, let error):
            waiter.resume(returning: .failure(error))
            return true
        case .finish(let waiter, let error):
            waiter.resume(returning: Self.result(error))
            return true
        case nil: return false
        }
    }

    private static func result(_ error: HTTPError?) -> Result<[UInt8]?, HTTPError> {
        error.map { .failure($0) } ?? .success(nil)
    }
}
