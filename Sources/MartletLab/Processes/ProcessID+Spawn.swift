internal import FoundationEssentials
internal import Glibc

/// The leader of a process group that this program started and has not reaped yet.
struct ProcessID: Hashable, Sendable {
    let rawValue: pid_t
}

extension ProcessID {
    /// Starts the process as the leader of a new group, with default signal handling and no file but the standard three.
    static func spawn(_ spec: ProcessSpec) throws(ProcessError) -> ProcessID {
        let path = try locate(spec.executable, in: spec.environment["PATH"] ?? "")
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&files, 1, spec.logFile, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        posix_spawn_file_actions_adddup2(&files, 1, 2)
        // Not every library opens its files to be closed on exec; a worker must not hold the laboratory's connections.
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
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var pid: pid_t = 0
        // env changes the directory, which posix_spawn can only by a function that Swift does not see, and becomes the
        // program: the process id stays.
        let words = [environmentProgram, "--chdir=\(spec.workingDirectory)", "--", path] + spec.arguments
        let failure = withCStrings(words) { arguments in
            withCStrings(spec.environment.map { "\($0.key)=\($0.value)" }) { environment in
                posix_spawn(&pid, environmentProgram, &files, &attributes, arguments, environment)
            }
        }
        guard failure == 0 else { throw .spawnFailed(executable: spec.executable, errno: failure) }
        return ProcessID(rawValue: pid)
    }

    /// To the leader alone, as a kubelet signals a container's first process: the others are the leader's to end.
    func signalLeader(_ signal: Int32) { _ = kill(rawValue, signal) }

    /// To all, as the end of a container's first process ends the rest.
    func killGroup() { _ = kill(-rawValue, SIGKILL) }

    /// How the process ended, nil while it runs. Once it has ended, the rest of its group is killed before the leader
    /// is reaped: until then no other process can have the number.
    func reapIfEnded() -> ProcessExit? {
        var info = siginfo_t()
        guard waitid(P_PID, id_t(rawValue), &info, WEXITED | WNOHANG | WNOWAIT) == 0, info.si_signo == SIGCHLD else {
            return nil
        }
        killGroup()
        var status: Int32 = 0
        guard waitpid(rawValue, &status, 0) == rawValue else { return nil }
        let signal = status & 0x7f
        return signal == 0 ? .exited(code: (status >> 8) & 0xff) : .signalled(signal)
    }

    private static let environmentProgram = "/usr/bin/env"

    private static func openFiles() -> [Int32] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []).compactMap { Int32($0) }
    }

    /// The program's path. An equals sign in it is refused: env would take it for a variable.
    private static func locate(_ name: String, in searchPath: String) throws(ProcessError) -> String {
        let candidates = name.contains("/") ? [name] : searchPath.split(separator: ":").map { "\($0)/\(name)" }
        guard let found = candidates.first(where: { access($0, X_OK) == 0 }), !found.contains("=") else {
            throw .notFound(name)
        }
        return found
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
