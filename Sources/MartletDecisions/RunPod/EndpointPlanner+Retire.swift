internal import FoundationEssentials
internal import MartletAPI

extension EndpointPlanner {
    /// The object goes, or wants no endpoint any more: everything of it is deleted and proved gone, then the finalizer goes.
    mutating func retire() -> EndpointPlan {
        let since = history.retiringSince ?? now
        history.retiringSince = since
        history.openBounds = nil
        let leaving = "The endpoint is being deleted with its object."
        if history.isAbandoned || history.isRetained || record.isEmpty { return release() }
        if snapshot.deletionPolicy == .retain {
            guard snapshot.isMarked else { return release() }
            return step(
                .retain(remainder(since: since)), "deletionPolicy is Retain.", .unknown, .deleting,
                "The endpoint is left as it is.")
        }
        if case .unusable(let problem) = snapshot.key { return giveUp(problem, since) }
        if snapshot.list == nil, let problem = snapshot.listProblem, problem.reason.isOfKey {
            return giveUp(problem, since)
        }
        guard let list = snapshot.list else { return firstList() }
        if let problem = snapshot.listProblem, problem.reason.isOfKey, list.began < now.addingTimeInterval(-120) {
            return giveUp(problem, since)
        }

        var waiting: EndpointPlan?
        for endpoint in mine(list) {
            let plan = remove(endpoint, .deleting, leaving)
            guard plan.step == .hold else { return plan }
            history = plan.history
            if waiting.flatMap(\.recheckAt) ?? .distantFuture > plan.recheckAt ?? .distantFuture { waiting = plan }
        }
        if let waiting { return waiting }
        if let id = record.endpointID, list[id] == nil, history.gone[id] == nil {
            if let creation = history.creation, creation.endpoint.id == id {
                return remove(creation.endpoint, .deleting, leaving)
            }
            let known = record.keyFingerprint ?? list.keyFingerprint
            guard known == list.keyFingerprint else {
                return giveUp(
                    CallProblem(.endpointNotInAccount, "The account of this API key has no endpoint \(id)."), since)
            }
            if let removal = history.removals[id] {
                return now >= removal.nextCheck && history.block(.verify, at: now) == nil
                    ? step(
                        .verifyGone(id: id), "A DELETE is believed when a later read says 404.", .unknown, .deleting,
                        leaving)
                    : hold(
                        .unknown, .deleting, leaving,
                        until: max(removal.nextCheck, history.blocks[.verify]?.until ?? now))
            }
            return missing(id, nil)
        }
        if record.endpointID == nil, let intent = record.intent {
            if let creation = history.creation { return keepToDelete(creation.endpoint.id) }
            if history.openIntent == intent || history.refusedIntent == intent { return forget("Nothing was made.") }
            if let plan = settled(intent) { return plan.told(.unknown, .deleting, plan.finding.message) }
            return forget("The create never took effect.")
        }
        // By name once more: a create that was lost long ago may have come to light.
        let proof = history.gone.values.max() ?? .distantPast
        if let plan = self.list(after: proof, RunPodFinding(.unknown, .deleting, leaving)) { return plan }
        return forget("Every endpoint of the object is gone.")
    }

    /// An endpoint that is neither recorded nor marked is not touched, even now.
    private func mine(_ list: AccountList) -> [ObservedEndpoint] {
        var mine = ours
        if let id = record.endpointID, history.gone[id] == nil, let recorded = list[id],
            !mine.contains(where: { $0.id == id }),
            recorded.mark != .another || snapshot.spec?.adoptEndpointID == id, snapshot.rival == nil
        {
            mine.append(recorded)
        }
        return mine
    }

    private func keepToDelete(_ id: String) -> EndpointPlan {
        write(EndpointRecord(endpointID: id, keyFingerprint: usableKey), "Endpoint \(id) is this object's.")
    }

    private func remainder(since: Date) -> UnmanagedEndpoint {
        UnmanagedEndpoint(
            id: record.endpointID, name: snapshot.name, keyFingerprint: record.keyFingerprint, since: since)
    }

    private func release() -> EndpointPlan {
        guard snapshot.isMarked else { return hold(.yes, .closed, "Nothing of this object is left on RunPod.") }
        return step(.release, "Nothing is left to clean up.", .unknown, .deleting, "The object is let go.")
    }

    /// No key reaches the endpoint: a deleted object must not stand for ever, and what is left must not be forgotten.
    private mutating func giveUp(_ problem: CallProblem, _ since: Date) -> EndpointPlan {
        let end = since.addingTimeInterval(EndpointTiming.abandonAfter)
        guard now >= end else {
            if let stale = staleList(), case .usable = snapshot.key {
                return stale.told(.no, problem.reason, problem.message)
            }
            return hold(.no, problem, until: end)
        }
        return step(
            .abandon(remainder(since: since)), problem.message, .no, problem.reason, problem.message)
    }
}
