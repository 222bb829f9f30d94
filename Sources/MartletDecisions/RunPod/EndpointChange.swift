package import MartletAPI

/// One sparse PATCH: nil leaves a setting alone.
package struct EndpointChange: Sendable, Hashable {
    /// Always sent whole: a part of it would put the rest back to RunPod's defaults (F20).
    package struct Workers: Sendable, Hashable {
        package var bounds: RunPodBounds
        /// Nil where RunPod has none.
        package var idleTimeoutSeconds: Int?

        package init(_ bounds: RunPodBounds, idleTimeoutSeconds: Int?) {
            self.bounds = bounds
            self.idleTimeoutSeconds = idleTimeoutSeconds
        }
    }

    /// The pools in order of preference, and the GPUs a worker.
    package struct GPU: Sendable, Hashable {
        package var pools: [String]
        package var count: Int

        package init(pools: [String], count: Int) {
            self.pools = pools
            self.count = count
        }
    }

    package var workers: Workers?
    package var scaling: ResolvedRunPodScaling?
    package var timeoutMilliseconds: Int?
    package var flashBoot: Bool?
    package var gpu: GPU?
    package var image: String?
    /// Whether the environment is written, as the spec and its Secrets have it.
    package var environment = false
    package var dataCenterIDs: [String]?
    package var networkVolumeIDs: [String]?

    /// Nothing, or only workers.
    package init(workers: Workers? = nil) { self.workers = workers }

    /// Whether there is nothing to write.
    package var isEmpty: Bool { self == EndpointChange() }

    /// The settings that it names, for messages.
    package var settings: [String] {
        var names: [String] = []
        if workers != nil { names.append("workers") }
        if scaling != nil { names.append("scaling") }
        if timeoutMilliseconds != nil { names.append("executionTimeoutSeconds") }
        if flashBoot != nil { names.append("flashBoot") }
        if gpu != nil { names.append("gpu") }
        if image != nil { names.append("image") }
        if environment { names.append("env") }
        if dataCenterIDs != nil { names.append("dataCenterIds") }
        if networkVolumeIDs != nil { names.append("networkVolumeIds") }
        return names
    }

    /// What `endpoint` is once the change is in force.
    package func applied(to endpoint: ObservedEndpoint) -> ObservedEndpoint {
        var endpoint = endpoint
        if let workers {
            endpoint.bounds = workers.bounds
            if let idle = workers.idleTimeoutSeconds { endpoint.idleTimeoutSeconds = idle }
        }
        switch scaling {
        case .queueDelay(let seconds): endpoint.scaling = .queueDelay(seconds: Double(seconds))
        case .requestCount(let count): endpoint.scaling = .requestCount(perWorker: count)
        case nil: break
        }
        if let timeoutMilliseconds { endpoint.timeoutMilliseconds = timeoutMilliseconds }
        if let flashBoot { endpoint.flashBoot = flashBoot }
        if let gpu {
            endpoint.pools = gpu.pools
            endpoint.gpuCount = gpu.count
        }
        if let image { endpoint.image = image }
        if environment { endpoint.environment = .asWanted }
        if let dataCenterIDs { endpoint.dataCenterIDs = dataCenterIDs }
        if let networkVolumeIDs { endpoint.networkVolumeIDs = networkVolumeIDs }
        return endpoint
    }
}

extension ObservedEndpoint {
    /// What must be written so that the endpoint is as `spec` has it, within `bounds`. Only what Martlet owns is compared:
    /// an adopted endpoint's environment and unnamed settings stay as they are.
    ///
    /// `pools` is the order that was accepted, where RunPod refused the spec's own for want of capacity.
    package func change(toward spec: ResolvedRunPod, _ bounds: RunPodBounds, pools: [String]?) -> EndpointChange {
        var change = EndpointChange()
        let isAdopted = spec.adoptEndpointID == id
        let idle = spec.workers.idleTimeoutSeconds
        let idleDiffers = idle.map { wanted in idleTimeoutSeconds.map { $0 != wanted } ?? false } ?? false
        if self.bounds != bounds || idleDiffers {
            change.workers = EndpointChange.Workers(bounds, idleTimeoutSeconds: idle)
        }
        if let scaling, !scaling.isAs(spec.scaling) { change.scaling = spec.scaling }
        let timeout = spec.executionTimeoutSeconds * 1000
        if let timeoutMilliseconds, timeoutMilliseconds != timeout { change.timeoutMilliseconds = timeout }
        if let flashBoot, flashBoot != spec.flashBoot { change.flashBoot = spec.flashBoot }
        if let gpu = spec.gpu {
            let poolsDiffer = self.pools.map { $0 != gpu.pools && $0 != pools } ?? false
            if poolsDiffer || gpuCount.map({ $0 != gpu.count }) ?? false {
                change.gpu = EndpointChange.GPU(pools: gpu.pools, count: gpu.count)
            }
        }
        if case .image(let wanted) = spec.container, let image, image != wanted { change.image = wanted }
        if !isAdopted, environment == .differs { change.environment = true }
        if let dataCenterIDs, !spec.dataCenterIDs.isEmpty, Set(dataCenterIDs) != Set(spec.dataCenterIDs) {
            change.dataCenterIDs = spec.dataCenterIDs
        }
        if let networkVolumeIDs, !isAdopted || !spec.networkVolumeIDs.isEmpty,
            Set(networkVolumeIDs) != Set(spec.networkVolumeIDs)
        {
            change.networkVolumeIDs = spec.networkVolumeIDs
        }
        return change
    }
}

extension ObservedScaling {
    fileprivate func isAs(_ wanted: ResolvedRunPodScaling) -> Bool {
        switch (self, wanted) {
        case (.queueDelay(let seconds), .queueDelay(let wanted)): seconds == Double(wanted)
        case (.requestCount(let count), .requestCount(let wanted)): count == wanted
        case (.queueDelay, .requestCount), (.requestCount, .queueDelay), (.other, _): false
        }
    }
}
