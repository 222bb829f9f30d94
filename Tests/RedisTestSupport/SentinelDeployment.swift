import Synchronization

/// A master, two replicas and three sentinels on the loopback, as a failover needs them. All end with ``stop()`` or with
/// the last reference.
package final class SentinelDeployment: Sendable {
    package enum Failure: Error { case notReady, noFailover, noServer(Int), noMaster }

    /// How the master comes to be another one.
    package enum Cause: Sendable {
        /// An operator's `SENTINEL FAILOVER`: the old master lives on, as a replica.
        case command
        /// SIGKILL; the old master stays away until it is started again.
        case death
        /// SIGSTOP; its connections stay open, and when it is resumed the old master still takes itself for one.
        case silence
    }

    package static let masterName = "mymaster"
    /// Of the sentinels that must agree.
    private static let quorum = 2

    /// The first one is the master to begin with.
    package let servers: [RedisServerProcess]
    package let sentinels: [RedisServerProcess]
    private let directory: String
    private let outputs = Atomic(0)
    private let serverLogin: [String]
    private let sentinelLogin: [String]

    /// - Parameters:
    ///   - options: further options of the data nodes and the sentinels; `{dir}` stands for `directory`.
    ///   - sentinelLines: further lines of the sentinels' configuration.
    ///   - serverLogin: what redis-cli needs to be told to reach a data node; likewise for the sentinels.
    ///   - downAfter: milliseconds after which a silent server counts as down.
    package init(
        _ options: [String] = [], serverOptions: [String] = [], sentinelLines: [String] = [],
        serverLogin: [String] = [], sentinelLogin: [String] = [], downAfter: Int = 1500, directory: String? = nil
    ) throws {
        let shared = try directory ?? RedisServerProcess.temporaryDirectory()
        let all = options + serverOptions
        let master = try RedisServerProcess(all, directory: shared)
        let replica = all + ["--replicaof", "127.0.0.1", "\(master.port)", "--repl-diskless-sync-delay", "0"]
        servers = try [master] + (1...2).map { _ in try RedisServerProcess(replica, directory: shared) }
        let name = Self.masterName
        let lines =
            [
                "sentinel monitor \(name) 127.0.0.1 \(master.port) \(Self.quorum)",
                "sentinel down-after-milliseconds \(name) \(downAfter)", "sentinel failover-timeout \(name) 3000",
                "sentinel parallel-syncs \(name) 2",
            ] + sentinelLines
        sentinels = try (1...3).map { number in
            let path = "\(shared)/sentinel\(number).conf"
            try RedisServerProcess.write(lines.joined(separator: "\n") + "\n", to: path)
            return try RedisServerProcess(options, as: .sentinel(configuration: path), directory: shared)
        }
        self.directory = shared
        self.serverLogin = serverLogin.map { $0.replacing("{dir}", with: shared) }
        self.sentinelLogin = sentinelLogin.map { $0.replacing("{dir}", with: shared) }
        // Milliseconds. Sentinels wait for what they hear every 10 s and for four times what they tell every 2 s.
        for sentinel in sentinels {
            try run("SENTINEL", "DEBUG", "info-period", "1000", "publish-period", "250", at: sentinel)
        }
    }

    /// What redis-cli prints, be it that nothing answers.
    @discardableResult
    package func run(_ words: String..., at process: RedisServerProcess) throws -> [String] {
        let login = sentinels.contains { $0 === process } ? sentinelLogin : serverLogin
        // Several tasks may ask the same process at once.
        let output = "\(directory)/\(outputs.add(1, ordering: .relaxed).newValue).out"
        defer { try? RedisServerProcess.shell("rm -f \(output)") }
        let command = (["redis-cli", "-p", String(process.port)] + login + words).map { "'\($0)'" }
        try RedisServerProcess.shell(command.joined(separator: " ") + " > \(output) 2>&1 || true")
        return try RedisServerProcess.contents(of: output).split(whereSeparator: \.isNewline).map { String($0) }
    }

    /// Returns when all servers run, and the sentinels know each other and both replicas, so that a failover will succeed.
    package func waitUntilReady() async throws {
        for sentinel in sentinels where sentinel.isRunning {
            let isReady = try await eventually {
                let lines = try run("SENTINEL", "MASTER", Self.masterName, at: sentinel)
                func field(_ name: String) -> String? {
                    lines.firstIndex(of: name).flatMap { $0 + 1 < lines.count ? lines[$0 + 1] : nil }
                }
                guard field("flags") == "master", field("num-other-sentinels") == "2" else { return false }
                let replicas = try run("SENTINEL", "REPLICAS", Self.masterName, at: sentinel)
                // As flags and as the role that the replica itself reported: a sentinel that has not heard yet that it
                // is one would make it one again, even after the next failover promoted it.
                return replicas.count(where: { $0 == "slave" }) == 2 * (servers.count - 1)
            }
            guard isReady else { throw Failure.notReady }
        }
    }

    /// Where the sentinel says that the master is.
    package func master(by sentinel: RedisServerProcess? = nil) throws -> RedisServerProcess {
        let lines = try run("SENTINEL", "GET-MASTER-ADDR-BY-NAME", Self.masterName, at: sentinel ?? sentinels[0])
        guard lines.count == 2, let port = Int(lines[1]) else { throw Failure.noMaster }
        guard let server = servers.first(where: { $0.port == port }) else { throw Failure.noServer(port) }
        return server
    }

    package func isMaster(_ server: RedisServerProcess) -> Bool {
        (try? run("ROLE", at: server).first) == "master"
    }

    /// A master that gave way to another.
    package struct Failover: Sendable {
        package let old: RedisServerProcess
        package let new: RedisServerProcess
        /// When the new one first said that it is a master.
        package let since: ContinuousClock.Instant
    }

    /// Has the master replaced; returns when a sentinel names the new one. Sentinels may abort a failover that they began,
    /// even after a replica was promoted: then they are asked again.
    package func failOver(_ cause: Cause) async throws -> Failover {
        let old = try master()
        switch cause {
        case .command: break
        case .death: old.stop()
        case .silence: old.freeze()
        }
        for _ in 1...6 {
            // Refused while another failover is under way or no replica has been heard of lately.
            if case .command = cause {
                _ = try await eventually(within: .seconds(10)) {
                    try run("SENTINEL", "FAILOVER", Self.masterName, at: sentinels[0]).first == "OK"
                }
            }
            if let failover = await completion(of: old) { return failover }
        }
        throw Failure.noFailover
    }

    private func completion(of old: RedisServerProcess) async -> Failover? {
        var promoted: [Int: ContinuousClock.Instant] = [:]
        var failover: Failover?
        _ = await eventually(within: .seconds(10)) {
            for server in servers where server !== old && server.isRunning && promoted[server.port] == nil {
                if isMaster(server) { promoted[server.port] = .now }
            }
            guard let new = try? master(), let since = promoted[new.port] else { return false }
            failover = Failover(old: old, new: new, since: since)
            return true
        }
        return failover
    }

    /// Connections of clients of that name to any server or sentinel, with the port and what the client last did.
    package func connections(named name: String) throws -> [String] {
        try (servers + sentinels).filter(\.isRunning).flatMap { process in
            try run("CLIENT", "LIST", at: process).filter { $0.contains(" name=\(name) ") }.map { line in
                let parts = line.split(separator: " ").filter { $0.hasPrefix("cmd=") || $0.hasPrefix("age=") }
                return "\(process.port) \(parts.joined(separator: " "))"
            }
        }
    }

    package func stop() { for process in sentinels + servers { process.stop() } }
}
