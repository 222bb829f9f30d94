public import FoundationEssentials
public import MartletAPI

/// What schedules, override and spec together make of an endpoint's capacity at any instant.
public struct CapacityRules: Sendable, Hashable {
    /// Those that name the endpoint among their targets.
    public var schedules: [GoverningSchedule]
    /// The annotation's word, also where its time is over: from its end on the schedules hold anew.
    public var override: CapacityOverride?
    /// The spec's own bounds.
    public var spec: EndpointBounds

    /// Rules of one endpoint.
    public init(schedules: [GoverningSchedule], override: CapacityOverride?, spec: EndpointBounds) {
        self.schedules = schedules
        self.override = override
        self.spec = spec
    }

    /// What holds then.
    public func capacity(at now: Date) -> Capacity { .ungoverned }
}

/// The bounds that an endpoint's own spec sets; nil: it has no such backend.
public struct EndpointBounds: Sendable, Hashable {
    /// Of the in-cluster workers.
    public var workers: ClosedRange<Int>?
    /// Of the RunPod endpoint.
    public var runpod: ClosedRange<Int>?

    /// What is left out does not exist.
    public init(workers: ClosedRange<Int>? = nil, runpod: ClosedRange<Int>? = nil) {
        self.workers = workers
        self.runpod = runpod
    }

    /// Those of an accepted spec.
    public init(of endpoint: ResolvedEndpoint) {
        let workers = endpoint.scaling?.workers
        self.init(
            workers: workers.map { $0.minReplicas...max($0.minReplicas, $0.maxReplicas) },
            runpod: endpoint.runpod.map { $0.workers.min...max($0.workers.min, $0.workers.max) })
    }
}
