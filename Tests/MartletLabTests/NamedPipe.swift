import Dispatch
import Glibc
import Synchronization

/// The reading end of a named pipe. It closes when the last process that writes to it is gone, so a test can wait for
/// processes it is no parent of. Reading blocks a thread of its own, and ends early if the test is cancelled.
final class NamedPipe: Sendable {
    private let file: Int32
    private let isAbandoned = Atomic(false)

    /// Waits until a process writes to the pipe at `path`.
    init(_ path: String) async { file = await Self.blocking { open(path, O_RDONLY | O_CLOEXEC) } }

    deinit { close(file) }

    /// The next line, without its end; shorter if the pipe closes first.
    func line() async -> String {
        await reading {
            var bytes: [UInt8] = []
            while let byte = self.byte(), byte != UInt8(ascii: "\n") { bytes.append(byte) }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    func untilClosed() async {
        await reading { while self.byte() != nil {} }
    }

    private func byte() -> UInt8? {
        while !isAbandoned.load(ordering: .relaxed) {
            var wait = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
            guard poll(&wait, 1, 100) > 0 else { continue }
            var byte: UInt8 = 0
            return read(file, &byte, 1) == 1 ? byte : nil
        }
        return nil
    }

    private func reading<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withTaskCancellationHandler {
            await Self.blocking(body)
        } onCancel: {
            isAbandoned.store(true, ordering: .relaxed)
        }
    }

    private static func blocking<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: body()) }
        }
    }
}
