import Glibc
import Synchronization

/// A real redis-server on a free port of the loopback, without persistence, in a directory of its own. It ends with
/// ``stop()`` or with the last reference.
package final class RedisServerProcess: Sendable {
    package enum Failure: Error { case noPort, noDirectory, notStarted, notAnswering, commandFailed }

    package let port: Int
    /// Private to this server; TLS files may be put there.
    package let directory: String
    private let arguments: [String]
    private let process = Mutex<pid_t?>(nil)

    /// What the process is.
    package enum Kind {
        case server
        /// Its configuration file must exist and will be written to.
        case sentinel(configuration: String)
    }

    /// - Parameter options: further arguments of redis-server; `{dir}` stands for ``directory``, `{port}` for ``port``.
    package init(_ options: [String] = [], as kind: Kind = .server, directory: String? = nil) throws {
        port = try Self.freePort()
        if let directory {
            self.directory = directory
        } else {
            self.directory = try Self.temporaryDirectory()
        }
        let isTLS = options.contains("--tls-port")
        var arguments = ["/usr/bin/redis-server"]
        switch kind {
        case .server: arguments += ["--save", "", "--appendonly", "no"]
        case .sentinel(let configuration): arguments += [configuration, "--sentinel"]
        }
        arguments += ["--bind", "127.0.0.1", "--dir", self.directory, "--port", isTLS ? "0" : String(port)]
        arguments += ["--logfile", "\(self.directory)/\(port).log"]
        for option in options {
            arguments.append(option == "{port}" ? String(port) : option.replacing("{dir}", with: self.directory))
        }
        self.arguments = arguments
        try start()
    }

    deinit {
        stop()
        // Only what `mkdtemp` made is removed.
        if directory.hasPrefix("/tmp/martlet-redis-") { try? Self.shell("rm -rf '\(directory)'") }
    }

    /// Starts (again) on the same port and returns when connections are accepted.
    package func start() throws {
        process.withLock { $0 = nil }
        guard let started = spawn(arguments) else { throw Failure.notStarted }
        process.withLock { $0 = started }
        // Redis accepts within milliseconds; the bound is for a machine that is busy.
        for _ in 0..<3000 {
            if Self.accepts(port) { return }
            usleep(10_000)
        }
        throw Failure.notAnswering
    }

    /// Kills the server and waits for its end. May be called again.
    package func stop() {
        let running = process.withLock { process in
            defer { process = nil }
            return process
        }
        guard let running else { return }
        kill(running, SIGKILL)
        var status: Int32 = 0
        waitpid(running, &status, 0)
    }

    /// Between a start and a stop.
    package var isRunning: Bool { process.withLock { $0 != nil } }

    /// Stops the process from answering without closing its connections, until ``resume()``.
    package func freeze() { signal(SIGSTOP) }
    package func resume() { signal(SIGCONT) }

    private func signal(_ number: Int32) {
        process.withLock { if let running = $0 { _ = kill(running, number) } }
    }

    package static func temporaryDirectory() throws -> String {
        var template = Array("/tmp/martlet-redis-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure.noDirectory }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Runs `script` in a shell and waits for it.
    package static func shell(_ script: String) throws {
        guard let child = spawn(["/bin/sh", "-c", script]) else { throw Failure.commandFailed }
        var status: Int32 = 0
        waitpid(child, &status, 0)
        guard status == 0 else { throw Failure.commandFailed }
    }

    package static func write(_ text: String, to path: String) throws {
        guard let file = fopen(path, "w") else { throw Failure.noDirectory }
        defer { fclose(file) }
        guard fputs(text, file) >= 0 else { throw Failure.noDirectory }
    }

    package static func contents(of path: String) throws -> String {
        guard let file = fopen(path, "r") else { throw Failure.noDirectory }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    /// A port that nothing listens on, another each time. It and a cluster's bus port, 10,000 above, lie below what the kernel
    /// gives to outgoing connections: hundreds of tests at once open those.
    package static func freePort() throws -> Int {
        for _ in 0..<ports.count {
            let port = lastPort.withLock { last in
                last = last + 1 < ports.upperBound ? last + 1 : ports.lowerBound
                return last
            }
            if isFree(port) { return port }
        }
        throw Failure.noPort
    }

    private static let ports = 12_000..<22_000
    /// Test processes beside each other begin at different places.
    private static let lastPort = Mutex(ports.lowerBound + Int(getpid()) * 97 % ports.count)

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(port)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }

    private static func accepts(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(port)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}

private func spawn(_ arguments: [String]) -> pid_t? {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    // A server that inherits a client's sockets keeps its connections open after their end.
    for descriptor in Int32(3)..<1024 { posix_spawn_file_actions_addclose(&actions, descriptor) }
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var child = pid_t()
    return posix_spawn(&child, arguments[0], &actions, nil, &words, environ) == 0 ? child : nil
}
