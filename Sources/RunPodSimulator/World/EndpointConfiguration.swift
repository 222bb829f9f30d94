extension RunPodWorld {
    /// What a caller decides about an endpoint.
    package struct Configuration: Hashable, Sendable {
        /// How requests reach the workers.
        package enum Kind: String, Hashable, Sendable {
            case queue = "QUEUE"
            case loadBalancer = "LOAD_BALANCER"
        }

        /// The family of hardware never changes.
        package enum Compute: Hashable, Sendable {
            case gpu(GPUSelection)
            case cpu([CPUSelection])
        }

        /// The rule by which workers are added.
        package enum Scaling: Hashable, Sendable {
            /// Seconds that a job may wait.
            case queueDelay(Double)
            /// Jobs for each worker.
            case requestCount(Int)
        }

        package enum FlashBoot: String, Hashable, Sendable {
            case off = "OFF"
            case flashBoot = "FLASHBOOT"
            case priority = "PRIORITY_FLASHBOOT"
        }

        package var name: String
        package var kind: Kind
        package var container: Container
        package var compute: Compute
        package var workers: WorkerBounds
        package var scaling: Scaling
        package var dataCenters: [String]
        package var networkVolumes: [String]
        /// Of a job's execution, in milliseconds; 0 for none.
        package var timeout: Int
        package var flashBoot: FlashBoot

        /// RunPod refuses the idle timeout for this combination, and leaves it out of its answers.
        var hasNoIdleTimeout: Bool {
            if case .requestCount = scaling { kind == .queue } else { false }
        }
    }

    /// What runs in a worker.
    package struct Container: Hashable, Sendable {
        package var image = ""
        package var arguments = ""
        /// In GB.
        package var disk = Defaults.disk
        package var ports: [String] = []
        package var environment: [String: String] = [:]
        package var registry: String?

        package init() {}
    }

    package struct GPUSelection: Hashable, Sendable {
        /// In the caller's order of preference.
        package var pools: [String]
        package var excludedTypes: [String] = []
        package var count = 1
        package var allowedCudaVersions: [String] = []
        package var minCudaVersion: String?
    }

    package struct CPUSelection: Hashable, Sendable {
        package var flavor: String
        package var vcpus: Int
    }

    package struct WorkerBounds: Hashable, Sendable {
        package var min = Defaults.minWorkers
        package var max = Defaults.maxWorkers
        /// Seconds.
        package var idleTimeout = Defaults.idleTimeout
    }

    /// What v2 fills in for a field that a create leaves out.
    enum Defaults {
        static let minWorkers = 0
        static let maxWorkers = 3
        static let idleTimeout = 10
        static let disk = 20
        /// Of non-sparse updates, as measured on the old API (F20).
        static let queueDelay = 4.0
        /// The specification says 300000, observers saw 0; `Settings.timeoutWhenOmitted` decides.
        static let timeoutAsObserved = 0
    }

    /// The variable in which the operator names the owner of an endpoint. The ledger groups by it.
    package static let ownerVariable = "MARTLET_OWNER"
}
