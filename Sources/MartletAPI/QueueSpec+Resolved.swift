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
        if stream != nil { checks.notImplemented(at: "\(path).stream", "a stream as queue") }
        if sortedSet != nil { checks.notImplemented(at: "\(path).sortedSet", "a sorted set as queue") }
        if let celery { return .celery(celery.resolved(&checks, at: "\(path).celery")) }
        if let list { return .list(list.resolved(&checks, at: "\(path).list")) }
        return nil
    }

    private func resolvedServer(_ checks: inout SpecChecks, at path: String) -> RedisServer? {
        guard let redis else {
            checks.report(.queueMissing, at: path, "is required: the server that holds the queue")
            return nil
        }
        switch redis.mode ?? .standalone {
        case .standalone: break
        case .sentinel: checks.notImplemented(at: "\(path).mode", "Sentinel")
        case .cluster: checks.notImplemented(at: "\(path).mode", "Cluster")
        }
        let database = checks.number(
            redis.database, default: 0, in: 0...SpecLimits.database, at: "\(path).database")
        let pollSeconds = checks.number(redis.pollSeconds, default: 2, in: 1...3600, at: "\(path).pollSeconds")
        let credentials = redis.credentialsSecretRef.map {
            $0.resolved(&checks, at: "\(path).credentialsSecretRef")
        }
        let tls = redis.tls.map { $0.resolved(&checks, at: "\(path).tls") }
        guard let address = redis.soleAddress(&checks, at: "\(path).addresses") else { return nil }
        return RedisServer(
            address: address, database: database, pollSeconds: pollSeconds, credentials: credentials, tls: tls)
    }
}

extension RedisSpec {
    fileprivate func soleAddress(_ checks: inout SpecChecks, at path: String) -> HostPort? {
        let addresses = addresses ?? []
        guard !addresses.isEmpty else {
            checks.report(.invalidAddress, at: path, "must have the server's address as host:port")
            return nil
        }
        var read: [HostPort] = []
        for (index, text) in addresses.prefix(SpecLimits.addresses).enumerated() {
            if let address = HostPort(text) {
                read.append(address)
            } else {
                checks.report(
                    .invalidAddress, at: "\(path)[\(index)]",
                    "must be host:port, such as redis.dev.svc:6379 or [fd00::1]:6379")
            }
        }
        if addresses.count > 1, (mode ?? .standalone) == .standalone {
            checks.report(.invalidAddress, at: path, "must have exactly one address in mode Standalone")
        }
        return read.first
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
        let queue = ListQueue(key: key, inFlightKeys: inFlightKeys ?? [])
        checks.redisKey(queue.key, at: "\(path).key")
        checks.count(
            queue.inFlightKeys.count, in: 0...SpecLimits.inFlightKeys, at: "\(path).inFlightKeys", of: "keys")
        for (index, name) in queue.inFlightKeys.prefix(SpecLimits.inFlightKeys).enumerated() {
            checks.redisKey(name, at: "\(path).inFlightKeys[\(index)]")
        }
        // A key counted as both would make each task two.
        checks.unique([queue.key] + queue.inFlightKeys, at: "\(path).inFlightKeys")
        return queue
    }
}
