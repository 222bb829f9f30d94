package import KubernetesModel

/// A job of an endpoint's queue.
package struct Job: Sendable, Hashable {
    package var id: JobID
    package var status: JobStatus
    /// How long it was queued before its (last) attempt, in milliseconds.
    package var delayTime: Int?
    /// How long it ran, in milliseconds.
    package var executionTime: Int?
    /// Once a worker took it.
    package var workerID: String?
    /// The worker's answer; of a job in progress, its progress report.
    package var output: JSONValue?
    /// Why it failed.
    package var failure: JobFailure?
    /// How often RunPod queued it again by itself.
    package var retries: Int?

    /// A job of which no more is known.
    package init(id: JobID, status: JobStatus) {
        self.id = id
        self.status = status
    }

    /// What a completed job's output reports as an error: OpenAI-style workers complete such jobs (F15).
    package var errorInOutput: JSONValue? {
        guard status == .completed, let error = output?["error"], error != .null else { return nil }
        return error
    }
}

extension Job: Decodable {
    private enum Fields: String, CodingKey {
        case id, status, delayTime, executionTime, workerId, output, error, retries
    }

    /// Throws where id or status are missing.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Fields.self)
        guard let id = JobID(try fields.decode(String.self, forKey: .id)) else {
            throw DecodingError.dataCorruptedError(forKey: .id, in: fields, debugDescription: "not a job's id")
        }
        self.init(id: id, status: try fields.decode(JobStatus.self, forKey: .status))
        delayTime = fields.integer(.delayTime)
        executionTime = fields.integer(.executionTime)
        workerID = fields.lenient(.workerId)
        output = fields.lenient(.output)
        failure = fields.lenient(.error)
        retries = fields.integer(.retries)
    }
}

/// Where a job is in its life.
package enum JobStatus: OpenEnum {
    case inQueue
    /// `IN_PROGRESS`, and `RUNNING`, which the vendor's pages use for the same.
    case inProgress
    case completed
    case failed
    case cancelled
    case timedOut
    /// Not known to be an end: wait on, but not for ever.
    case unknown(String)

    package static let known: [JobStatus] = [.inQueue, .inProgress, .completed, .failed, .cancelled, .timedOut]

    /// Takes any word.
    package init(rawValue: String) {
        self = rawValue == "RUNNING" ? .inProgress : Self.known.first { $0.rawValue == rawValue } ?? .unknown(rawValue)
    }

    /// As on the wire.
    package var rawValue: String {
        switch self {
        case .inQueue: "IN_QUEUE"
        case .inProgress: "IN_PROGRESS"
        case .completed: "COMPLETED"
        case .failed: "FAILED"
        case .cancelled: "CANCELLED"
        case .timedOut: "TIMED_OUT"
        case .unknown(let word): word
        }
    }

    /// Whether nothing will come any more, unless the job is queued again.
    package var isTerminal: Bool {
        switch self {
        case .completed, .failed, .cancelled, .timedOut: true
        case .inQueue, .inProgress, .unknown: false
        }
    }
}

/// What a worker, or RunPod in its place, says about a failure. Foreign text: it may hold anything of the job's.
package struct JobFailure: Sendable, Hashable {
    package var message: String
    /// The kind, such as `<class 'ValueError'>`.
    package var type: String?
    package var traceback: String?

    /// A failure by its message.
    package init(message: String, type: String? = nil, traceback: String? = nil) {
        self.message = message
        self.type = type
        self.traceback = traceback
    }
}

/// Chunks of a job's output.
package struct JobStreamPage: Sendable, Hashable {
    /// Nil if RunPod gave chunks only.
    package var status: JobStatus?
    package var chunks: [JSONValue]
}

/// What purging a queue did.
package struct PurgedQueue: Sendable, Hashable, Decodable {
    /// How many jobs were dropped.
    package var removed: Int?
    package var status: String?

    private enum Fields: String, CodingKey { case removed, status }

    /// Reads what is readable.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Fields.self)
        removed = fields.integer(.removed)
        status = fields.lenient(.status)
    }
}
