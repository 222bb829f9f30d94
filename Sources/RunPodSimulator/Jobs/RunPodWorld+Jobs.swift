extension RunPodWorld {
    /// Puts a job into the queue and lets the scaler look.
    mutating func enqueue(_ job: Job, in id: EndpointID) {
        endpointTable[id]?.jobs.insert(job, for: job.id)
        endpointTable[id]?.queue.append(job.id)
        armQueueDelay(id, since: now)
        events.schedule(.jobExpires(id, job.id), at: job.submittedAt + job.timeToLive)
        rescale(id)
    }

    private mutating func armQueueDelay(_ id: EndpointID, since: SimulatedInstant) {
        guard case .queueDelay(let delay)? = endpointTable[id]?.configuration.scaling else { return }
        events.schedule(.queueDelay(id), at: since + Self.queueDelay(delay))
    }

    /// After a change of the scaler: every waiting job counts anew under the new rule.
    mutating func armQueueDelays(_ id: EndpointID) {
        for job in queue(of: id) {
            if case .queued(let since)? = endpointTable[id]?.jobs[job]?.state { armQueueDelay(id, since: since) }
        }
    }

    /// Hands waiting jobs to idle workers, the oldest job first.
    mutating func dispatch(_ id: EndpointID) {
        guard !queue(of: id).isEmpty else { return }
        for worker in workers(of: id) {
            guard case .idle = worker.phase, let next = queue(of: id).first else { continue }
            endpointTable[id]?.queue.removeFirst()
            start(next, on: worker.id, of: id)
        }
    }

    private mutating func start(_ jobID: JobID, on worker: WorkerID, of id: EndpointID) {
        endpointTable[id]?.workers[worker]?.phase = .running(jobID)
        endpointTable[id]?.workers[worker]?.step += 1
        guard let endpoint = endpointTable[id], var job = endpoint.jobs[jobID], case .queued(let since) = job.state
        else { return }
        let image = endpoint.workers[worker]?.image ?? ""
        job.behaviour = JobBehaviour(of: job.input, otherwise: behaviour(ofImage: image).job)
        job.plannedExecution = random.duration(in: job.behaviour.execution)
        job.state = .running(worker, since: now)
        job.step += 1
        job.attempts += 1
        job.delay = now - since
        job.worker = worker
        job.drained = 0
        endpointTable[id]?.jobs[jobID] = job

        let limit = job.executionTimeout ?? .milliseconds(endpoint.configuration.timeout)
        let end: (after: Duration, how: AttemptEnd) =
            job.behaviour.ending == .hangs
            ? (settings.jobs.lostAfter, .lost) : (job.plannedExecution, .reported)
        let isCut = limit > .zero && limit < end.after
        events.schedule(
            .attemptEnds(id, jobID, step: job.step, isCut ? .overTime : end.how), at: now + (isCut ? limit : end.after))
    }

    // MARK: Ends

    mutating func attemptEnds(_ id: EndpointID, _ jobID: JobID, step: Int, _ end: AttemptEnd) {
        guard let job = endpointTable[id]?.jobs[jobID], job.step == step, case .running(let worker, _) = job.state
        else { return }
        switch end {
        case .reported:
            report(job, of: id)
            free(worker, of: id)
        case .lost:
            attemptLost(id, jobID)
            free(worker, of: id)
        case .overTime:
            endpointTable[id]?.jobs[jobID]?.error = "job timed out"
            finish(jobID, of: id, settings.jobs.executionTimeoutFails ? .failed : .timedOut)
            stop(worker, of: id)
        }
        rescale(id)
    }

    private mutating func report(_ job: Job, of id: EndpointID) {
        switch job.behaviour.ending {
        case .hangs: break
        case .completes:
            // A generator that does not gather its pieces leaves no output.
            if job.behaviour.chunks == 0 {
                endpointTable[id]?.jobs[job.id]?.output = job.input["lab"]?["output"] ?? ["echo": job.input]
            }
            finish(job.id, of: id, .completed)
        case .fails(let message):
            let error: WireJSON = [
                "error_type": "<class 'ValueError'>", "error_message": .string(message), "error_traceback": "",
                "hostname": .string("\(id)-lab"), "worker_id": WireJSON(job.worker?.text),
                "runpod_version": "1.12.0",
            ]
            endpointTable[id]?.jobs[job.id]?.error = error.text
            finish(job.id, of: id, .failed)
        }
    }

    /// The worker never reported back: one more attempt, then the job has failed.
    mutating func attemptLost(_ id: EndpointID, _ jobID: JobID) {
        guard var job = endpointTable[id]?.jobs[jobID], !job.isFinished else { return }
        guard job.attempts < 2 else {
            endpointTable[id]?.jobs[jobID]?.error = "job timed out after 1 retries"
            return finish(jobID, of: id, .failed)
        }
        job.state = .queued(since: now)
        job.step += 1
        job.retries += 1
        endpointTable[id]?.jobs[jobID] = job
        endpointTable[id]?.queue.insert(jobID, at: 0)
        endpointTable[id]?.counters.retried += 1
        armQueueDelay(id, since: now)
    }

    mutating func finish(_ jobID: JobID, of id: EndpointID, _ outcome: Job.Outcome) {
        guard var job = endpointTable[id]?.jobs[jobID], !job.isFinished else { return }
        if case .running(_, let since) = job.state { job.execution = now - since }
        job.state = .finished(outcome, at: now)
        job.step += 1
        endpointTable[id]?.jobs[jobID] = job
        endpointTable[id]?.queue.removeAll { $0 == jobID }
        switch outcome {
        case .completed: endpointTable[id]?.counters.completed += 1
        case .failed, .timedOut: endpointTable[id]?.counters.failed += 1
        case .cancelled: break
        }
        let retention = job.isSync ? settings.jobs.retentionSync : settings.jobs.retentionAsync
        events.schedule(.jobForgotten(id, jobID, step: job.step), at: now + retention)
    }

    /// The worker has nothing to do any more.
    mutating func free(_ worker: WorkerID, of id: EndpointID) {
        guard endpointTable[id]?.workers[worker] != nil else { return }
        endpointTable[id]?.workers[worker]?.phase = .idle(since: now)
        endpointTable[id]?.workers[worker]?.step += 1
    }

    /// Its time to live is over: gone, even from under a worker.
    mutating func jobExpires(_ id: EndpointID, _ jobID: JobID) {
        guard let job = endpointTable[id]?.jobs[jobID] else { return }
        if settings.jobs.showsExpired, case .queued = job.state {
            finish(jobID, of: id, .timedOut)
        } else {
            forget(jobID, of: id)
        }
        rescale(id)
    }

    mutating func jobForgotten(_ id: EndpointID, _ jobID: JobID, step: Int) {
        guard endpointTable[id]?.jobs[jobID]?.step == step else { return }
        forget(jobID, of: id)
    }

    /// Takes a job away without a trace.
    mutating func forget(_ jobID: JobID, of id: EndpointID) {
        guard let job = endpointTable[id]?.jobs.remove(jobID) else { return }
        endpointTable[id]?.queue.removeAll { $0 == jobID }
        if case .running(let worker, _) = job.state { free(worker, of: id) }
    }
}

extension RunPodWorld.JobBehaviour {
    /// What `input.lab` asks for: `{"seconds": 3, "fails": "text", "hangs": true, "chunks": 5}`. The worker of an empty input
    /// refuses it without ever reporting back.
    init(of input: WireJSON, otherwise: RunPodWorld.JobBehaviour) {
        self = otherwise
        if input == [:] { ending = .hangs }
        guard let lab = input["lab"] else { return }
        if let seconds = lab["seconds"]?.number, (0...10_000_000).contains(seconds) {
            execution = .exactly(.milliseconds(Int64(seconds * 1000)))
        }
        if let message = lab["fails"]?.string { ending = .fails(message) }
        if lab["hangs"]?.bool == true { ending = .hangs }
        if let count = lab["chunks"]?.integer, (0...10_000).contains(count) { chunks = count }
        if let bytes = lab["chunkBytes"]?.integer, (0...(8 << 20)).contains(bytes) { chunkBytes = bytes }
    }
}
