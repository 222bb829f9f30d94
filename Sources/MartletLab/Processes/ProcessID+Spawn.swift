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
        posix_spawn_file_actions_addchdir_np(&files, spec.workingDirectory)
        posix_spawn_file_actions_addclosefrom_np(&files, 3)

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
        let failure = withCStrings([spec.executable] + spec.arguments) { arguments in
            withCStrings(spec.environment.map { "\($0.key)=\($0.value)" }) { environment in
                posix_spawn(&pid, path, &files, &attributes, arguments, environment)
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

    private static func locate(_ name: String, in searchPath: String) throws(ProcessError) -> String {
        if name.contains("/") { return name }
        let found = searchPath.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
        guard let found else { throw .notFound(name) }
        return found
    }
}

/// Lends the strings as the null-terminated array that exec wants.
private func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
    defer { pointers.forEach { free($0) } }
    pointers.append(nil)
    return body(pointers)
}
