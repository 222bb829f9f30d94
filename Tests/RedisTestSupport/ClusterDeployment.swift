package import Redis
import Synchronization

/// A real Redis Cluster of redis-servers on free ports of the loopback, with a short node timeout. It ends with
/// ``stop()`` or with the last reference.
package final class ClusterDeployment: Sendable {
    package enum Failure: Error { case notFormed, noMaster(key: String), noReplica, refused(command: String) }

    /// What redis-cli would call a cluster with `--cluster-replicas` of this.
    package enum Replicas: Int, Sendable {
        case none = 0
        case oneEach = 1
    }

    /// How long a master is silent before the others call it dead.
    package static let nodeTimeoutMilliseconds = 1000

    package let nodes: [RedisServerProcess]
    private let io = RedisIO()
    private let connections = Mutex<[Int: RedisConnection]>([:])

    /// Returns when every node knows that the cluster is complete and every replica follows its master.
    ///
    /// - Parameter options: further arguments of each redis-server.
    package init(masters: Int = 3, replicas: Replicas = .none, options: [String] = []) async throws {
        nodes = try (0..<masters * (1 + replicas.rawValue)).map { _ in
            let settings = [
                "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-port",
                String(try RedisServerProcess.freePort()), "--cluster-node-timeout",
                String(Self.nodeTimeoutMilliseconds), "--cluster-replica-validity-factor", "0",
                "--repl-diskless-sync-delay", "0",
            ]
            return try RedisServerProcess(settings + options)
        }
        try await form(masters: masters)
    }

    deinit { stop() }

    package func stop() {
        connections.withLock { connections in
            for connection in connections.values { connection.close() }
            connections = [:]
        }
        for node in nodes { node.stop() }
    }

    package var addresses: [RedisAddress] { nodes.map { RedisAddress(host: "127.0.0.1", port: $0.port) } }

    /// One command to one node; a connection to it is kept.
    @discardableResult
    package func send(_ words: [String], to node: RedisServerProcess) async throws -> RESPValue {
        let port = node.port
        var connection = connections.withLock { $0[port] }
        if connection == nil {
            let fresh = try await RedisConnection.open(
                RedisConfiguration(
                    address: RedisAddress(host: "127.0.0.1", port: port), clientName: "application",
                    connectTimeout: .seconds(30), commandTimeout: .seconds(30)),
                io: io, hostPolicy: { _ in }, onPush: { _ in })
            connections.withLock { $0[port] = fresh }
            connection = fresh
        }
        do {
            return try await connection?.send([RedisCommand(arguments: words)]).first ?? .null
        } catch {
            connections.withLock { $0[port] = nil }
            throw error
        }
    }

    /// One command that must not be refused.
    @discardableResult
    package func order(_ words: String..., to node: RedisServerProcess) async throws -> RESPValue {
        let reply = try await send(words, to: node)
        if case .error = reply { throw Failure.refused(command: words.prefix(2).joined(separator: " ")) }
        return reply
    }

    /// What the application does: one command, wherever `key` is, through redirections, lost nodes and failovers.
    @discardableResult
    package func run(_ words: String..., on key: String) async throws -> RESPValue {
        var reply: RESPValue?
        _ = await eventually {
            guard let node = try? await master(of: key), let first = try? await send(words, to: node) else {
                return false
            }
            reply = first
            switch first {
            case .error(.ask(let redirection)):
                guard let target = self.node(redirection.port) else { return false }
                reply = try? await ask(words, of: target)
            case .error(.moved), .error(.clusterDown), .error(.tryAgain): return false
            case .null, .integer, .double, .boolean, .string, .error, .array, .set, .map, .push: break
            }
            return reply != nil
        }
        guard let reply else { throw Failure.noMaster(key: key) }
        return reply
    }

    /// The node that all reachable nodes take for the master of the key's slot, and that is up.
    package func master(of key: String) async throws -> RedisServerProcess {
        let slot = RedisSlot(of: RedisKey(key))
        var ports: Set<Int> = []
        for node in nodes where node.isRunning {
            guard let view = try? await view(node), let port = view.map.master(of: slot)?.port else { continue }
            ports.insert(port)
        }
        guard ports.count == 1, let node = ports.first.flatMap({ self.node($0) }), node.isRunning else {
            throw Failure.noMaster(key: key)
        }
        return node
    }

    package func node(_ port: Int) -> RedisServerProcess? { nodes.first { $0.port == port } }

    package func id(of node: RedisServerProcess) async throws -> String {
        try await order("CLUSTER", "MYID", to: node).text ?? ""
    }

    package func view(_ node: RedisServerProcess) async throws -> ClusterView {
        var replies: [RESPValue] = []
        for command in ClusterView.commands { replies.append(try await send(command.arguments, to: node)) }
        return try ClusterView(replies, from: RedisAddress(host: "127.0.0.1", port: node.port))
    }

    /// A key named `name` and a number, whose slot this node holds.
    package func key(_ name: String, on node: RedisServerProcess) async throws -> String {
        let map = try await view(node).map
        let fitting = (0..<100_000).lazy.map { "\(name)\($0)" }.first {
            map.master(of: RedisSlot(of: RedisKey($0)))?.port == node.port
        }
        guard let fitting else { throw Failure.noMaster(key: name) }
        return fitting
    }

    private func ask(_ words: [String], of target: RedisServerProcess) async throws -> RESPValue {
        try await order("ASKING", to: target)
        return try await send(words, to: target)
    }

    private func form(masters: Int) async throws {
        for (index, node) in nodes.enumerated() {
            try await order("CLUSTER", "SET-CONFIG-EPOCH", String(index + 1), to: node)
            guard index < masters else { continue }
            let bounds = [index, index + 1].map { RedisSlot.count * $0 / masters }
            try await order("CLUSTER", "ADDSLOTSRANGE", String(bounds[0]), String(bounds[1] - 1), to: node)
        }
        for node in nodes.dropFirst() {
            let bus = try await order("CONFIG", "GET", "cluster-port", to: node)
            guard case .map(let words) = bus, words.count == 2, let port = words[1].text else {
                throw Failure.notFormed
            }
            try await order("CLUSTER", "MEET", "127.0.0.1", String(node.port), port, to: nodes[0])
        }
        guard await eventually({ await knowEachOther() }) else { throw Failure.notFormed }
        for (index, replica) in nodes.enumerated().dropFirst(masters) {
            try await order("CLUSTER", "REPLICATE", try await id(of: nodes[index - masters]), to: replica)
        }
        guard await eventually({ await isSettled(masters: masters) }) else { throw Failure.notFormed }
    }

    private func knowEachOther() async -> Bool {
        for node in nodes {
            guard let text = try? await send(["CLUSTER", "INFO"], to: node).text,
                text.contains("cluster_state:ok"), text.contains("cluster_known_nodes:\(nodes.count)")
            else { return false }
        }
        return true
    }

    private func isSettled(masters: Int) async -> Bool {
        for node in nodes.dropFirst(masters) {
            guard let text = try? await send(["INFO", "replication"], to: node).text,
                text.contains("master_link_status:up")
            else { return false }
        }
        guard await knowEachOther() else { return false }
        for node in nodes {
            guard let text = try? await send(["CLUSTER", "NODES"], to: node).text else { return false }
            let lines = text.split(whereSeparator: \.isNewline)
            let replicas = lines.count { $0.contains("slave") }
            guard replicas == nodes.count - masters, !text.contains("handshake"), !text.contains("fail") else {
                return false
            }
        }
        return true
    }
}
