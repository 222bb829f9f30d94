extension QueueSpec {
    func resolved(_ checks: inout SpecChecks, at path: String) -> ResolvedQueue? {
        let server = resolvedServer(&checks, at: "\(path).redis")
        let source = resolvedSource(&checks, at: path)
        let tasks = checks.number(
            tasksPerReplica, default: 5, in: 1...SpecLimits.tasks, at: "\(path).tasksPerReplica")
        let activation = checks.number(
            activationTasks, default: 0, in: 0...SpecLimits.tasks, at: "\(path).activationTasks")
        guard let server, let source else { return nil }
        return ResolvedQueue(server: server, source: source, tasksPerReplica: tasks, activationTasks: activation)
    }

    private func resolvedSource(_ checks: inout SpecChecks, at path: String) -> QueueSource? {
        let chosen = [
            celery.map { _ in "celery" }, list.map { _ in "list" }, stream.map { _ in "stream" },
            sortedSet.map { _ in "sortedSet" },
        ].compactMap { $0 }
        guard chosen.count == 1 else {
            if chosen.isEmpty {
                checks.report(.queueKindMissing, at: path, "must have one of celery, list, stream and sortedSet")
            } else {
                checks.report(
                    .queueKindAmbiguous, at: path, "has \(chosen.joined(separator: " and ")); keep exactly one")
            }
            return nil
        }
        if let celery { return .celery(celery.resolved(&checks, at: "\(path).celery")) }
        if let list { return .list(list.resolved(&checks, at: "\(path).list")) }
        if let stream { return .stream(stream.resolved(&checks, at: "\(path).stream")) }
        if let sortedSet { return .sortedSet(sortedSet.resolved(&checks, at: "\(path).sortedSet")) }
        return nil
    }

    private func resolvedServer(_ checks: inout SpecChecks, at path: String) -> RedisServer? {
        guard let redis else {
            checks.report(.queueMissing, at: path, "is required: the server that holds the queue")
            return nil
        }
        let topology = redis.resolvedTopology(&checks, at: path)
        let addresses = redis.resolvedAddresses(&checks, at: "\(path).addresses")
        let database = checks.number(
            redis.database, default: 0, in: 0...SpecLimits.database, at: "\(path).database")
        let pollSeconds = checks.number(redis.pollSeconds, default: 2, in: 1...3600, at: "\(path).pollSeconds")
        let credentials = redis.credentialsSecretRef.map {
            $0.resolved(&checks, at: "\(path).credentialsSecretRef")
        }
        let tls = redis.tls.map { $0.resolved(&checks, at: "\(path).tls") }
        guard let topology, !addresses.isEmpty else { return nil }
        return RedisServer(
            topology: topology, addresses: addresses, database: database, pollSeconds: pollSeconds,
            credentials: credentials, tls: tls)
    }
}

extension RedisSpec {
    /// nil: refused.
    fileprivate func resolvedTopology(_ checks: inout SpecChecks, at path: String) -> RedisTopology? {
        switch mode ?? .standalone {
        case .standalone:
            refuseSentinelFields(&checks, at: path)
            return .standalone
        case .sentinel:
            let credentials = sentinelCredentialsSecretRef.map {
                $0.resolved(&checks, at: "\(path).sentinelCredentialsSecretRef")
            }
            guard let sentinelMaster else {
                checks.report(
                    .sentinelMasterMissing, at: "\(path).sentinelMaster",
                    "is required in mode Sentinel: the name under which the sentinels watch the master")
                return nil
            }
            checks.masterName(sentinelMaster, at: "\(path).sentinelMaster")
            return .sentinel(master: sentinelMaster, credentials: credentials)
        case .cluster:
            refuseSentinelFields(&checks, at: path)
            if database ?? 0 != 0 {
                checks.report(.outOfRange, at: "\(path).database", "must be 0 in mode Cluster, which has no other")
            }
            return .cluster
        }
    }

    private func refuseSentinelFields(_ checks: inout SpecChecks, at path: String) {
        let fields = [
            sentinelMaster.map { _ in "sentinelMaster" },
            sentinelCredentialsSecretRef.map { _ in "sentinelCredentialsSecretRef" },
        ]
        for case let field? in fields {
            checks.report(.notOfMode, at: "\(path).\(field)", "belongs to mode Sentinel; remove it or set the mode")
        }
    }

    /// Without those that can't be read; a host and port that stand there twice count once.
    fileprivate func resolvedAddresses(_ checks: inout SpecChecks, at path: String) -> [HostPort] {
        let addresses = addresses ?? []
        guard !addresses.isEmpty else {
            checks.report(.invalidAddress, at: path, "must have the server's address as host:port")
            return []
        }
        var read: [HostPort] = []
        for (index, text) in addresses.prefix(SpecLimits.addresses).enumerated() {
            if let address = HostPort(text) {
                if !read.contains(address) { read.append(address) }
            } else {
                checks.report(
                    .invalidAddress, at: "\(path)[\(index)]",
                    "must be host:port, such as redis.dev.svc:6379 or [fd00::1]:6379")
            }
        }
        if (mode ?? .standalone) == .standalone {
            if addresses.count > 1 {
                checks.report(.invalidAddress, at: path, "must have exactly one address in mode Standalone")
            }
        } else {
            checks.count(addresses.count, in: 1...SpecLimits.addresses, at: path, of: "addresses")
        }
        return read
    }
}

extension RedisCredentialsRef {
    fileprivate func resolved(_ checks: inout SpecChecks, at path: String) -> ResolvedRedisCredentials {
        checks.objectName(name, at: "\(path).name")
        if let usernameKey { checks.secretKey(usernameKey, at: "\(path).usernameKey") }
        if let passwordKey { checks.secretKey(passwordKey, at: "\(path).passwordKey") }
        return ResolvedRedisCredentials(
            secretName: name, usernameKey: usernameKey, passwordKey: passwordKey ?? "password")
    }
}

extension RedisTLSSpec {
    fileprivate func resolved(_ checks: inout SpecChecks, at path: String) -> ResolvedRedisTLS {
        if let serverName, HostPort("\(serverName):1") == nil {
            checks.report(.invalidAddress, at: "\(path).serverName", "must be a host name")
        }
        if let caSecretRef {
            checks.objectName(caSecretRef.name, at: "\(path).caSecretRef.name")
            if let key = caSecretRef.key { checks.secretKey(key, at: "\(path).caSecretRef.key") }
        }
        if let certificateSecretRef {
            checks.objectName(certificateSecretRef.name, at: "\(path).certificateSecretRef.name")
        }
        return ResolvedRedisTLS(
            serverName: serverName, authoritySecretName: caSecretRef?.name, authorityKey: caSecretRef?.key ?? "ca.crt",
            certificateSecretName: certificateSecretRef?.name)
    }
}

extension CelerySpec {
    fileprivate func resolved(_ checks: inout SpecChecks, at path: String) -> CeleryQueue {
        let queue = CeleryQueue(
            queues: queues ?? ["celery"], priorities: (priorities ?? [0, 3, 6, 9]).sorted(), keyPrefix: keyPrefix ?? "",
            unackedKey: unackedKey ?? "unacked")
        checks.count(queue.queues.count, in: 1...SpecLimits.queues, at: "\(path).queues", of: "queues")
        for (index, name) in queue.queues.prefix(SpecLimits.queues).enumerated() {
            checks.redisKey(name, at: "\(path).queues[\(index)]")
        }
        checks.unique(queue.queues, at: "\(path).queues")
        checks.count(queue.priorities.count, in: 1...SpecLimits.priorities, at: "\(path).priorities", of: "steps")
        if !queue.priorities.allSatisfy((0...SpecLimits.priority).contains) {
            checks.report(
                .invalidPriorities, at: "\(path).priorities", "must be from 0 to \(SpecLimits.priority)")
        }
        checks.unique(queue.priorities, at: "\(path).priorities", .invalidPriorities)
        if queue.keyPrefix.utf8.count > SpecLimits.redisKeyLength {
            checks.report(
                .invalidKey, at: "\(path).keyPrefix", "must have at most \(SpecLimits.redisKeyLength) bytes")
        }
        checks.redisKey(queue.unackedKey, at: "\(path).unackedKey")
        return queue
    }
}

extension ListSpec {
    fileprivate func resolved(_ checks: inout SpecChecks, at path: String) -> ListQueue {
        checks.redisKey(key, at: "\(path).key")
        let queue = ListQueue(key: key, inFlightKeys: inFlightKeys ?? [])
        checks.inFlightKeys(queue.inFlightKeys, of: key, at: "\(path).inFlightKeys")
        return queue
    }
}

extension StreamSpec {
    fileprivate func resolved(_ checks: inout SpecChecks, at path: String) -> StreamQueue {
        checks.redisKey(key, at: "\(path).key")
        if let group { checks.redisKey(group, at: "\(path).group") }
        return StreamQueue(key: key, group: group)
    }
}

extension SortedSetSpec {
    fileprivate func resolved(_ checks: inout SpecChecks, at path: String) -> SortedSetQueue {
        checks.redisKey(key, at: "\(path).key")
        let queue = SortedSetQueue(key: key, inFlightKeys: inFlightKeys ?? [], dueScore: maxScore)
        checks.inFlightKeys(queue.inFlightKeys, of: key, at: "\(path).inFlightKeys")
        return queue
    }
}

extension SpecChecks {
    fileprivate mutating func inFlightKeys(_ keys: [String], of waiting: String, at field: String) {
        count(keys.count, in: 0...SpecLimits.inFlightKeys, at: field, of: "keys")
        for (index, name) in keys.prefix(SpecLimits.inFlightKeys).enumerated() {
            redisKey(name, at: "\(field)[\(index)]")
        }
        // A key counted as both would make each task two.
        unique([waiting] + keys, at: field)
    }
}
