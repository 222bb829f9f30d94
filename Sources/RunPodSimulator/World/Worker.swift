extension RunPodWorld {
    /// One worker of an endpoint: a container with GPUs, or the wish for one.
    package struct Worker: Sendable {
        /// The life of a worker. Gone workers are not kept.
        package enum Phase: Hashable, Sendable {
            /// Wanted, but no host has room. Costs nothing.
            case throttled
            /// The image is on its way. Costs nothing.
            case pulling
            /// The container runs, the model loads. Billed.
            case loading
            /// Ready for a job. Billed.
            case idle(since: SimulatedInstant)
            /// Billed.
            case running(JobID)
            /// The container crashed and waits to be started again. Costs nothing.
            case unhealthy

            package var isBilled: Bool {
                switch self {
                case .throttled, .pulling, .unhealthy: false
                case .loading, .idle, .running: true
                }
            }

            /// The word of the API.
            package var status: String {
                switch self {
                case .throttled: "THROTTLED"
                case .pulling, .loading: "INITIALIZING"
                case .idle: "IDLE"
                case .running: "RUNNING"
                case .unhealthy: "UNHEALTHY"
                }
            }
        }

        package let id: WorkerID
        /// Of the release that it runs.
        package let version: Int
        package let image: String
        package let gpus: Int
        package internal(set) var placement: Placement?
        package internal(set) var phase: Phase
        /// Of the running container.
        package internal(set) var startedAt: SimulatedInstant?
        package internal(set) var crashes = 0
        /// Rises with each phase; events of an older step are void.
        var step = 0
    }

    /// Where a worker runs.
    package struct Placement: Hashable, Sendable {
        /// The pool, or the CPU flavor.
        package let pool: String
        /// The card; nil for CPU workers.
        package let gpuType: String?
        package let dataCenter: String
        /// US dollars each second, all GPUs together.
        package let price: Double
    }
}
