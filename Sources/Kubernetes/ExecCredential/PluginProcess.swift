internal import FoundationEssentials
internal import Glibc

/// One run of a plugin, from its start to its last byte. Blocks: it belongs on a thread of its own.
struct PluginProcess {
    /// Why there is no output to read.
    enum Failure: Error, Equatable {
        case notFound
        case notStarted(errno: Int32)
        case timedOut
        case tooMuchOutput
        case exited(code: Int32)
        case signalled(Int32)
    }

    /// Of the first process, which leads a group of its own.
    private let leader: pid_t
    /// Our end of its standard output.
    private let output: Int32

    /// Runs `command` until it has ended and returns what it wrote, at most `limit` bytes.
    ///
    /// It gets no input, its error output is ours, no file of ours is open in it, and signals are as after a login. When
    /// `timeout` is over it and its children are killed.
    static func run(
        _ command: String, _ arguments: [String], environment: [String: String], timeout: Duration, limit: Int
    ) throws(Failure) -> [UInt8] {
        let deadline = ContinuousClock.now + timeout
        let path = try locate(command, in: environment["PATH"] ?? "")
        let process = try start([path] + arguments, environment)
        defer { close(process.output) }
        do throws(Failure) {
            let bytes = try process.read(upTo: limit, until: deadline)
            try process.end(by: deadline)
            return bytes
        } catch .timedOut {
            process.kill()
            throw .timedOut
        } catch .tooMuchOutput {
            process.kill()
            throw .tooMuchOutput
        }
    }

    private static func locate(_ command: String, in searchPath: String) throws(Failure) -> String {
        // A relative folder in PATH would make the program depend on where we were started: such are passed over.
        let folders = searchPath.split(separator: ":").filter { $0.hasPrefix("/") }
        let candidates = command.contains("/") ? [command] : folders.map { "\($0)/\(command)" }
        guard let found = candidates.first(where: isProgram) else { throw .notFound }
        return found
    }

    private static func isProgram(_ path: String) -> Bool {
        var information = stat()
        return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }

    private static func start(_ words: [String], _ environment: [String: String]) throws(Failure) -> PluginProcess {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .notStarted(errno: errno) }
        defer { close(ends[1]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }

        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&files, ends[1], 1)
        // Not every library opens its files to be closed on exec, and a plugin has no business with our connections.
        for file in openFiles() where file > 2 { posix_spawn_file_actions_addclose(&files, file) }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var leader: pid_t = 0
        let code = withCStrings(words) { arguments in
            withCStrings(environment.map { "\($0.key)=\($0.value)" }) { environment in
                posix_spawn(&leader, words[0], &files, &attributes, arguments, environment)
            }
        }
        guard code == 0 else {
            close(ends[0])
            throw .notStarted(errno: code)
        }
        return PluginProcess(leader: leader, output: ends[0])
    }

    private static func openFiles() -> [Int32] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []).compactMap { Int32($0) }
    }

    /// All that the process writes.
    private func read(upTo limit: Int, until deadline: ContinuousClock.Instant) throws(Failure) -> [UInt8] {
        var all: [UInt8] = []
        while true {
            var file = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            let ready = poll(&file, 1, try Self.milliseconds(until: deadline))
            guard ready > 0 else { continue }
            let chunk = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
                count = max(0, Glibc.read(output, buffer.baseAddress, buffer.count))
            }
            if chunk.isEmpty { return all }
            all += chunk
            guard all.count <= limit else { throw .tooMuchOutput }
        }
    }

    /// Sees the process off; its code must be 0.
    private func end(by deadline: ContinuousClock.Instant) throws(Failure) {
        var status: Int32 = 0
        while true {
            switch waitpid(leader, &status, WNOHANG) {
            case leader:
                let signal = status & 0x7f
                guard signal == 0 else { throw .signalled(signal) }
                let code = (status >> 8) & 0xff
                guard code == 0 else { throw .exited(code: code) }
                return
            case 0:
                // Output is closed as a program ends, so this is the matter of an instant but for odd programs.
                _ = poll(nil, 0, min(Self.pause, try Self.milliseconds(until: deadline)))
            default:
                // Somebody in this process ignores SIGCHLD: there is no code to be had, and the output must do.
                if errno != EINTR { return }
            }
        }
    }

    private func kill() {
        _ = Glibc.kill(-leader, SIGKILL)
        var status: Int32 = 0
        while waitpid(leader, &status, 0) < 0, errno == EINTR {}
    }

    /// Milliseconds between looks at a process that has closed its output and runs on.
    private static let pause: Int32 = 5

    private static func milliseconds(until deadline: ContinuousClock.Instant) throws(Failure) -> Int32 {
        let left = ContinuousClock.now.duration(to: deadline)
        guard left > .zero else { throw .timedOut }
        return Int32(min(left / .milliseconds(1), 3_600_000)) + 1
    }
}

/// Lends the strings as the null-terminated array that exec wants.
private func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { text in strdup(text) }
    defer { pointers.forEach { free($0) } }
    pointers.append(nil)
    return body(pointers)
}
