extension RunPodWorld {
    /// Brings an endpoint's workers to what its bounds, its scaler and its queue ask for. Called after every change.
    mutating func rescale(_ id: EndpointID) {
        stopStaleWorkers(id)
        guard let bounds = endpointTable[id]?.configuration.workers else { return }
        trim(id, to: bounds.max, sparing: { if case .running = $0 { true } else { false } })
        dispatch(id)
        guard let wanted = endpointTable[id].map(wantedWorkers) else { return }
        trim(id, to: wanted, sparing: { $0 != .throttled && $0 != .unhealthy })
        for _ in workers(of: id).count..<max(wanted, workers(of: id).count) { addWorker(id) }
        retireIdleWorkers(id)
    }

    /// What the scaler asks for, within the bounds.
    private func wantedWorkers(_ endpoint: Endpoint) -> Int {
        let bounds = endpoint.configuration.workers
        let least = min(bounds.min, bounds.max)
        let running = endpoint.workers.values.count { if case .running = $0.phase { true } else { false } }
        let urgent = endpoint.queue.compactMap { endpoint.jobs[$0] }.filter { !$0.isLowPriority }
        var wanted: Int
        switch endpoint.configuration.scaling {
        case .requestCount(let perWorker):
            let jobs = urgent.count + running
            wanted = jobs == 0 ? 0 : 1 + (jobs - 1) / max(1, perWorker)
        case .queueDelay(let delay):
            let overdue = urgent.count { job in
                guard case .queued(let since) = job.state else { return false }
                return since + Self.queueDelay(delay) <= now
            }
            wanted = running + overdue
        }
        if wanted > 0 { wanted += settings.extraWorkers }
        return min(max(wanted, least), bounds.max)
    }

    /// In whole milliseconds; a delay beyond all simulated time is cut, so that nothing overflows.
    static func queueDelay(_ seconds: Double) -> Duration { .milliseconds(Int64(min(seconds, 1e9) * 1000)) }

    /// Removes surplus workers that `sparing` does not protect, those that are furthest from work first.
    private mutating func trim(_ id: EndpointID, to limit: Int, sparing: (Worker.Phase) -> Bool) {
        guard let endpoint = endpointTable[id] else { return }
        var surplus = endpoint.workers.count - limit
        guard surplus > 0 else { return }
        let candidates = endpoint.workers.values.reversed().filter { !sparing($0.phase) }
            .sorted { $0.phase.distanceFromWork > $1.phase.distanceFromWork }
        for worker in candidates where surplus > 0 {
            stop(worker.id, of: id)
            surplus -= 1
        }
    }

    /// Idle workers above `min` go when their timeout is over.
    private mutating func retireIdleWorkers(_ id: EndpointID) {
        guard let endpoint = endpointTable[id] else { return }
        let bounds = endpoint.configuration.workers
        let timeout =
            endpoint.configuration.hasNoIdleTimeout
            ? settings.idleTimeoutByRequestCount : .seconds(bounds.idleTimeout)
        var surplus = endpoint.workers.count - min(bounds.min, bounds.max)
        for worker in endpoint.workers.values {
            guard surplus > 0, case .idle(let since) = worker.phase else { continue }
            if since + timeout <= now {
                stop(worker.id, of: id)
                surplus -= 1
            } else if endpointTable[id]?.idleTimeoutArmed.map({ $0 <= now || since + timeout < $0 }) ?? true {
                endpointTable[id]?.idleTimeoutArmed = since + timeout
                events.schedule(.idleTimeout(id), at: since + timeout)
            }
        }
    }

    /// A release replaces idle and starting workers of older ones at once; running ones finish.
    private mutating func stopStaleWorkers(_ id: EndpointID) {
        guard let endpoint = endpointTable[id] else { return }
        for worker in endpoint.workers.values where worker.version != endpoint.version {
            if case .running = worker.phase { continue }
            stop(worker.id, of: id)
        }
    }
}

extension RunPodWorld.Worker.Phase {
    fileprivate var distanceFromWork: Int {
        switch self {
        case .throttled: 5
        case .unhealthy: 4
        case .pulling: 3
        case .loading: 2
        case .idle: 1
        case .running: 0
        }
    }
}
