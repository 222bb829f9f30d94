import Dispatch
import Glibc

/// The reading end of a named pipe. It closes when the last process that writes to it is gone, so a test can wait for
/// processes it is no parent of. Reading blocks a thread of its own.
final class NamedPipe: Sendable {
    private let file: Int32

    /// Waits until a process writes to the pipe at `path`.
    init(_ path: String) async { file = await Self.blocking { open(path, O_RDONLY | O_CLOEXEC) } }

    deinit { close(file) }

    /// The next line, without its end; shorter if the pipe closes first.
    func line() async -> String {
        await Self.blocking { [file] in
            var bytes: [UInt8] = []
            var byte: UInt8 = 0
            while read(file, &byte, 1) == 1, byte != UInt8(ascii: "\n") { bytes.append(byte) }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    func untilClosed() async {
        await Self.blocking { [file] in
            var byte: UInt8 = 0
            while read(file, &byte, 1) == 1 {}
        }
    }

    private static func blocking<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: body()) }
        }
    }
}
