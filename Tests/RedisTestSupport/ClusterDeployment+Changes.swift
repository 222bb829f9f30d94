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

    /// Returns when a replica of a master that is gone or silent has taken its place.
    package func promotedReplica(of master: RedisServerProcess) async throws -> RedisServerProcess {
        var promoted: RedisServerProcess?
        _ = await eventually {
            for node in nodes where node.port != master.port && node.isRunning {
                guard let table = try? await send(["CLUSTER", "NODES"], to: node).text else { continue }
                let lines = table.split(whereSeparator: \.isNewline).map { $0.split(separator: " ") }
                // The masters that began with slots are the first; a later node that has some was promoted.
                guard let own = lines.first(where: { $0.count > 8 && $0[2] == "myself,master" }),
                    lines.contains(where: { $0.count == 8 && $0[1].hasPrefix("127.0.0.1:\(master.port)@") })
                else { continue }
                if nodes.firstIndex(where: { own[1].hasPrefix("127.0.0.1:\($0.port)@") }) ?? 0 >= nodes.count / 2 {
                    promoted = node
                }
            }
            return promoted != nil
        }
        guard let promoted else { throw Failure.noReplica }
        return promoted
    }

    /// The master of `key` and one of its replicas change places without a loss (`CLUSTER FAILOVER`).
    /// - Returns: the new master.
    @discardableResult
    package func failOver(_ key: String) async throws -> RedisServerProcess {
        let old = try await master(of: key)
        var replica: RedisServerProcess?
        // After the last failover the old master may not be known as a replica yet.
        _ = await eventually {
            replica = try? await self.replica(of: old)
            return replica != nil
        }
        guard let replica else { throw Failure.noReplica }
        // A replica that did not follow yet would bring less than was written.
        _ = await eventually {
            let text = try? await send(["INFO", "replication"], to: replica).text
            return text?.contains("master_link_status:up") == true
        }
        for _ in 0..<5 {
            // A server that is busy gives up after 5 s, and may be asked again.
            _ = try? await send(["CLUSTER", "FAILOVER"], to: replica)
            let isDone = await eventually(within: .seconds(6)) {
                (try? await master(of: key))?.port == replica.port
            }
            if isDone { return replica }
        }
        throw Failure.noMaster(key: key)
    }

    private func replica(of master: RedisServerProcess) async throws -> RedisServerProcess? {
        let id = try await id(of: master)
        let table = try await order("CLUSTER", "NODES", to: master).text ?? ""
        return table.split(whereSeparator: \.isNewline).lazy
            .map { $0.split(separator: " ") }
            .first { $0.count > 7 && $0[3] == id && !$0[2].contains("fail") }
            .flatMap { line in self.nodes.first { line[1].hasPrefix("127.0.0.1:\($0.port)@") } }
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
