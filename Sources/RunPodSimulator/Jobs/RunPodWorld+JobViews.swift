extension RunPodWorld.Job {
    /// Before anything is known about it.
    var shortView: WireJSON { ["id": .string(id.text), "status": .string(status)] }
}

extension RunPodWorld {
    /// A job as `/status` shows it.
    func view(of job: Job) -> WireJSON {
        var members: [String: WireJSON] = ["id": .string(job.id.text), "status": .string(job.status)]
        switch job.state {
        case .queued: break
        case .running, .finished:
            members["delayTime"] = job.delay.map { WireJSON($0.wholeMilliseconds) }
            members["workerId"] = job.worker.map { .string($0.text) }
        }
        members["executionTime"] = job.execution.map { WireJSON($0.wholeMilliseconds) }
        members["output"] = job.output
        members["error"] = job.error.map(WireJSON.string)
        if job.retries > 0 { members["retries"] = WireJSON(job.retries) }
        return .object(members)
    }

    func health(of endpoint: Endpoint) -> WireJSON {
        let jobs = endpoint.jobs.values
        let counts: [String: WireJSON] = [
            "completed": WireJSON(endpoint.counters.completed), "failed": WireJSON(endpoint.counters.failed),
            "retried": WireJSON(endpoint.counters.retried), "inQueue": WireJSON(endpoint.queue.count),
            "inProgress": WireJSON(jobs.count { $0.status == "IN_PROGRESS" }),
        ]
        return [
            "jobs": .object(counts.filter { !settings.missingKeys.contains($0.key) }),
            "workers": workerCounts(of: endpoint),
        ]
    }

    /// Warm idle workers count as `idle` and as `ready`, running ones as neither.
    private func workerCounts(of endpoint: Endpoint) -> WireJSON {
        func count(_ status: String) -> Int { endpoint.workers.values.count { $0.phase.status == status } }
        var counts = [
            "idle": count("IDLE"), "ready": count("IDLE"), "initializing": count("INITIALIZING"),
            "running": count("RUNNING"), "throttled": count("THROTTLED"), "unhealthy": count("UNHEALTHY"),
        ]
        if settings.healthDisagreesWithWorkers {
            counts["throttled", default: 0] += counts["running", default: 0]
            counts["running"] = 0
        }
        return .object(counts.filter { !settings.missingKeys.contains($0.key) }.mapValues { WireJSON($0) })
    }

    func metrics(of endpoint: Endpoint) -> WireJSON {
        let ready = endpoint.workers.values.filter { $0.phase.status == "IDLE" }.map { WireJSON.string($0.id.text) }
        return ["readyWorkers": .array(ready), "workers": workerCounts(of: endpoint)]
    }

    // MARK: Pieces of a stream

    /// How many pieces the worker has handed over by now.
    private func pieces(of job: Job) -> Int {
        let count = job.behaviour.chunks
        guard count > 0 else { return 0 }
        let ran: Duration
        switch job.state {
        case .queued: return 0
        case .running(_, let since): ran = now - since
        case .finished(.completed, _): return count
        case .finished: ran = job.execution ?? .zero
        }
        let planned = max(1, job.plannedExecution.wholeMilliseconds)
        return Int(min(Int64(count), ran.wholeMilliseconds * Int64(count) / planned))
    }

    /// When the next piece comes; nil if none will.
    func nextPiece(of job: Job) -> SimulatedInstant? {
        guard case .running(_, let since) = job.state, job.behaviour.chunks > 0 else { return nil }
        let planned = job.plannedExecution.wholeMilliseconds
        let count = Int64(job.behaviour.chunks)
        let number = Int64(pieces(of: job)) + 1
        return since + .milliseconds((planned * number + count - 1) / count)
    }

    /// What was not handed out yet; it is handed out once.
    mutating func drain(_ jobID: JobID, of id: EndpointID) -> (status: String, pieces: [WireJSON])? {
        guard let job = endpointTable[id]?.jobs[jobID] else { return nil }
        let available = pieces(of: job)
        let first = min(job.drained, available)
        endpointTable[id]?.jobs[jobID]?.drained = available
        let limit = max(1, settings.jobs.chunkLimit)
        let pieces = (first..<available).flatMap { number -> [WireJSON] in
            var text = Substring("piece \(number) " + String(repeating: "x", count: job.behaviour.chunkBytes))
            var parts: [WireJSON] = []
            while !text.isEmpty {
                parts.append(["output": .string(String(text.prefix(limit)))])
                text = text.dropFirst(limit)
            }
            return parts
        }
        return (job.status, pieces)
    }
}
