internal import FoundationEssentials
internal import MartletAPI

extension EndpointPlanner {
    /// From the wish to the intent.
    mutating func create(_ spec: ResolvedRunPod) -> EndpointPlan {
        guard !isClosed else { return closedWithoutEndpoint() }
        if let block = history.block(.create, at: now) { return hold(.no, block.problem, until: block.until) }
        if let problem = snapshot.environmentProblem { return hold(.no, problem) }
        guard snapshot.isMarked else { return mark() }
        let wanted = history.createWantedAt ?? now
        history.createWantedAt = wanted
        if snapshot.list.map({ $0.began < wanted }) ?? true {
            return step(
                .readList(after: wanted.addingTimeInterval(-0.001), urgency: .opening),
                "Before a create, a complete list must show that there is none.", .unknown, .creating,
                "Looking whether the endpoint exists already.")
        }
        // Whole seconds, as the API keeps them: what is read back must equal what was written.
        let time = Date(timeIntervalSince1970: now.timeIntervalSince1970.rounded(.down))
        return write(
            EndpointRecord(
                intent: RecordedIntent(name: snapshot.name, time: time), keyFingerprint: usableKey),
            "The intent stands before the create.")
    }

    private mutating func closedWithoutEndpoint() -> EndpointPlan {
        history.createWantedAt = nil
        history.drain = nil
        return hold(.yes, .closed, "Closed; there is no endpoint.")
    }

    /// A create that is about to be sent, was refused, or whose answer never came.
    mutating func lost(_ intent: RecordedIntent, _ spec: ResolvedRunPod) -> EndpointPlan {
        history.createWantedAt = nil
        if history.openIntent == intent {
            let isFresh = now.timeIntervalSince(intent.time) < EndpointTiming.intentLifetime
            guard isFresh, !isClosed, snapshot.environmentProblem == nil else { return forget("Nothing was sent.") }
            guard snapshot.isMarked else { return mark() }
            return send(spec)
        }
        if history.refusedIntent == intent { return forget("The create was refused: nothing was made.") }
        if let plan = settled(intent) { return plan }
        return forget("Complete lists show that the create of \(intent.time) never took effect.")
    }

    private func send(_ spec: ResolvedRunPod) -> EndpointPlan {
        let bounds = RunPodBounds(min: 0, max: openBounds(spec).max)
        let pools = spec.gpu?.pools ?? []
        let turn = pools.isEmpty ? 0 : history.poolOffset % pools.count
        let draft = EndpointDraft(
            name: snapshot.name,
            workers: .init(bounds, idleTimeoutSeconds: spec.workers.idleTimeoutSeconds),
            pools: Array(pools[turn...] + pools[..<turn]))
        return step(
            .create(draft), "No list shows an endpoint of this object.", .unknown, .creating,
            "The endpoint is being created.")
    }

    /// What is to be done until it is certain that the create of `intent` never took effect; nil: it is.
    mutating func settled(_ intent: RecordedIntent) -> EndpointPlan? {
        let from = max(intent.time, history.lastPost ?? intent.time).addingTimeInterval(EndpointTiming.settle)
        let message = "It is not known whether a create took effect; looking for the endpoint before anything else."
        guard let list = snapshot.list else { return firstList() }
        if history.abandonedSince == intent.time { return nil }
        if let known = record.keyFingerprint, known != list.keyFingerprint { return unreachable(intent) }
        if list.began >= from { note(absenceIn: list, in: \.absences) }
        if history.absences.count >= EndpointTiming.absences { return nil }
        // Often at first, since most lost answers are found at once; seldom later.
        let age = max(0, now.timeIntervalSince(history.lastPost ?? intent.time))
        let gap = max(EndpointTiming.verifyDelay, min(age / 2, EndpointTiming.verifyInterval * 2))
        let due = list.began.addingTimeInterval(gap)
        guard now >= due else { return hold(.unknown, .creating, message, until: due) }
        return step(.readList(after: list.began, urgency: .opening), message, .unknown, .creating, message)
    }

    /// The account in which the create may have taken effect can't be seen with this key. It is waited for, and then what
    /// may be there is not forgotten: nothing stands in it, but somebody should look.
    private func unreachable(_ intent: RecordedIntent) -> EndpointPlan {
        let end = intent.time.addingTimeInterval(EndpointTiming.abandonAfter)
        let message =
            "A create may have taken effect in the account of another API key than the present one. Restore that key; "
            + "after ten minutes the endpoint goes into the ledger of abandoned ones and a new one is made."
        guard now >= end else {
            return staleList()?.told(.unknown, .endpointNotInAccount, message)
                ?? hold(.unknown, .endpointNotInAccount, message, until: end)
        }
        return step(
            .abandon(
                UnmanagedEndpoint(
                    id: nil, name: intent.name, keyFingerprint: record.keyFingerprint, since: intent.time)),
            message, .unknown, .endpointNotInAccount, message)
    }
}
