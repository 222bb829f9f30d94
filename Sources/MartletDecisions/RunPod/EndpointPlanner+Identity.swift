internal import FoundationEssentials
internal import MartletAPI

extension EndpointPlanner {
    /// Finds the object's endpoint, or comes to the point where one may be created.
    mutating func identify(_ spec: ResolvedRunPod) -> EndpointPlan {
        if let id = spec.adoptEndpointID { return adopt(id, spec) }
        if let id = record.endpointID {
            if history.gone[id] != nil { return forget("\(id) is gone.") }
            if let listed = snapshot.list?[id] { return manageRecorded(listed, spec) }
            if let creation = history.creation, creation.endpoint.id == id,
                now < creation.time.addingTimeInterval(EndpointTiming.settle)
            {
                return manage(creation.endpoint, spec)
            }
            return missing(id, spec)
        }
        if let creation = history.creation { return keep(creation.endpoint.id) }
        if let found = firstOfOurs {
            history.say(.found(id: found.id))
            return keep(found.id)
        }
        if let intent = record.intent { return lost(intent, spec) }
        if let stranger = snapshot.list?.endpoints.first(where: {
            $0.name == snapshot.name && $0.mark != .ours && history.gone[$0.id] == nil
        }) {
            return staleList()
                ?? hold(
                    .no, .nameTaken,
                    "An endpoint of the name \(snapshot.name) (\(stranger.id)) exists and was not made for this object. "
                        + "Rename or delete it on RunPod, or take it over with adoptEndpointId.")
        }
        return create(spec)
    }

    private mutating func manageRecorded(_ listed: ObservedEndpoint, _ spec: ResolvedRunPod) -> EndpointPlan {
        guard listed.mark != .another else {
            return staleList()
                ?? hold(
                    .no, .ownedByAnother,
                    "Endpoint \(listed.id) bears another object's marker, so it is left alone. To take it over, name it in "
                        + "adoptEndpointId.")
        }
        if let refusal = refusedByRival(listed.id) { return refusal }
        if let key = usableKey, record.keyFingerprint != key, snapshot.list?.keyFingerprint == key {
            return keep(listed.id)
        }
        return manage(listed, spec)
    }

    private func refusedByRival(_ id: String) -> EndpointPlan? {
        guard let rival = snapshot.rival else { return nil }
        return hold(
            .no, .ownedByAnother,
            "Endpoint \(id) is managed by the older InferenceEndpoint \(rival); remove one of the two.")
    }

    /// By the spec's word, whatever its name and marker. Never creates: an id that is gone is its author's to replace.
    private mutating func adopt(_ id: String, _ spec: ResolvedRunPod) -> EndpointPlan {
        if let old = record.endpointID, old != id { return replace(old, by: id) }
        if record.endpointID == nil, let intent = record.intent {
            // A create that was under way before the spec named an endpoint; first it must be known what became of it.
            if let found = firstOfOurs, found.id != id { return keep(found.id) }
            if let plan = settled(intent) { return plan }
        }
        guard let listed = snapshot.list?[id], history.gone[id] == nil else {
            return staleList()
                ?? hold(
                    .no, .adoptedEndpointGone,
                    "The account has no endpoint \(id). Correct adoptEndpointId, or remove it and Martlet creates one.")
        }
        if let refusal = refusedByRival(id) { return refusal }
        if record.endpointID != id || usableKey.map({ $0 != record.keyFingerprint }) ?? false {
            if record.endpointID != id { history.say(.found(id: id)) }
            return keep(id)
        }
        return manage(listed, spec)
    }

    /// The spec names another endpoint than before: what Martlet made is deleted, what it had adopted is left as it is.
    private mutating func replace(_ old: String, by id: String) -> EndpointPlan {
        if let listed = snapshot.list?[old], history.gone[old] == nil, listed.mark == .ours,
            snapshot.deletionPolicy == .delete
        {
            return remove(listed, .verifying, "Endpoint \(old) makes way for \(id).")
        }
        history.say(.released(id: old))
        return write(EndpointRecord(), "Endpoint \(old) is let go; the spec names \(id).")
    }

    /// Records an endpoint as the object's.
    mutating func keep(_ id: String) -> EndpointPlan {
        guard snapshot.isMarked else { return mark() }
        return write(EndpointRecord(endpointID: id, keyFingerprint: usableKey), "Endpoint \(id) is this object's.")
    }

    func write(_ record: EndpointRecord, _ why: String) -> EndpointPlan {
        step(.record(record), why, .unknown, .creating, why)
    }

    func mark() -> EndpointPlan {
        step(
            .mark, "The finalizer stands before anything is made.", .unknown, .creating,
            "An endpoint is about to be created.")
    }

    func forget(_ why: String) -> EndpointPlan { write(EndpointRecord(), why) }

    var usableKey: String? { if case .usable(let fingerprint) = snapshot.key { fingerprint } else { nil } }

    /// Recorded, but not in the list: a list may be behind, a key may be another account's, or somebody deleted it.
    mutating func missing(_ id: String, _ spec: ResolvedRunPod?) -> EndpointPlan {
        guard let list = snapshot.list else { return firstList() }
        if let known = record.keyFingerprint, known != list.keyFingerprint {
            return staleList()
                ?? hold(
                    .no, .endpointNotInAccount,
                    "The account of this API key has no endpoint \(id), and only the key that it was last seen with could "
                        + "prove it gone. Restore a key of that account.")
        }
        let finding = RunPodFinding(.unknown, .verifying, "Endpoint \(id) is not listed; asking for it by its id.")
        // A list from before the record was seen says nothing about it.
        guard let recorded = history.recorded, list.began >= recorded.since else {
            return self.list(after: history.recorded?.since ?? now, finding)
                ?? hold(.unknown, .verifying, finding.message)
        }
        note(absenceIn: list, in: \.missing)
        // One that this process never saw may have been created a moment ago, and be unknown to lists and reads alike.
        let isOld = recorded.wasListed || list.began.timeIntervalSince(recorded.since) >= EndpointTiming.settle
        guard history.missing.count >= EndpointTiming.absences, isOld else {
            return self.list(after: list.began, finding) ?? hold(.unknown, .verifying, finding.message)
        }
        if let block = history.block(.verify, at: now) { return hold(.unknown, block.problem, until: block.until) }
        return step(.verifyGone(id: id), finding.message, finding.answer, finding.reason, finding.message)
    }

    /// Counts lists that are far enough apart to be two witnesses.
    mutating func note(absenceIn list: AccountList, in path: WritableKeyPath<EndpointHistory, [Date]>) {
        let last = history[keyPath: path].last
        guard last.map({ list.began >= $0.addingTimeInterval(EndpointTiming.absenceGap) }) ?? true else { return }
        history[keyPath: path].append(list.began)
        // The first and the latest tell all.
        if history[keyPath: path].count > 3 { history[keyPath: path].remove(at: 1) }
    }
}
