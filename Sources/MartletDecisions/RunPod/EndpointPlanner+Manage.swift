internal import FoundationEssentials
internal import MartletAPI

extension EndpointPlanner {
    /// Brings the object's endpoint to what is wanted, and its duplicates to an end.
    mutating func manage(_ endpoint: ObservedEndpoint, _ spec: ResolvedRunPod) -> EndpointPlan {
        guard snapshot.isMarked else { return mark() }
        history.createWantedAt = nil
        let plan = isClosed ? close(endpoint, spec) : open(endpoint, spec)
        guard plan.step == .hold else { return plan }
        history = plan.history
        for duplicate in ours where duplicate.id != endpoint.id {
            let removal = remove(duplicate, .verifying, "Endpoint \(duplicate.id) is a duplicate of \(endpoint.id).")
            guard removal.step == .hold else { return removal }
            history = removal.history
        }
        return rest(plan)
    }

    /// Nothing to do: what is left is to look, now or later.
    private func rest(_ plan: EndpointPlan) -> EndpointPlan {
        if let look = staleList() {
            return look.told(plan.finding.answer, plan.finding.reason, plan.finding.message)
        }
        var plan = plan
        plan.history = history
        if let list = snapshot.list {
            let due = list.began.addingTimeInterval(EndpointTiming.listInterval)
            plan.recheckAt = min(plan.recheckAt ?? due, due)
        }
        return plan
    }

    func openBounds(_ spec: ResolvedRunPod) -> RunPodBounds {
        guard let capacity = snapshot.capacity else {
            return RunPodBounds(min: spec.workers.min, max: spec.workers.max)
        }
        return RunPodBounds(min: min(capacity.min, capacity.max), max: capacity.max)
    }

    private mutating func open(_ endpoint: ObservedEndpoint, _ spec: ResolvedRunPod) -> EndpointPlan {
        history.drain = nil
        if let removal = history.removals[endpoint.id] {
            // Reopened while the endpoint was being deleted. A DELETE that RunPod took is not taken back.
            let isUndone =
                !removal.isAcknowledged
                && now.timeIntervalSince(removal.sentAt) >= EndpointTiming.longestRetry && removal.checks > 0
            guard isUndone else { return remove(endpoint, .verifying, "The endpoint is being replaced by a new one.") }
            history.removals[endpoint.id] = nil
        }
        let seen = view(endpoint)
        let bounds = openBounds(spec)
        let change = seen.change(toward: spec, bounds, pools: history.acceptedPools)
        if !change.isEmpty { return write(change, to: seen, bounds) }
        history.openBounds = bounds
        if let pending = history.pending[endpoint.id] {
            let finding = RunPodFinding(
                .unknown, .verifying,
                "Waiting for RunPod to list what was written: \(pending.change.settings.joined(separator: ", ")).")
            if let plan = list(after: pending.time, finding) { return plan }
            return list(after: snapshot.list?.began ?? now, finding) ?? hold(.unknown, .verifying, finding.message)
        }
        if let look = healthIfDue(endpoint.id) { return look }
        return judgeHealth(bounds)
    }

    /// Opening and lowering at once; what RunPod has put back, a few times an hour.
    private mutating func write(
        _ change: EndpointChange, to seen: ObservedEndpoint, _ bounds: RunPodBounds
    ) -> EndpointPlan {
        let old = seen.bounds ?? bounds
        let urgency: CallUrgency
        if change.workers == nil || history.openBounds == bounds {
            urgency = .correction
        } else if bounds.max < old.max || bounds.min < old.min {
            urgency = .closing
        } else {
            urgency = .opening
        }
        if let block = history.block(urgency == .closing ? .close : .update, at: now) {
            return hold(.no, block.problem, until: block.until)
        }
        let settings = change.settings
        if urgency == .correction {
            let hourAgo = now.addingTimeInterval(-EndpointTiming.correctionWindow)
            history.correctedAt.removeAll { $0 < hourAgo }
            if history.correctedAt.count >= EndpointTiming.corrections, let first = history.correctedAt.first {
                if !history.toldDrift { history.say(.driftReturns(settings: settings)) }
                history.toldDrift = true
                return hold(
                    .no, .driftReturns,
                    "RunPod puts back what was corrected (\(settings.joined(separator: ", "))); somebody else may be "
                        + "changing the endpoint. It is tried again at most \(EndpointTiming.corrections) times an hour.",
                    until: first.addingTimeInterval(EndpointTiming.correctionWindow))
            }
            history.toldDrift = false
        }
        return step(
            .update(id: seen.id, change, urgency),
            "Workers \(old.min)..\(old.max) become \(bounds.min)..\(bounds.max): \(settings.joined(separator: ", ")).",
            .unknown, .verifying, "The endpoint is being changed: \(settings.joined(separator: ", ")).")
    }

    // MARK: Health

    /// A look at the job plane when the last is old enough; nil otherwise, and while it does not answer.
    func healthIfDue(_ id: String) -> EndpointPlan? {
        guard history.block(.health, at: now) == nil, now >= healthDue else { return nil }
        return step(
            .readHealth(id: id), "Its jobs and workers were last counted \(healthInterval) s ago.", .unknown,
            .verifying,
            "The endpoint's jobs are being counted.")
    }

    private var healthInterval: Double {
        if let drain = history.drain {
            return drain.toldLeftOver ? EndpointTiming.healthLeftOver : EndpointTiming.healthBusy
        }
        return (history.health?.jobs ?? 0) > 0 ? EndpointTiming.healthBusy : EndpointTiming.healthIdle
    }

    var healthDue: Date {
        let last = history.health?.time.addingTimeInterval(healthInterval) ?? .distantPast
        return max(last, history.blocks[.health]?.until ?? .distantPast)
    }

    /// Whether the workers come: no capacity, a crash loop and a cold start look alike from outside and need different cures.
    private func judgeHealth(_ bounds: RunPodBounds) -> EndpointPlan {
        let due = healthDue
        guard let health = history.health else {
            return hold(.yes, .ready, "The endpoint is open with \(bounds.min) to \(bounds.max) workers.", until: due)
        }
        let workers = health.workers
        let isWanted = bounds.min > 0 || (health.jobs ?? 0) > 0
        let works = (workers.idle ?? 0) + (workers.running ?? 0) > 0
        if isWanted, !works {
            if let count = workers.unhealthy, count > 0 {
                return hold(
                    .no, .crashLooping,
                    "\(count) workers have crashed and none works: look into the worker's logs on RunPod; image, env and "
                        + "disk are the usual causes.", until: due)
            }
            if let count = workers.throttled, count > 0, (workers.initializing ?? 0) == 0 {
                return hold(
                    .no, .throttled,
                    "\(count) workers wait for a free GPU: add gpu.pools, or remove dataCenterIds and network volumes.",
                    until: due)
            }
            if let count = workers.initializing, count > 0 {
                return hold(
                    .no, .coldStart,
                    "\(count) workers are starting; pulling the image and loading the model takes a while.",
                    until: due)
            }
        }
        if let problem = snapshot.environmentProblem { return hold(.no, problem, until: due) }
        return hold(.yes, .ready, "The endpoint is open with \(bounds.min) to \(bounds.max) workers.", until: due)
    }
}
