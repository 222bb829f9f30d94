import FoundationEssentials
import Glibc
import Synchronization

/// A program that a test started, with its output in a file. It ends with `kill()` or, at the latest, with the tests.
final class ChildProcess: Sendable {
    enum Failure: Error { case notStarted(String), failed(String, status: Int32, output: String) }

    let pid: pid_t
    /// Where its output and error texts go, one after the other.
    let log: String
    private let ending = Mutex<Int32?>(nil)

    /// Starts `arguments[0]`, a path, in a group of its own so that a terminal's signals do not reach it.
    init(_ arguments: [String], log: String, adding environment: [String: String] = [:]) throws {
        self.log = log
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&files, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        posix_spawn_file_actions_adddup2(&files, 1, 2)
        // The connections of the tests are not the child's: it would keep them open after the tests closed them.
        for file in Self.openFiles where file > 2 { posix_spawn_file_actions_addclose(&files, file) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))

        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }.map { "\($0.key)=\($0.value)" }
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var settings: [UnsafeMutablePointer<CChar>?] = variables.map { strdup($0) } + [nil]
        defer { (words + settings).forEach { free($0) } }
        var started: pid_t = 0
        guard posix_spawn(&started, arguments[0], &files, &attributes, &words, &settings) == 0 else {
            throw Failure.notStarted(arguments[0])
        }
        pid = started
        AtExit.shared.end(started)
    }

    private static var openFiles: [Int32] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []).compactMap { Int32($0) }
    }

    func signal(_ number: Int32) {
        guard exitStatus == nil else { return }
        _ = Glibc.kill(pid, number)
    }

    /// SIGKILL to it alone, and waits for its end.
    func kill() {
        signal(SIGKILL)
        wait()
    }

    /// Nil while it runs; as waitpid(2) tells it.
    var exitStatus: Int32? {
        ending.withLock { ending in
            if let ending { return ending }
            var status: Int32 = 0
            guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
            AtExit.shared.forget(pid)
            ending = status
            return status
        }
    }

    @discardableResult
    func wait() -> Int32 {
        while true {
            if let status = exitStatus { return status }
            usleep(5_000)
        }
    }

    var output: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    /// Runs `arguments[0]` to its end and returns what it wrote; throws, with that, if it failed.
    @discardableResult
    static func run(_ arguments: [String], adding environment: [String: String] = [:]) throws -> String {
        let log = "/tmp/martlet-scenario-\(UUID().uuidString).log"
        defer { unlink(log) }
        let child = try ChildProcess(arguments, log: log, adding: environment)
        let status = child.wait()
        guard status == 0 else {
            throw Failure.failed(arguments.joined(separator: " "), status: status, output: child.output)
        }
        return child.output
    }
}

/// What must be undone when the test process ends, however its tests ended.
final class AtExit: Sendable {
    static let shared = AtExit()

    private let pids = Mutex<Set<pid_t>>([])
    private let directories = Mutex<[String]>([])

    private init() {
        atexit {
            for pid in AtExit.shared.pids.withLock({ $0 }) { _ = Glibc.kill(pid, SIGKILL) }
            for directory in AtExit.shared.directories.withLock({ $0 }) { ControlPlane.remove(directory) }
        }
    }

    func end(_ pid: pid_t) { pids.withLock { _ = $0.insert(pid) } }
    func forget(_ pid: pid_t) { pids.withLock { _ = $0.remove(pid) } }
    func stopControlPlane(in directory: String) { directories.withLock { $0.append(directory) } }
}
