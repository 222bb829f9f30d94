extension RunPodWorld {
    /// The job plane's answer, with its effects.
    mutating func answerJobs(_ request: SimulatedRequest) -> SimulatedAnswer {
        do throws(Refusal) {
            return try routeJobs(request)
        } catch {
            return .response(error.response)
        }
    }

    private mutating func routeJobs(_ request: SimulatedRequest) throws(Refusal) -> SimulatedAnswer {
        guard let header = request.authorization, let key = keys[Self.token(of: header)], key.isValid(at: now) else {
            throw Refusal(JobProblem.unauthorized)
        }
        guard let route = JobRoute(request.path), let id = request.endpoint else { throw Refusal(JobProblem.noRoute) }
        guard let endpoint = endpointTable[id], endpoint.account == key.account, endpoint.jobsKnownFrom <= now,
            endpoint.configuration.kind == .queue
        else { throw Refusal(JobProblem.noEndpoint) }
        guard methods(of: route).contains(request.method) else {
            throw Refusal(JobProblem.response(405, "method not allowed"))
        }
        if key.right == .readOnly, !route.isRead { throw Refusal(JobProblem.forbidden) }
        try admit(route, to: id)
        if settings.idleClock.anyCallResets { restartIdleClock(id) }
        switch route {
        case .run: return .response(.json(200, try submit(request, to: id, isSync: false).shortView))
        case .runsync:
            let job = try submit(request, to: id, isSync: true)
            return hold(.job(job.id), of: id, "runsync", for: try waitTime(of: request, default: 90_000))
        case .openai(let path): return try answerOpenAI(path, request, of: id)
        case .status(let job): return .response(.json(200, view(of: try knownJob(job, of: id))))
        case .statusSync(let job):
            _ = try knownJob(job, of: id)
            return hold(.job(job), of: id, "status", for: try waitTime(of: request, default: 90_000))
        case .stream(let job):
            _ = try knownJob(job, of: id)
            return hold(.stream(job), of: id, "stream", for: try waitTime(of: request, default: 10_000))
        case .cancel(let job): return .response(.json(200, try cancel(job, of: id)))
        case .retry(let job): return .response(.json(200, try retry(job, of: id)))
        case .purgeQueue: return .response(.json(200, purgeQueue(of: id)))
        case .health: return .response(.json(200, health(of: endpoint)))
        case .metrics: return .response(.json(200, metrics(of: endpoint)))
        case .requests:
            return .response(.json(200, ["requests": .array(endpoint.jobs.values.map(view(of:)))]))
        }
    }

    private func methods(of route: JobRoute) -> [String] {
        switch route {
        case .run, .runsync, .cancel, .retry, .purgeQueue: ["POST"]
        case .openai: ["GET", "POST"]
        case .status, .statusSync, .stream, .health, .requests, .metrics: ["GET"]
        }
    }

    /// The 10-second windows and the number of requests held at once.
    private mutating func admit(_ route: JobRoute, to id: EndpointID) throws(Refusal) {
        guard let name = route.limit, let base = settings.jobs.limits[name] else { return }
        let running = workers(of: id).count { $0.phase.status == "RUNNING" }
        let limit = max(base, running * settings.jobs.limitPerWorker)
        let isAdmitted = endpointTable[id]?.jobWindows[name, default: SlidingWindow()].admit(at: now, limit: limit)
        guard isAdmitted == true else { throw Refusal(JobProblem.tooMany) }
        guard let concurrent = settings.jobs.concurrent[name] else { return }
        let held = waits.values.count { $0.endpoint == id && $0.limit == name }
        if held >= concurrent { throw Refusal(JobProblem.tooMany) }
    }

    private func waitTime(of request: SimulatedRequest, default milliseconds: Int) throws(Refusal) -> Duration {
        guard let text = request.query["wait"] else { return .milliseconds(milliseconds) }
        guard let wait = Int(text), (1000...300_000).contains(wait) else {
            throw Refusal(JobProblem.response(400, "wait must be between 1000 and 300000"))
        }
        return .milliseconds(wait)
    }

    private func knownJob(_ id: JobID, of endpoint: EndpointID) throws(Refusal) -> Job {
        guard let job = endpointTable[endpoint]?.jobs[id], job.submittedAt + settings.lag.statusAfterRun <= now else {
            throw Refusal(JobProblem.noJob)
        }
        return job
    }

    // MARK: Submission

    private mutating func submit(
        _ request: SimulatedRequest, to id: EndpointID, isSync: Bool
    ) throws(Refusal) -> Job {
        let rules = settings.jobs
        guard request.body.count <= (isSync ? rules.runSyncLimit : rules.runLimit) else {
            throw Refusal(JobProblem.response(rules.tooLargeStatus, "request body too large"))
        }
        guard let body = WireJSON(parsing: request.body), let input = body["input"] else {
            throw Refusal(JobProblem.response(400, "missing input"))
        }
        return try submit(input, body: body, to: id, isSync: isSync)
    }

    mutating func submit(
        _ input: WireJSON, body: WireJSON, to id: EndpointID, isSync: Bool
    ) throws(Refusal) -> Job {
        guard queue(of: id).count < settings.jobs.queueCeiling else {
            throw Refusal(JobProblem.response(429, "queue is full"))
        }
        let week = 7 * 86_400_000
        let timeout = try policy("executionTimeout", of: body, within: 5_000...week)
        let ttl = try policy("ttl", of: body, within: 10_000...week)
        let uuid = random.uuid()
        let job = Job(
            id: JobID(isSync ? "sync-\(uuid)-u1" : "\(uuid)-u1"), input: input, webhook: body["webhook"]?.string,
            isSync: isSync, isLowPriority: body["policy"]?["lowPriority"]?.bool ?? false, executionTimeout: timeout,
            timeToLive: ttl ?? settings.jobs.timeToLive, submittedAt: now, state: .queued(since: now))
        restartIdleClock(id)
        enqueue(job, in: id)
        return endpointTable[id]?.jobs[job.id] ?? job
    }

    private func policy(
        _ name: String, of body: WireJSON, within range: ClosedRange<Int>
    ) throws(Refusal) -> Duration? {
        guard let value = body["policy"]?[name] else { return nil }
        guard let milliseconds = value.integer, range.contains(milliseconds) else {
            throw Refusal(
                JobProblem.response(400, "policy.\(name) must be between \(range.lowerBound) and \(range.upperBound)"))
        }
        return .milliseconds(milliseconds)
    }

    // MARK: Orders about jobs

    private mutating func cancel(_ jobID: JobID, of id: EndpointID) throws(Refusal) -> WireJSON {
        let job = try knownJob(jobID, of: id)
        // Of a finished job the answer is what it is: repeating a cancel does no harm.
        guard !job.isFinished else { return job.shortView }
        finish(jobID, of: id, .cancelled)
        if case .running(let worker, _) = job.state { free(worker, of: id) }
        rescale(id)
        return ["id": .string(jobID.text), "status": "CANCELLED"]
    }

    private mutating func retry(_ jobID: JobID, of id: EndpointID) throws(Refusal) -> WireJSON {
        var job = try knownJob(jobID, of: id)
        switch job.state {
        case .finished(.failed, _), .finished(.timedOut, _): break
        case .finished(.completed, _), .finished(.cancelled, _), .queued, .running:
            throw Refusal(JobProblem.response(400, "only failed or timed out jobs can be retried"))
        }
        job.state = .queued(since: now)
        job.step += 1
        job.attempts = 0
        job.output = nil
        job.error = nil
        job.execution = nil
        endpointTable[id]?.jobs[jobID] = job
        endpointTable[id]?.queue.append(jobID)
        armQueueDelays(id)
        restartIdleClock(id)
        rescale(id)
        return ["id": .string(jobID.text), "status": "IN_QUEUE"]
    }

    private mutating func purgeQueue(of id: EndpointID) -> WireJSON {
        let queue = queue(of: id)
        for job in queue {
            if settings.jobs.showsPurged { finish(job, of: id, .cancelled) } else { forget(job, of: id) }
        }
        rescale(id)
        return ["removed": WireJSON(queue.count), "status": "completed"]
    }
}
