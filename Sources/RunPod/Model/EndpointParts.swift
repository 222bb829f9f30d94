/// How requests reach an endpoint's workers. It can't be changed once the endpoint exists.
package enum EndpointType: OpenEnum {
    /// Through a queue of jobs: the job plane.
    case queue
    /// Straight to a worker.
    case loadBalancer
    case unknown(String)

    package static let known: [EndpointType] = [.queue, .loadBalancer]
    /// As on the wire.
    package var rawValue: String {
        switch self {
        case .queue: "QUEUE"
        case .loadBalancer: "LOAD_BALANCER"
        case .unknown(let word): word
        }
    }
}

/// Whether a stopped worker's state is kept for a fast start.
package enum FlashBoot: OpenEnum {
    /// The default of REST v2, unlike the console's.
    case off
    case flashboot
    case priority
    case unknown(String)

    package static let known: [FlashBoot] = [.off, .flashboot, .priority]
    /// As on the wire.
    package var rawValue: String {
        switch self {
        case .off: "OFF"
        case .flashboot: "FLASHBOOT"
        case .priority: "PRIORITY_FLASHBOOT"
        case .unknown(let word): word
        }
    }
}

/// How many workers an endpoint may have. Always sent whole: whether RunPod merges it member by member is not documented.
package struct WorkersBounds: Hashable, Sendable, Codable {
    /// Workers that are always on, and always billed. Zero is a value.
    package var min: Int
    /// The most workers. Zero closes the endpoint: jobs queue for ever.
    package var max: Int
    /// Seconds (1 to 3600) that a worker without work stays, billed; nil: not sent, RunPod's value stays.
    package var idleTimeout: Int?

    /// Bounds by their parts.
    package init(min: Int, max: Int, idleTimeout: Int? = nil) {
        self.min = min
        self.max = max
        self.idleTimeout = idleTimeout
    }

    /// What may be sent for an endpoint of this type and scaling: RunPod refuses `idleTimeout` (422) for a queue that
    /// scales on the number of requests.
    package func admissible(for type: EndpointType?, scaling: ScalingPolicy?) -> WorkersBounds {
        switch (type ?? .queue, scaling) {
        case (.queue, .requestCount): WorkersBounds(min: min, max: max)
        default: self
        }
    }

    private enum Fields: String, CodingKey { case min, max, idleTimeout }

    /// Throws unless both bounds are there: a missing one is not zero.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Fields.self)
        guard let min = fields.integer(.min), let max = fields.integer(.max) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "no bounds"))
        }
        self.init(min: min, max: max, idleTimeout: fields.integer(.idleTimeout))
    }
}

/// When RunPod adds a worker.
package enum ScalingPolicy: Hashable, Sendable {
    /// A request has waited longer than this, in seconds, at least 0.5.
    case queueDelay(Double)
    /// Workers = requests queued and running, divided by this (at least 1), rounded up.
    case requestCount(Int)
    /// A policy that came later, by its type.
    case unknown(String)
}

extension ScalingPolicy: Codable {
    private enum Fields: String, CodingKey { case type, queueDelay, requestCount }

    /// Throws where a known policy lacks its number.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Fields.self)
        switch try fields.decode(String.self, forKey: .type) {
        case "QUEUE_DELAY":
            guard let delay = fields.number(.queueDelay) else { throw fields.incomplete(.queueDelay) }
            self = .queueDelay(delay)
        case "REQUEST_COUNT":
            guard let count = fields.integer(.requestCount) else { throw fields.incomplete(.requestCount) }
            self = .requestCount(count)
        case let type: self = .unknown(type)
        }
    }

    /// Writes RunPod's form.
    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Fields.self)
        switch self {
        case .queueDelay(let seconds):
            try fields.encode("QUEUE_DELAY", forKey: .type)
            try fields.encode(seconds, forKey: .queueDelay)
        case .requestCount(let count):
            try fields.encode("REQUEST_COUNT", forKey: .type)
            try fields.encode(count, forKey: .requestCount)
        case .unknown(let type): try fields.encode(type, forKey: .type)
        }
    }
}

extension KeyedDecodingContainer {
    fileprivate func incomplete(_ key: Key) -> DecodingError {
        .dataCorruptedError(forKey: key, in: self, debugDescription: "missing or not a number")
    }
}
