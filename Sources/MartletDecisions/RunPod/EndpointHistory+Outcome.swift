package import FoundationEssentials

extension EndpointHistory {
    /// Takes note of what became of `step` at `now`.
    package mutating func note(_ step: EndpointStep, _ outcome: StepOutcome, at now: Date) {
        switch step {
        case .hold, .mark, .release, .readList: break
        case .record(let record): noteRecord(record, outcome)
        case .create(let draft): noteCreate(draft, outcome, now)
        case .update(let id, let change, let urgency): noteUpdate(id, change, urgency, outcome, now)
        case .readHealth: noteHealth(outcome, now)
        case .delete(let id): noteDelete(id, outcome, now)
        case .verifyGone(let id): noteVerification(id, outcome, now)
        case .abandon(let endpoint):
            guard outcome == .done else { return }
            isAbandoned = true
            abandonedSince = endpoint.since
            say(.abandoned(id: endpoint.id))
        case .retain(let endpoint):
            guard outcome == .done else { return }
            isRetained = true
            if let id = endpoint.id { say(.released(id: id)) }
        }
    }

    private mutating func noteRecord(_ record: EndpointRecord, _ outcome: StepOutcome) {
        openIntent = nil
        guard outcome == .done else { return }
        absences = []
        missing = []
        if let intent = record.intent {
            openIntent = intent
            refusedIntent = nil
            lastPost = nil
        } else if record.endpointID == nil {
            refusedIntent = nil
            creation = nil
            pending = [:]
            openBounds = nil
        } else if let id = record.endpointID, creation?.endpoint.id != id {
            creation = nil
        }
    }

    private mutating func noteCreate(_ draft: EndpointDraft, _ outcome: StepOutcome, _ now: Date) {
        let intent = openIntent
        openIntent = nil
        lastPost = now
        absences = []
        switch outcome {
        case .created(let id):
            unblock(.create)
            var endpoint = ObservedEndpoint(id: id, name: draft.name, mark: .ours, bounds: draft.workers.bounds)
            endpoint.pools = draft.pools
            creation = Creation(endpoint: endpoint, time: now)
            if poolOffset != 0 { acceptedPools = draft.pools }
            say(.created(id: id))
        case .refused(let problem):
            refusedIntent = intent
            if problem.reason == .capacityRefused { poolOffset += 1 }
            block(.create, problem, isRefusal: true, at: now)
        case .failed(let problem):
            // Certainly not sent: as good as refused, and tried again sooner.
            refusedIntent = intent
            block(.create, problem, isRefusal: false, at: now)
        case .doubtful(let problem): block(.create, problem, isRefusal: false, at: now)
        case .done, .gone, .stillThere, .health, .conflict: break
        }
    }

    private mutating func noteUpdate(
        _ id: String, _ change: EndpointChange, _ urgency: CallUrgency, _ outcome: StepOutcome, _ now: Date
    ) {
        let kind: CallKind = urgency == .closing ? .close : .update
        switch outcome {
        case .done:
            unblock(kind)
            pending[id] = PendingWrite(change: change, time: now)
            sayUpdated(change, urgency, now)
        case .refused(let problem):
            if problem.reason == .capacityRefused, let gpu = change.gpu { acceptedPools = gpu.pools }
            block(kind, problem, isRefusal: urgency != .closing, at: now)
        case .doubtful(let problem), .failed(let problem): block(kind, problem, isRefusal: false, at: now)
        case .created, .gone, .stillThere, .health, .conflict: break
        }
    }

    private mutating func sayUpdated(_ change: EndpointChange, _ urgency: CallUrgency, _ now: Date) {
        switch urgency {
        case .closing:
            if change.workers?.bounds == .disabled {
                drain?.isOver = true
                say(.disabled)
            } else if drain != nil {
                say(.closing)
            }
        case .opening:
            if let bounds = change.workers?.bounds { say(.opened(bounds)) }
        case .correction:
            correctedAt.append(now)
            say(.corrected(settings: change.settings))
        case .observation: break
        }
    }

    private mutating func noteHealth(_ outcome: StepOutcome, _ now: Date) {
        switch outcome {
        case .health(let reading):
            unblock(.health)
            health = reading
            guard reading.jobs == 0, let drain, reading.time >= drain.startedAt else {
                drain?.idleSince = nil
                return
            }
            if drain.idleSince == nil { self.drain?.idleSince = reading.time }
        case .refused(let problem), .doubtful(let problem), .failed(let problem):
            drain?.idleSince = nil
            block(.health, problem, isRefusal: false, at: now)
        case .done, .created, .gone, .stillThere, .conflict: break
        }
    }

    private mutating func noteDelete(_ id: String, _ outcome: StepOutcome, _ now: Date) {
        var removal = removals[id] ?? Removal(sentAt: now, isAcknowledged: false, attempts: 0, nextCheck: now)
        removal.sentAt = now
        removal.attempts += 1
        removal.checks = 0
        removal.nextCheck = now
        switch outcome {
        case .done:
            unblock(.delete)
            removal.isAcknowledged = true
        case .gone:
            unblock(.delete)
            proveGone(id, now)
            return
        // A refusal says nothing of what is there; asking for it does.
        case .refused(let problem), .failed(let problem), .doubtful(let problem):
            block(.delete, problem, isRefusal: false, at: now)
        case .created, .stillThere, .health, .conflict: return
        }
        removals[id] = removal
    }

    private mutating func noteVerification(_ id: String, _ outcome: StepOutcome, _ now: Date) {
        switch outcome {
        case .gone:
            unblock(.verify)
            proveGone(id, now)
        case .stillThere:
            unblock(.verify)
            missing = []
            guard var removal = removals[id] else { return }
            removal.checks += 1
            let wait = min(EndpointTiming.longestRetry, EndpointTiming.firstRetry * Double(1 << min(removal.checks, 5)))
            removal.nextCheck = now.addingTimeInterval(wait)
            removals[id] = removal
        case .refused(let problem), .failed(let problem), .doubtful(let problem):
            block(.verify, problem, isRefusal: false, at: now)
        case .done, .created, .health, .conflict: break
        }
    }

    private mutating func proveGone(_ id: String, _ now: Date) {
        // What was created a moment ago may be unknown to reads for a while: 404 proves nothing yet.
        if let creation, creation.endpoint.id == id, now < creation.time.addingTimeInterval(EndpointTiming.settle) {
            var removal = removals[id] ?? Removal(sentAt: now, isAcknowledged: false, nextCheck: now)
            removal.checks += 1
            removal.nextCheck = now.addingTimeInterval(EndpointTiming.verifyInterval)
            removals[id] = removal
            return
        }
        say(removals[id] == nil ? .vanished(id: id) : .deleted(id: id))
        removals[id] = nil
        pending[id] = nil
        gone[id] = now
        missing = []
        if creation?.endpoint.id == id { creation = nil }
    }
}
