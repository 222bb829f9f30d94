internal import FoundationEssentials
internal import MartletAPI
internal import MartletDecisions
internal import RunPod

/// Between RunPod's endpoints and those that decisions know, for one object.
struct EndpointTranslation: Sendable {
    let name: String
    let marker: OwnerMarker
    let spec: ResolvedRunPod?
    /// The variables of the spec with their values, the marker not among them; nil: they can't be read now.
    let variables: [String: String]?

    /// Everything that the environment is to hold.
    var environment: EnvironmentVariables? {
        guard var values = variables else { return nil }
        values[RunPodSpec.ownerVariable] = marker.description
        return EnvironmentVariables(values)
    }

    /// An endpoint as decisions see it.
    func observed(_ endpoint: RunPodEndpoint) -> ObservedEndpoint {
        var seen = ObservedEndpoint(
            id: endpoint.id.rawValue, name: OwnedName.normalised(endpoint.name ?? ""), mark: mark(of: endpoint),
            bounds: endpoint.workers.map { RunPodBounds(min: $0.min, max: $0.max) })
        seen.idleTimeoutSeconds = endpoint.workers?.idleTimeout
        switch endpoint.scaling {
        case .queueDelay(let seconds): seen.scaling = .queueDelay(seconds: seconds)
        case .requestCount(let count): seen.scaling = .requestCount(perWorker: count)
        case .unknown: seen.scaling = .other
        case nil: seen.scaling = nil
        }
        seen.timeoutMilliseconds = endpoint.timeout
        switch endpoint.flashboot {
        case .off: seen.flashBoot = false
        case .flashboot, .priority: seen.flashBoot = true
        // A kind that came later is somebody's choice, not ours to judge.
        case .unknown, nil: seen.flashBoot = nil
        }
        seen.pools = endpoint.gpu?.pools?.map(\.rawValue)
        seen.gpuCount = endpoint.gpu?.count
        seen.image = endpoint.image
        seen.dataCenterIDs = endpoint.dataCenterIDs
        seen.networkVolumeIDs = endpoint.networkVolumes
        seen.environment = environment(of: endpoint)
        seen.createdAt = endpoint.createdAt
        return seen
    }

    private func mark(of endpoint: RunPodEndpoint) -> OwnerMark {
        guard let environment = endpoint.env else { return .untold }
        guard let owner = environment[RunPodSpec.ownerVariable] else { return .none }
        return owner == marker.description ? .ours : .another
    }

    private func environment(of endpoint: RunPodEndpoint) -> ObservedEnvironment {
        guard let found = endpoint.env, let wanted = environment(over: found) else { return .untold }
        return found == wanted ? .asWanted : .differs
    }

    /// What an endpoint's environment is to become: a template's own variables stay.
    private func environment(over found: EnvironmentVariables) -> EnvironmentVariables? {
        guard let wanted = environment else { return nil }
        guard case .template = spec?.container else { return wanted }
        return EnvironmentVariables(found.values.merging(wanted.values) { $1 })
    }

    /// The body of a create; nil while the environment can't be read.
    func create(_ draft: EndpointDraft) -> EndpointCreate? {
        guard let spec, let environment else { return nil }
        var image: String?
        var template: TemplateID?
        switch spec.container {
        case .image(let name): image = name
        case .template(let id): template = TemplateID(rawValue: id)
        case .adopted: return nil
        }
        return EndpointCreate(
            name: draft.name, image: image, templateID: template, env: environment,
            hardware: .gpu(GPUSelection(pools: draft.pools.map(GPUPool.init), count: spec.gpu?.count ?? 1)),
            workers: draft.workers.wire, scaling: spec.scaling.wire,
            dataCenterIDs: spec.dataCenterIDs.isEmpty ? nil : spec.dataCenterIDs,
            networkVolumes: spec.networkVolumeIDs.isEmpty ? nil : spec.networkVolumeIDs,
            timeout: spec.executionTimeoutSeconds * 1000, flashboot: spec.flashBoot ? .flashboot : .off)
    }

    /// The body of a PATCH; `listed` is what it goes to.
    func patch(_ change: EndpointChange, over listed: RunPodEndpoint?) -> EndpointPatch {
        var patch = EndpointPatch(workers: change.workers?.wire)
        patch.scaling = change.scaling?.wire
        patch.timeout = change.timeoutMilliseconds
        patch.flashboot = change.flashBoot.map { $0 ? .flashboot : .off }
        patch.gpu = change.gpu.map { GPUSelection(pools: $0.pools.map(GPUPool.init), count: $0.count) }
        patch.image = change.image
        if change.environment { patch.env = environment(over: listed?.env ?? [:]) }
        patch.dataCenterIDs = change.dataCenterIDs
        patch.networkVolumes = change.networkVolumeIDs
        return listed.map(patch.admissible) ?? patch
    }
}

extension EndpointChange.Workers {
    fileprivate var wire: WorkersBounds {
        WorkersBounds(min: bounds.min, max: bounds.max, idleTimeout: idleTimeoutSeconds)
    }
}

extension ResolvedRunPodScaling {
    fileprivate var wire: ScalingPolicy {
        switch self {
        case .queueDelay(let seconds): .queueDelay(Double(seconds))
        case .requestCount(let count): .requestCount(count)
        }
    }
}

extension HealthReading {
    /// What the job plane told at `time`.
    init(_ health: EndpointHealth, at time: Date) {
        self.init(
            time: time, queued: health.jobs.inQueue, running: health.jobs.inProgress, completed: health.jobs.completed,
            failed: health.jobs.failed,
            workers: WorkerCounts(
                idle: health.workers.idle, running: health.workers.running, initializing: health.workers.initializing,
                throttled: health.workers.throttled, unhealthy: health.workers.unhealthy))
    }
}
