public import MartletAPI

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

    subscript(backend: CapacityBackend) -> ClosedRange<Int>? {
        switch backend {
        case .workers: workers
        case .runpod: runpod
        }
    }
}
