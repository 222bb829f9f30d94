package import FoundationEssentials

/// Workers that RunPod may and must keep for an endpoint.
package struct RunPodBounds: Sendable, Hashable {
    package var min: Int
    package var max: Int

    /// Bounds of these figures.
    package init(min: Int, max: Int) {
        self.min = min
        self.max = max
    }

    /// No worker can be.
    package static let disabled = RunPodBounds(min: 0, max: 0)
}

/// An endpoint of the account as RunPod listed it. Nil: RunPod did not say, and what is not said is not corrected.
package struct ObservedEndpoint: Sendable, Hashable {
    package var id: String
    /// Normalised.
    package var name: String
    package var mark: OwnerMark
    package var bounds: RunPodBounds?
    package var idleTimeoutSeconds: Int?
    package var scaling: ObservedScaling?
    package var timeoutMilliseconds: Int?
    package var flashBoot: Bool?
    package var pools: [String]?
    package var gpuCount: Int?
    package var image: String?
    package var dataCenterIDs: [String]?
    package var networkVolumeIDs: [String]?
    /// Compared by the shell: a decision never sees a variable's value.
    package var environment: ObservedEnvironment
    package var createdAt: Date?

    /// One of which only this is known.
    package init(id: String, name: String, mark: OwnerMark, bounds: RunPodBounds? = nil) {
        self.id = id
        self.name = name
        self.mark = mark
        self.bounds = bounds
        environment = .untold
    }
}

/// RunPod's own scaler as it was listed.
package enum ObservedScaling: Sendable, Hashable {
    case queueDelay(seconds: Double)
    case requestCount(perWorker: Int)
    /// A kind that came later.
    case other
}

/// How an endpoint's environment compares with the wanted one.
package enum ObservedEnvironment: Sendable, Hashable {
    case asWanted
    case differs
    /// The list did not tell it, or what is wanted can't be read at the moment.
    case untold
}
