package import FoundationEssentials

/// The workers of an endpoint. `summary` and the list may differ: they come from two views of RunPod's.
package struct EndpointWorkers: Sendable, Hashable, Decodable {
    /// Without those that were scaled down.
    package var workers: [RunPodWorker]
    package var summary: WorkersSummary
    /// The release that new workers get.
    package var endpointVersion: Int?

    /// One made by hand, for tests and simulations.
    package init(workers: [RunPodWorker], summary: WorkersSummary, endpointVersion: Int? = nil) {
        self.workers = workers
        self.summary = summary
        self.endpointVersion = endpointVersion
    }

    private enum Fields: String, CodingKey { case workers, summary, endpointVersion }

    /// Throws where there is no list: none is not empty.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Fields.self)
        workers = try fields.decode([RunPodWorker].self, forKey: .workers)
        summary = fields.lenient(.summary) ?? WorkersSummary()
        endpointVersion = fields.integer(.endpointVersion)
    }
}

/// One worker.
package struct RunPodWorker: Sendable, Hashable, Decodable {
    package var id: String
    package var status: WorkerStatus?
    /// Runs an older release.
    package var isStale: Bool?
    package var version: Int?
    package var gpuCount: Int?
    package var image: String?
    package var uptimeSeconds: Int?
    package var gpuTypeID: String?
    package var dataCenterID: String?
    package var startedAt: Date?

    /// A worker of which no more is known.
    package init(id: String, status: WorkerStatus?) {
        self.id = id
        self.status = status
    }

    private enum Fields: String, CodingKey {
        case id, status, isStale, version, gpuCount, image, uptimeSeconds, gpuTypeId, dataCenterId, startedAt
    }

    /// Throws only where the id is missing.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Fields.self)
        id = try fields.decode(String.self, forKey: .id)
        status = fields.lenient(.status)
        isStale = fields.lenient(.isStale)
        version = fields.integer(.version)
        gpuCount = fields.integer(.gpuCount)
        image = fields.lenient(.image)
        uptimeSeconds = fields.integer(.uptimeSeconds)
        gpuTypeID = fields.lenient(.gpuTypeId)
        dataCenterID = fields.lenient(.dataCenterId)
        startedAt = fields.date(.startedAt)
    }
}

/// What a worker does.
package enum WorkerStatus: OpenEnum {
    case running
    /// Warm, without work; billed within the idle timeout.
    case idle
    /// Pulls its image or loads its model.
    case initializing
    /// Wanted, but no host has room: capacity. Not billed.
    case throttled
    /// Crashed: RunPod tries again for up to 7 days. Not billed.
    case unhealthy
    case unknown(String)

    package static let known: [WorkerStatus] = [.running, .idle, .initializing, .throttled, .unhealthy]
    /// As on the wire.
    package var rawValue: String {
        switch self {
        case .running: "RUNNING"
        case .idle: "IDLE"
        case .initializing: "INITIALIZING"
        case .throttled: "THROTTLED"
        case .unhealthy: "UNHEALTHY"
        case .unknown(let word): word
        }
    }
}

/// How many workers are in which state; nil: RunPod did not say, which is not zero.
package struct WorkersSummary: Sendable, Hashable, Decodable {
    package var running: Int?
    package var idle: Int?
    package var initializing: Int?
    package var throttled: Int?
    package var unhealthy: Int?
    package var total: Int?

    /// Nothing said, unless given.
    package init(
        running: Int? = nil, idle: Int? = nil, initializing: Int? = nil, throttled: Int? = nil, unhealthy: Int? = nil,
        total: Int? = nil
    ) {
        self.running = running
        self.idle = idle
        self.initializing = initializing
        self.throttled = throttled
        self.unhealthy = unhealthy
        self.total = total
    }

    private enum Fields: String, CodingKey { case running, idle, initializing, throttled, unhealthy, total }

    /// Reads what is readable.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Fields.self)
        running = fields.integer(.running)
        idle = fields.integer(.idle)
        initializing = fields.integer(.initializing)
        throttled = fields.integer(.throttled)
        unhealthy = fields.integer(.unhealthy)
        total = fields.integer(.total)
    }
}
