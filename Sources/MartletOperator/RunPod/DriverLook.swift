internal import ControllerRuntime
internal import FoundationEssentials
internal import KubernetesModel
internal import MartletAPI
internal import MartletDecisions
internal import RunPod

/// Everything of one object that a decision rests on, and what carries it out.
struct DriverLook: Sendable {
    var endpoint: InferenceEndpoint
    var snapshot: EndpointSnapshot
    var account: RunPodAccount?
    var translation: EndpointTranslation
    /// What is wrong with the object's own Secret while another key stands in for it.
    var keyProblem: CallProblem?
    /// What schedules and override say, for the status.
    var schedule: EndpointScheduleReport
    var nextTransition: Date?
}

/// Gathers looks.
struct DriverGatherer: Sendable {
    let objects: any EndpointObjects
    let keys: RunPodKeys
    /// What schedules and override let an object have.
    let capacity: @Sendable (InferenceEndpoint, SpecResolution, Date) -> Capacity
    let demandsConsent: @Sendable () -> Bool
    let clusterID: String
    let time: any TimeSource

    func look(at seen: InferenceEndpoint, _ memory: inout DriverMemory) async throws -> DriverLook {
        let endpoint = memory.current(seen, at: time.uptime)
        let uid = endpoint.metadata.uid ?? ""
        let namespace = endpoint.key.namespace
        let name = OwnedName.name(namespace: namespace, name: endpoint.key.name, uid: uid)
        var resolved: ResolvedEndpoint?
        if case .accepted(let accepted) = memory.resolution { resolved = accepted }
        let isRemoved = resolved.map { $0.runpod == nil } ?? false
        let isRetiring = endpoint.metadata.isBeingDeleted || isRemoved
        if let spec = resolved?.runpod { memory.lastSpec = spec }
        if let secret = endpoint.runPodSecret {
            memory.lastSecret = SecretText(
                secret: ObjectKey(namespace: namespace, name: secret.name), key: secret.key,
                demandsConsent: demandsConsent())
        }
        let record = endpoint.record
        let choice = try await keys.choose(for: memory.lastSecret, record, held: &memory.keys)

        let spec = resolved?.runpod ?? (isRetiring ? memory.lastSpec : nil)
        let variables = try await variables(of: isRetiring ? nil : spec, in: namespace)
        let translation = EndpointTranslation(
            name: name, marker: OwnerMarker(cluster: clusterID, namespace: namespace, uid: uid), spec: spec,
            variables: try? variables.get())
        let now = time.now
        var snapshot = EndpointSnapshot(
            now: now, name: name, spec: spec, generation: endpoint.metadata.generation ?? 0,
            isMarked: RunPodController.finalizer.isOn(endpoint), record: record,
            key: choice.account.map { .usable(fingerprint: $0.fingerprint.rawValue) }
                ?? .unusable(choice.problem ?? CallProblem(.keyMissing, "There is no API key.")))
        snapshot.suspend = resolved?.suspend ?? false
        snapshot.isRetiring = isRetiring
        snapshot.deletionPolicy = deletionPolicy(of: endpoint, memory)
        if case .failure(let problem) = variables { snapshot.environmentProblem = problem }
        snapshot.rival = rival(of: endpoint, adopting: spec?.adoptEndpointID)
        let schedule = lookAtSchedule(endpoint, spec, &memory, &snapshot)
        if let account = choice.account {
            let ids = [record.endpointID, spec?.adoptEndpointID, memory.history.createdID].compactMap { $0 }
            snapshot.list = account.listing.map { listing in
                AccountList(
                    began: listing.began, keyFingerprint: account.fingerprint.rawValue,
                    endpoints: listing.endpoints(named: name, or: ids).map(translation.observed))
            }
            snapshot.listProblem = account.problem
        }
        return DriverLook(
            endpoint: endpoint, snapshot: snapshot, account: choice.account, translation: translation,
            keyProblem: choice.problem, schedule: schedule.report, nextTransition: schedule.next)
    }

    private func lookAtSchedule(
        _ endpoint: InferenceEndpoint, _ spec: ResolvedRunPod?, _ memory: inout DriverMemory,
        _ snapshot: inout EndpointSnapshot
    ) -> (report: EndpointScheduleReport, next: Date?) {
        let now = snapshot.now
        let capacity = capacity(endpoint, memory.resolution, now)
        snapshot.capacity = capacity.runpod
        if let spec {
            let seen = memory.capacity.observe(
                capacity, of: capacity.runpod, specMin: spec.workers.min, specMax: spec.workers.max, at: now)
            switch seen.change {
            case .edge(let instant): memory.pendingEdge = instant
            case .seen: memory.pendingEdge = nil
            case .nothing: break
            }
            snapshot.capacity?.since = seen.closing?.since ?? capacity.runpod?.since
        }
        snapshot.closedSince =
            endpoint.status?.schedule?.open == false
            ? endpoint.status?.schedule?.lastTransitionTime?.date : nil
        let report = EndpointScheduleReport(
            capacity, OverrideReading(of: endpoint, at: now), lastTransition: memory.capacity.lastTransition, now: now)
        return (report, capacity.nextTransition)
    }

    /// A malformed spec still says what is to become of its endpoint, if anything does.
    private func deletionPolicy(of endpoint: InferenceEndpoint, _ memory: DriverMemory) -> RunPodDeletionPolicy {
        if case .valid(let spec) = endpoint.spec, let runpod = spec.runpod { return runpod.deletionPolicy ?? .delete }
        return memory.lastSpec?.deletionPolicy ?? .delete
    }

    /// An endpoint that is recorded belongs to whoever recorded it; of several that adopt one, to the oldest object.
    private func rival(of endpoint: InferenceEndpoint, adopting id: String?) -> String? {
        guard let id, endpoint.record.endpointID != id else { return nil }
        return objects.all.filter { other in
            other.metadata.uid != endpoint.metadata.uid && !other.metadata.isBeingDeleted
                && (other.record.endpointID == id || other.adopts(id) && other.isOlder(than: endpoint))
        }.map(\.key).min()?.description
    }

    /// The variables with their values; the failure says which Secret lacks what.
    private func variables(
        of spec: ResolvedRunPod?, in namespace: String
    ) async throws -> Result<[String: String], CallProblem> {
        var values: [String: String] = [:]
        for variable in spec?.env ?? [] {
            switch variable.source {
            case .value(let value): values[variable.name] = value
            case .secret(let reference):
                let text = SecretText(
                    secret: ObjectKey(namespace: namespace, name: reference.name), key: reference.key,
                    demandsConsent: demandsConsent())
                do { values[variable.name] = try await objects.text(text) } catch let problem as CredentialProblem {
                    return .failure(
                        CallProblem(RunPodReason(rawValue: problem.reason) ?? .secretNotFound, problem.message))
                }
            }
        }
        return .success(values)
    }
}

extension InferenceEndpoint {
    /// Whether the endpoint of that id is this object's, or is to become it.
    func uses(_ id: String) -> Bool { record.endpointID == id || adopts(id) }

    fileprivate func adopts(_ id: String) -> Bool {
        guard case .valid(let spec) = spec else { return false }
        return spec.runpod?.adoptEndpointId == id
    }

    fileprivate func isOlder(than other: InferenceEndpoint) -> Bool {
        let (mine, others) = (metadata.creationTimestamp?.date, other.metadata.creationTimestamp?.date)
        return (mine ?? .distantFuture, metadata.uid ?? "") < (others ?? .distantFuture, other.metadata.uid ?? "")
    }
}
