internal import FoundationEssentials
internal import MartletAPI

extension EndpointPlanner {
    /// min 0 at once, then the drain, then max 0 or the end.
    mutating func close(_ endpoint: ObservedEndpoint, _ spec: ResolvedRunPod) -> EndpointPlan {
        history.openBounds = nil
        let seen = view(endpoint)
        if seen.bounds == .disabled { return finishClosing(endpoint, spec) }
        let since = min(snapshot.capacity?.since ?? snapshot.closedSince ?? now, now)
        let drain = history.drain ?? EndpointHistory.Drain(startedAt: since)
        history.drain = drain
        let idle = spec.workers.idleTimeoutSeconds
        let end = drain.startedAt.addingTimeInterval(Double(spec.drainSeconds))
        let isDrained = drain.isOver || now >= end || isIdle
        if let block = history.block(.close, at: now) { return hold(.no, block.problem, until: block.until) }
        if isDrained {
            if now >= end, !isIdle, !drain.isOver { history.say(.drainEnded(jobs: history.health?.jobs)) }
            let mayWait = isIdle && !drain.isOver && now < end && seen.bounds?.min == 0
            // It may have waited for its turn since the jobs were counted.
            if mayWait, let look = healthIfDue(endpoint.id) {
                return look.told(.yes, .draining, "Closing: no job was left a moment ago.")
            }
            return step(
                .update(
                    id: endpoint.id, EndpointChange(workers: .init(.disabled, idleTimeoutSeconds: idle)),
                    mayWait ? .cleanup : .closing),
                isIdle ? "No job is left." : "drainSeconds are over.", .unknown, .draining, "The drain is over.")
        }
        if seen.bounds?.min != 0 {
            let bounds = RunPodBounds(min: 0, max: seen.bounds?.max ?? spec.workers.max)
            return step(
                .update(id: endpoint.id, EndpointChange(workers: .init(bounds, idleTimeoutSeconds: idle)), .closing),
                "Closed: no worker stays that has no job.", .unknown, .draining, "The endpoint is closing.")
        }
        let jobs = history.health?.jobs
        let rest = jobs.map { "\($0) jobs are queued or running" } ?? "its jobs are not known"
        let message = "Closing: \(rest); the drain ends in \(max(0, Int(end.timeIntervalSince(now)))) s at the latest."
        if let look = healthIfDue(endpoint.id) { return look.told(.yes, .draining, message) }
        return hold(.yes, .draining, message, until: min(end, healthDue))
    }

    /// Two readings in a row without a job, some seconds apart.
    private var isIdle: Bool {
        guard let first = history.drain?.idleSince, let last = history.health, last.jobs == 0 else { return false }
        return last.time.timeIntervalSince(first) >= EndpointTiming.idleGap
    }

    private mutating func finishClosing(_ endpoint: ObservedEndpoint, _ spec: ResolvedRunPod) -> EndpointPlan {
        guard spec.whenClosed == .delete else { return closed(endpoint) }
        if history.removals[endpoint.id] == nil, !spec.discardJobs, let plan = leftOver(endpoint) { return plan }
        return remove(endpoint, .draining, "Closed: the endpoint is deleted; the next opening makes a new one.")
    }

    /// Deleting cancels jobs; without the spec's word for that they must be known to be none.
    private mutating func leftOver(_ endpoint: ObservedEndpoint) -> EndpointPlan? {
        var drain = history.drain ?? EndpointHistory.Drain(startedAt: now)
        drain.isOver = true
        history.drain = drain
        if isIdle { return nil }
        if drain.idleSince == nil, let health = history.health, health.jobs != 0 || history.blocks[.health] != nil,
            !drain.toldLeftOver
        {
            history.say(.jobsLeftOver(health.jobs))
            history.drain?.toldLeftOver = true
        } else if history.health == nil, history.blocks[.health] != nil, !drain.toldLeftOver {
            history.say(.jobsLeftOver(nil))
            history.drain?.toldLeftOver = true
        }
        let told = history.health?.jobs.map { "\($0) jobs are" } ?? "Perhaps jobs are"
        let message =
            "\(told) left after the drain, so the endpoint is disabled and not deleted. Cancel them "
            + "(`martlet purge`), or set discardJobs."
        if let look = healthIfDue(endpoint.id) { return look.told(.no, .jobsLeftOver, message) }
        return hold(.no, .jobsLeftOver, message, until: healthDue)
    }

    private mutating func closed(_ endpoint: ObservedEndpoint) -> EndpointPlan {
        history.drain = nil
        history.health = nil
        history.blocks[.health] = nil
        if let pending = history.pending[endpoint.id] {
            let finding = RunPodFinding(
                .yes, .verifying, "Closed; waiting for RunPod to list the endpoint without workers.")
            if let plan = list(after: pending.time, finding) { return plan }
            return list(after: snapshot.list?.began ?? now, finding) ?? hold(.yes, .verifying, finding.message)
        }
        return hold(.yes, .closed, "Closed: the endpoint \(endpoint.id) is kept without workers.")
    }

    /// Zero, DELETE, and asking until the answer is 404. Holds between the questions.
    mutating func remove(_ endpoint: ObservedEndpoint, _ reason: RunPodReason, _ why: String) -> EndpointPlan {
        let id = endpoint.id
        if history.gone[id] != nil {
            return record.endpointID == id ? forget("\(id) is gone.") : hold(.unknown, reason, why)
        }
        let removal = history.removals[id]
        // What can't be zeroed may still be deletable; what can't be deleted shall at least have no worker (F11).
        if view(endpoint).bounds != .disabled, history.block(.close, at: now) == nil {
            let change = EndpointChange(workers: .init(.disabled, idleTimeoutSeconds: endpoint.idleTimeoutSeconds))
            return step(.update(id: id, change, .closing), "\(why) First its workers go.", .unknown, reason, why)
        }
        if let removal {
            return pursue(removal, of: id, reason, why)
        }
        if let block = history.block(.delete, at: now) { return failing(block, id) }
        return step(.delete(id: id), why, .unknown, reason, why)
    }

    private func pursue(
        _ removal: EndpointHistory.Removal, of id: String, _ reason: RunPodReason, _ why: String
    ) -> EndpointPlan {
        if removal.checks > 0, now.timeIntervalSince(removal.sentAt) >= EndpointTiming.redelete,
            history.block(.delete, at: now) == nil
        {
            return step(
                .delete(id: id), "\(id) is still there.", .no, .deleteFailing, "\(id) is still there after a DELETE.")
        }
        if let block = history.block(.verify, at: now) { return failing(block, id) }
        guard now >= removal.nextCheck else {
            if let block = history.blocks[.delete], block.failures > 1 { return failing(block, id, removal.nextCheck) }
            return hold(.unknown, reason, why, until: removal.nextCheck)
        }
        return step(.verifyGone(id: id), "A DELETE is believed when a later read says 404.", .unknown, reason, why)
    }

    private func failing(_ block: EndpointHistory.Block, _ id: String, _ until: Date? = nil) -> EndpointPlan {
        hold(
            .no, .deleteFailing,
            "Endpoint \(id) can't be deleted yet: \(block.problem.message) It has no workers meanwhile, and is tried again.",
            until: until ?? block.until)
    }
}
