internal import FoundationEssentials
internal import MartletAPI

extension EndpointSnapshot {
    /// What to do now. Level-triggered: nothing of `history` is needed for safety, only for patience.
    ///
    /// * Nothing is created but under an intent that this process recorded a moment ago, over a complete list younger than
    ///   the wish that shows no endpoint of the object's name.
    /// * Nothing is written to an endpoint that is neither recorded, nor adopted by the spec's word, nor ours by name and
    ///   marker; never to one that bears another object's marker, unless the spec adopts it.
    /// * The finalizer goes when the record is empty, and the record when a 404 was read for every endpoint of ours.
    package func plan(after history: EndpointHistory) -> EndpointPlan {
        var planner = EndpointPlanner(snapshot: self, history: history)
        return planner.plan()
    }
}

/// One decision in the making: the snapshot, and the history that it adds to.
struct EndpointPlanner {
    let snapshot: EndpointSnapshot
    var history: EndpointHistory

    var now: Date { snapshot.now }
    var record: EndpointRecord { snapshot.record }

    mutating func plan() -> EndpointPlan {
        var key: String?
        if case .usable(let fingerprint) = snapshot.key { key = fingerprint }
        history.refresh(generation: snapshot.generation, keyFingerprint: key)
        if history.recorded?.id != record.endpointID {
            history.recorded = record.endpointID.map { EndpointHistory.Recorded(id: $0, since: now) }
            history.missing = []
        }
        confirmWrites()
        if snapshot.isRetiring { return retire() }
        history.retiringSince = nil
        history.isAbandoned = false
        history.isRetained = false
        if snapshot.suspend { return observe() }
        guard let spec = snapshot.spec else { return closeWithoutSpec() }
        if case .unusable(let problem) = snapshot.key { return hold(.no, problem) }
        guard snapshot.list != nil else { return firstList() }
        return identify(spec)
    }

    /// Without a list nothing is known of what there is, so nothing is done.
    mutating func firstList() -> EndpointPlan {
        var plan = step(
            .readList(after: .distantPast, urgency: .closing), "The account has not been listed yet.", .unknown,
            .creating,
            "RunPod has not been asked yet.")
        if let problem = snapshot.listProblem {
            plan.finding = RunPodFinding(listFailed: problem)
        }
        return plan
    }

    /// Suspended: looks, and writes nothing.
    mutating func observe() -> EndpointPlan {
        let text = "spec.suspend is true: nothing is written to RunPod."
        if case .usable = snapshot.key, let stale = staleList() { return stale.told(.no, .suspended, text) }
        return hold(.no, .suspended, text)
    }

    /// A spec that is refused still may not leave a GPU on when its schedule closes.
    mutating func closeWithoutSpec() -> EndpointPlan {
        let text = "The spec is refused; only a closing is still carried out."
        guard case .usable = snapshot.key, let id = record.endpointID, isClosed else {
            return hold(.unknown, .notAccepted, text)
        }
        guard let endpoint = snapshot.list?[id], endpoint.mark != .another else {
            return staleList() ?? hold(.unknown, .notAccepted, text)
        }
        let seen = view(endpoint)
        guard seen.bounds != .disabled, history.block(.close, at: now) == nil else {
            return hold(.unknown, .notAccepted, text)
        }
        let change = EndpointChange(workers: .init(.disabled, idleTimeoutSeconds: seen.idleTimeoutSeconds))
        return step(
            .update(id: id, change, .closing), "The schedule closed while the spec is refused.", .unknown, .notAccepted,
            text)
    }

    // MARK: What is there

    /// Whether no worker may be.
    var isClosed: Bool {
        if let capacity = snapshot.capacity { return capacity.max == 0 }
        return snapshot.spec.map { $0.workers.max == 0 } ?? false
    }

    /// Endpoints of the object's name and marker, without those that a 404 proved gone.
    var ours: [ObservedEndpoint] {
        (snapshot.list?.endpoints ?? []).filter {
            $0.name == snapshot.name && $0.mark == .ours && history.gone[$0.id] == nil
        }
    }

    /// Which of several to keep: the one that is recorded, else the oldest, else the smallest id.
    var firstOfOurs: ObservedEndpoint? {
        ours.min {
            ($0.createdAt ?? .distantFuture, $0.id) < ($1.createdAt ?? .distantFuture, $1.id)
        }
    }

    /// An endpoint as it is with what was written and is not listed yet.
    func view(_ endpoint: ObservedEndpoint) -> ObservedEndpoint {
        history.pending[endpoint.id].map { $0.change.applied(to: endpoint) } ?? endpoint
    }

    /// Compares writes with the lists that began after them.
    mutating func confirmWrites() {
        guard let list = snapshot.list else { return }
        if let id = record.endpointID, list[id] != nil { history.recorded?.wasListed = true }
        if let creation = history.creation, list[creation.endpoint.id] != nil { history.creation = nil }
        for (id, write) in history.pending where list.began > write.time {
            guard let listed = list[id] else { continue }
            let isThere = write.change.applied(to: listed) == listed
            let mayLag = list.began < write.time.addingTimeInterval(EndpointTiming.consistency)
            if isThere || !mayLag { history.pending[id] = nil }
        }
        // A list may be behind for a while; what is listed long after its 404 is there after all.
        history.gone = history.gone.filter { list.began < $0.value.addingTimeInterval(EndpointTiming.undead) }
    }

    // MARK: Answers

    func step(
        _ step: EndpointStep, _ why: String, _ answer: RunPodFinding.Answer, _ reason: RunPodReason, _ message: String
    ) -> EndpointPlan {
        EndpointPlan(
            step: step, reason: why, finding: RunPodFinding(answer, reason, message), recheckAt: nil, history: history)
    }

    /// Does nothing until `until`, or until the next list is due.
    func hold(
        _ answer: RunPodFinding.Answer, _ reason: RunPodReason, _ message: String, until: Date? = nil
    ) -> EndpointPlan {
        let next = now.addingTimeInterval(EndpointTiming.listInterval)
        return EndpointPlan(
            step: .hold, reason: message, finding: RunPodFinding(answer, reason, message),
            recheckAt: min(until ?? next, next), history: history)
    }

    func hold(_ answer: RunPodFinding.Answer, _ problem: CallProblem, until: Date? = nil) -> EndpointPlan {
        hold(answer, problem.reason, problem.message, until: until)
    }

    /// The look that every endpoint of an account shares; nil while the last one is young enough.
    func staleList(after age: Double = EndpointTiming.listInterval, urgency: CallUrgency = .observation)
        -> EndpointPlan?
    {
        let limit = now.addingTimeInterval(-age)
        if let list = snapshot.list, list.began > limit { return nil }
        return step(
            .readList(after: limit, urgency: urgency), "The last list is over \(Int(age)) s old.", .unknown, .verifying,
            "RunPod is being asked.")
    }

    /// A list that began after `time`, asked for no more often than every few seconds; nil where there is one.
    func list(
        after time: Date, urgency: CallUrgency = .observation, _ finding: RunPodFinding
    ) -> EndpointPlan? {
        if let list = snapshot.list, list.began > time { return nil }
        let due = max(
            time.addingTimeInterval(EndpointTiming.verifyDelay),
            snapshot.list?.began.addingTimeInterval(EndpointTiming.verifyInterval) ?? .distantPast)
        guard now >= due else { return hold(finding.answer, finding.reason, finding.message, until: due) }
        return step(
            .readList(after: time, urgency: urgency), "A newer list is needed.", finding.answer, finding.reason,
            finding.message)
    }
}

extension EndpointPlan {
    /// The same step under another condition.
    func told(_ answer: RunPodFinding.Answer, _ reason: RunPodReason, _ message: String) -> EndpointPlan {
        var plan = self
        plan.finding = RunPodFinding(answer, reason, message)
        return plan
    }
}
