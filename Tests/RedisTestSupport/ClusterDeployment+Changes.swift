import Redis

/// What happens to clusters.
extension ClusterDeployment {
    /// SIGKILL to the master that holds `key`.
    @discardableResult
    package func killMaster(of key: String) async throws -> RedisServerProcess {
        let node = try await master(of: key)
        node.stop()
        return node
    }

    /// Returns when `key` has a master that is up, and all others know it.
    @discardableResult
    package func waitForMaster(of key: String) async throws -> RedisServerProcess {
        guard await eventually({ (try? await master(of: key)) != nil }) else { throw Failure.noMaster(key: key) }
        return try await master(of: key)
    }

    /// The master of `key` and one of its replicas change places without a loss (`CLUSTER FAILOVER`).
    /// - Returns: the new master.
    @discardableResult
    package func failOver(_ key: String) async throws -> RedisServerProcess {
        let old = try await master(of: key)
        let id = try await id(of: old)
        let table = try await order("CLUSTER", "NODES", to: old).text ?? ""
        let replica = table.split(whereSeparator: \.isNewline).lazy
            .map { $0.split(separator: " ") }
            .first { $0.count > 7 && $0[3] == id && !$0[2].contains("fail") }
            .flatMap { line in self.nodes.first { line[1].hasPrefix("127.0.0.1:\($0.port)@") } }
        guard let replica else { throw Failure.noReplica }
        try await order("CLUSTER", "FAILOVER", to: replica)
        let isDone = await eventually { (try? await master(of: key))?.port == replica.port }
        guard isDone else { throw Failure.noMaster(key: key) }
        return replica
    }

    /// Opens the way for the slot of `key`: from now on its keys may be at either end.
    package func beginMigration(of key: String, to target: RedisServerProcess) async throws {
        let source = try await master(of: key)
        let slot = String(RedisSlot(of: RedisKey(key)).number)
        let (sourceID, targetID) = (try await id(of: source), try await id(of: target))
        try await order("CLUSTER", "SETSLOT", slot, "IMPORTING", sourceID, to: target)
        try await order("CLUSTER", "SETSLOT", slot, "MIGRATING", targetID, to: source)
    }

    /// Moves keys of one slot that is on its way.
    package func moveKeys(_ keys: String..., to target: RedisServerProcess) async throws {
        guard let first = keys.first else { return }
        let source = try await master(of: first)
        let words = ["MIGRATE", "127.0.0.1", String(target.port), "", "0", "5000", "KEYS"] + keys
        if case .error = try await send(words, to: source) { throw Failure.refused(command: "MIGRATE") }
    }

    /// Gives the slot of `key` to `target` for good.
    package func finishMigration(of key: String, to target: RedisServerProcess) async throws {
        let source = try await master(of: key)
        let slot = String(RedisSlot(of: RedisKey(key)).number)
        let targetID = try await id(of: target)
        for node in [target, source] + nodes.filter({ $0.port != target.port && $0.port != source.port }) {
            // Replicas refuse; they learn it from their masters.
            _ = try? await send(["CLUSTER", "SETSLOT", slot, "NODE", targetID], to: node)
        }
        guard await eventually({ (try? await master(of: key))?.port == target.port }) else {
            throw Failure.noMaster(key: key)
        }
    }

    /// The whole way of a slot with the keys named, as `redis-cli --cluster reshard` goes it.
    package func migrateSlot(of keys: String..., to target: RedisServerProcess) async throws {
        guard let first = keys.first else { return }
        try await beginMigration(of: first, to: target)
        for key in keys { try await moveKeys(key, to: target) }
        try await finishMigration(of: first, to: target)
    }

    /// How many connections of this client name the node has.
    package func connections(named name: String, to node: RedisServerProcess) async throws -> Int {
        let text = try await order("CLIENT", "LIST", to: node).text ?? ""
        return text.split(whereSeparator: \.isNewline).count { $0.contains(" name=\(name) ") }
    }
}
