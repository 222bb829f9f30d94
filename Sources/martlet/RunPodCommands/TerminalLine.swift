internal import Glibc
internal import Synchronization

/// A line on stderr that is written over in place; silent where stderr is no terminal.
final class TerminalLine: Sendable {
    private enum State: Sendable { case blank, drawn, closed }

    private let state = Mutex(State.blank)

    /// Nil where nobody would see it.
    init?() {
        guard isatty(STDERR_FILENO) == 1 else { return nil }
    }

    /// Shows `text`, cut to the terminal's width.
    func show(_ text: String) {
        state.withLock { state in
            guard state != .closed else { return }
            Stderr.write("\r\u{1B}[K\(text.prefix(max(1, Terminal.columns - 1)))")
            state = .drawn
        }
    }

    /// Removes the line for good, so that what follows starts on a clean one.
    func close() {
        state.withLock { state in
            if state == .drawn { Stderr.write("\r\u{1B}[K") }
            state = .closed
        }
    }
}

/// What the terminal is like.
enum Terminal {
    /// The width in characters where it can't be told.
    private static let usualColumns = 80

    /// Of stderr.
    static var columns: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return usualColumns }
        return Int(size.ws_col)
    }

    static var showsStdout: Bool { isatty(STDOUT_FILENO) == 1 }
    static var readsStdin: Bool { isatty(STDIN_FILENO) == 1 }
}

/// The error stream, unbuffered.
enum Stderr {
    /// What can't be written is lost: there is nowhere to say so.
    static func write(_ text: String) { FileDescriptorText.write(text, to: STDERR_FILENO) }
    /// As `write`, with a line end.
    static func line(_ text: String) { write(text + "\n") }
}

/// The output stream, unbuffered, so that chunks show as they come.
enum Stdout {
    /// False if nobody reads it any more.
    @discardableResult
    static func write(_ text: String) -> Bool { FileDescriptorText.write(text, to: STDOUT_FILENO) }
    /// As `write`, with a line end.
    static func line(_ text: String) { write(text + "\n") }

    /// From now on a reader that went away shows in `write`, and does not end the process.
    static func outliveReader() { signal(SIGPIPE, SIG_IGN) }
}

private enum FileDescriptorText {
    @discardableResult
    static func write(_ text: String, to file: Int32) -> Bool {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if written > 0 {
                bytes = bytes.dropFirst(written)
            } else if errno != EINTR && errno != EAGAIN {
                return false
            }
        }
        return true
    }
}
