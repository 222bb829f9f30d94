internal import HTTPTransport
internal import RunPod

extension JobWait {
    /// Takes an event at `now` (any clock that never goes back) and says what to do.
    mutating func receive(_ event: Event, now: Duration) -> [Action] {
        switch event {
        case .began:
            began = now
            return start()
        case .interrupted: return interrupt()
        case .health(let health):
            queue.health = health
            return []
        case .bounds(let bounds):
            queue.bounds = bounds
            return []
        case .ended(let outcome, let ticket):
            guard ticket == self.ticket else { return [] }
            return take(outcome, now)
        }
    }

    /// How long it has been followed.
    func elapsed(_ now: Duration) -> Duration { now - began }

    private mutating func start() -> [Action] {
        switch state {
        case .fresh:
            state = .submitting
            return begin(.submit)
        case .following(let id): return begin(read(id))
        case .submitting, .submittingToCancel, .cancelling, .confirming, .ended: return []
        }
    }

    private mutating func interrupt() -> [Action] {
        switch state {
        case .fresh: return stop(.givenUp(nil))
        case .submitting:
            state = .submittingToCancel
            return []
        case .submittingToCancel: return stop(.givenUp(nil))
        case .following(let id):
            guard interruption == .cancelsJob else { return stop(.givenUp(id)) }
            return cancel(id, attempt: 1)
        case .cancelling(let id, _), .confirming(let id, _): return stop(.givenUp(id))
        case .ended: return []
        }
    }

    private mutating func take(_ outcome: Outcome, _ now: Duration) -> [Action] {
        switch (state, outcome) {
        case (.ended, _), (.fresh, _): return []
        case (_, .paused):
            guard let step = afterPause else { return [] }
            return begin(step) + looks(now)
        case (.submitting, .submitted(let job)):
            state = .following(job.id)
            return begin(read(job.id)) + looks(now)
        case (.submittingToCancel, .submitted(let job)): return cancel(job.id, attempt: 1)
        case (.submitting, .failed(let error)), (.submittingToCancel, .failed(let error)):
            return stop(error.mayHaveTakenEffect ? .submissionInDoubt(error) : .notSubmitted(error))
        case (.following(let id), .job(let job)): return followed(id, job, now)
        case (.following(let id), .page(let page)): return followed(id, page, now)
        case (.following(let id), .failed(let error)): return readFailed(id, error, now)
        case (.cancelling(let id, _), .cancelled(let job)):
            if job.status == .cancelled { return stop(.finished(merged(job))) }
            state = .confirming(id, since: now)
            return begin(.readJob(id))
        case (.cancelling(let id, let attempt), .failed(let error)): return cancelFailed(id, attempt, error, now)
        case (.confirming(let id, let since), .job(let job)):
            self.job = job
            if job.status.isTerminal { return stop(.finished(job)) }
            guard now - since < Self.longestConfirmation else { return stop(.cancelUnconfirmed(id, nil)) }
            return pause(Self.emptyPause, then: .readJob(id))
        case (.confirming(let id, let since), .failed(let error)):
            if error.isNotFound { return stop(.expired(id, lastSeen: .cancelled)) }
            guard error.isRetryable, now - since < Self.longestConfirmation else {
                return stop(.cancelUnconfirmed(id, error))
            }
            return pause(Self.retryPause, then: .readJob(id))
        case (.submitting, _), (.submittingToCancel, _), (.following, _), (.cancelling, _), (.confirming, _):
            return []
        }
    }
}

extension JobWait {
    private mutating func followed(_ id: JobID, _ job: Job, _ now: Duration) -> [Action] {
        failingSince = nil
        self.job = job
        if job.status.isTerminal { return stop(.finished(job)) }
        guard isUnderstood(job.status, now) else { return stop(.notUnderstood(id, status: job.status.rawValue)) }
        return pause(Self.pause(after: elapsed(now)), then: read(id), id, now)
    }

    private mutating func followed(_ id: JobID, _ page: JobStreamPage, _ now: Duration) -> [Action] {
        failingSince = nil
        if let status = page.status { job = merged(Job(id: id, status: status)) }
        if !page.chunks.isEmpty { return outwaited(id, now) ?? begin(.readPage(id)) }
        // Drained, or a worker that streams nothing: its status says whether more can come, and why not.
        guard let status = page.status, !status.isTerminal else { return begin(.readJob(id)) }
        guard isUnderstood(status, now) else { return stop(.notUnderstood(id, status: status.rawValue)) }
        return pause(Self.emptyPause, then: .readPage(id), id, now)
    }

    private mutating func readFailed(_ id: JobID, _ error: RunPodError, _ now: Duration) -> [Action] {
        if error.isNotFound {
            // Where the end was told already, only the details have gone.
            if let job { return stop(job.status.isTerminal ? .finished(job) : .expired(id, lastSeen: job.status)) }
            guard elapsed(now) < Self.grace else { return stop(.neverAppeared(id)) }
            return pause(Self.emptyPause, then: read(id), id, now)
        }
        if reading == .chunks, error.mayHaveLostChunks { lostPages += 1 }
        let since = failingSince ?? now
        failingSince = since
        guard error.isRetryable, now - since < Self.longestOutage else { return stop(.unreadable(id, error)) }
        return pause(max(Self.retryPause, error.askedPause), then: read(id), id, now)
    }

    private mutating func cancel(_ id: JobID, attempt: Int) -> [Action] {
        state = .cancelling(id, attempt: attempt)
        return begin(.cancel(id))
    }

    private mutating func cancelFailed(
        _ id: JobID, _ attempt: Int, _ error: RunPodError, _ now: Duration
    ) -> [Action] {
        if error.isNotFound, job != nil || elapsed(now) >= Self.grace {
            return stop(.expired(id, lastSeen: job?.status ?? .inQueue))
        }
        guard error.isNotFound || error.isRetryable, attempt < Self.cancelAttempts else {
            return stop(.cancelUnconfirmed(id, error))
        }
        state = .cancelling(id, attempt: attempt + 1)
        return pause(max(Self.retryPause, error.askedPause), then: .cancel(id))
    }

    private mutating func isUnderstood(_ status: JobStatus, _ now: Duration) -> Bool {
        guard case .unknown = status else {
            puzzledSince = nil
            return true
        }
        let since = puzzledSince ?? now
        puzzledSince = since
        return now - since < Self.longestPuzzle
    }

    private func read(_ id: JobID) -> Step {
        switch reading {
        case .status: .readJob(id)
        case .chunks: .readPage(id)
        }
    }

    private func merged(_ newer: Job) -> Job {
        guard var job else { return newer }
        job.status = newer.status
        job.output = newer.output ?? job.output
        job.failure = newer.failure ?? job.failure
        return job
    }
}

extension JobWait {
    private mutating func begin(_ step: Step) -> [Action] {
        ticket += 1
        afterPause = nil
        return [.begin(step, ticket)]
    }

    private mutating func pause(_ pause: Duration, then step: Step) -> [Action] {
        let actions = begin(.pause(pause))
        afterPause = step
        return actions
    }

    /// As above, but not beyond the end of the user's patience.
    private mutating func pause(_ pause: Duration, then step: Step, _ id: JobID, _ now: Duration) -> [Action] {
        if let stop = outwaited(id, now) { return stop }
        let left = patience.map { $0 - elapsed(now) } ?? pause
        return self.pause(min(pause, left), then: step)
    }

    private mutating func outwaited(_ id: JobID, _ now: Duration) -> [Action]? {
        guard let patience, elapsed(now) >= patience else { return nil }
        return stop(.outwaited(id, job?.status))
    }

    private mutating func stop(_ end: JobEnd) -> [Action] {
        state = .ended(end)
        return [.stop]
    }

    /// What is worth knowing of the endpoint while nothing runs.
    private mutating func looks(_ now: Duration) -> [Action] {
        guard case .following = state, job?.status != .inProgress else { return [] }
        var actions: [Action] = []
        let elapsed = elapsed(now)
        if elapsed >= nextHealth {
            nextHealth = elapsed + Self.healthPeriod
            actions.append(.lookAtHealth)
        }
        if elapsed >= nextBounds, queue.hasNoWorker {
            nextBounds = elapsed + Self.boundsPeriod
            actions.append(.lookAtBounds)
        }
        return actions
    }
}

extension RunPodError {
    /// Whether RunPod may have given chunks out that did not arrive.
    fileprivate var mayHaveLostChunks: Bool {
        switch cause {
        case .transport(let error): !error.nothingWasSent
        case .malformedAnswer, .server: true
        case .unauthorized, .forbidden, .paymentRequired, .notFound, .rateLimited, .quotaExceeded, .noCapacity,
            .invalid, .badRequest, .gone, .unexpected, .withheld, .expired, .cancelled:
            false
        }
    }

    /// How long RunPod asked to be left alone.
    fileprivate var askedPause: Duration { if case .rateLimited(let wait) = cause { wait } else { .zero } }
}
