public import KubernetesModel

/// The RunPod endpoint as last seen, and the record by which a create whose answer was lost is found again.
///
/// ``endpointId``, ``intent`` and ``keyFingerprint`` are the record: the driver writes them by themselves and waits until the API server has
/// them, before the call to RunPod that they speak of. Everything else is written behind.
public struct RunPodStatus: Codable, Sendable, Equatable {
    /// Id of the endpoint; absent while there is none.
    public var endpointId: String?
    /// A create that was, or may have been, sent and is not confirmed yet.
    public var intent: RunPodIntent?
    /// Fingerprint of the API key that it was last seen with: only that account's 404 proves it gone.
    public var keyFingerprint: String?
    /// Base URL of its jobs.
    public var url: String?
    /// Its workers as RunPod counts them.
    public var workers: RunPodWorkersStatus?
    /// Its jobs as RunPod counts them.
    public var jobs: RunPodJobsStatus?
    /// Number of its newest release, where RunPod tells it.
    public var version: Int?

    /// What is left out stays unset.
    public init(
        endpointId: String? = nil, intent: RunPodIntent? = nil, keyFingerprint: String? = nil, url: String? = nil,
        workers: RunPodWorkersStatus? = nil, jobs: RunPodJobsStatus? = nil, version: Int? = nil
    ) {
        self.endpointId = endpointId
        self.intent = intent
        self.keyFingerprint = keyFingerprint
        self.url = url
        self.workers = workers
        self.jobs = jobs
        self.version = version
    }

    /// Writes nil as an explicit `null`, so that it vanishes from the object; leaves the record alone, which has a
    /// write of its own (``RunPodRecordPatch``).
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(url, forKey: .url)
        try container.encode(workers, forKey: .workers)
        try container.encode(jobs, forKey: .jobs)
        try container.encode(version, forKey: .version)
    }
}

/// That an endpoint is about to be created.
public struct RunPodIntent: Codable, Sendable, Equatable {
    /// The name that it is created under.
    public var name: String
    /// When the intent was recorded; no create was sent before.
    public var time: Timestamp

    /// An intent to create under that name.
    public init(name: String, time: Timestamp) {
        self.name = name
        self.time = time
    }
}

/// Workers of a RunPod endpoint by state.
public struct RunPodWorkersStatus: Codable, Sendable, Equatable {
    /// Warm, without a job.
    public var idle: Int?
    /// Working on a job.
    public var running: Int?
    /// Wanted, but there is no GPU for them.
    public var throttled: Int?
    /// Crashed.
    public var unhealthy: Int?
    /// Starting.
    public var initializing: Int?

    /// What is left out stays unset.
    public init(
        idle: Int? = nil, running: Int? = nil, throttled: Int? = nil, unhealthy: Int? = nil, initializing: Int? = nil
    ) {
        self.idle = idle
        self.running = running
        self.throttled = throttled
        self.unhealthy = unhealthy
        self.initializing = initializing
    }
}

/// Jobs of a RunPod endpoint; completed and failed count since its creation.
public struct RunPodJobsStatus: Codable, Sendable, Equatable {
    /// Waiting for a worker.
    public var queued: Int?
    /// With a worker.
    public var running: Int?
    /// Done.
    public var completed: Int?
    /// Ended without a result.
    public var failed: Int?

    /// What is left out stays unset.
    public init(queued: Int? = nil, running: Int? = nil, completed: Int? = nil, failed: Int? = nil) {
        self.queued = queued
        self.running = running
        self.completed = completed
        self.failed = failed
    }
}

/// The body of the merge patch to `/status` by which the driver records what it is about to do, or has done.
public struct RunPodRecordPatch: Encodable, Sendable, Equatable {
    /// Nil removes the id.
    public var endpointId: String?
    /// Nil removes the intent.
    public var intent: RunPodIntent?
    /// Nil removes it.
    public var keyFingerprint: String?
    /// Given, the write is refused with a conflict if anybody wrote the object since: of two operators that both take
    /// themselves for the leader, only one gets its intent recorded.
    public var resourceVersion: ResourceVersion?
    /// The object it is about; another of its name refuses the write.
    public var uid: String?

    /// A record as it shall read from now on.
    public init(
        endpointId: String?, intent: RunPodIntent?, keyFingerprint: String? = nil, resourceVersion: ResourceVersion?,
        uid: String?
    ) {
        self.endpointId = endpointId
        self.intent = intent
        self.keyFingerprint = keyFingerprint
        self.resourceVersion = resourceVersion
        self.uid = uid
    }

    private struct Metadata: Encodable {
        var uid: String?
        var resourceVersion: ResourceVersion?
    }
    private struct Record: Encodable {
        var endpointId: String?
        var intent: RunPodIntent?
        var keyFingerprint: String?
        enum CodingKeys: String, CodingKey { case endpointId, intent, keyFingerprint }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(endpointId, forKey: .endpointId)
            try container.encode(intent, forKey: .intent)
            try container.encode(keyFingerprint, forKey: .keyFingerprint)
        }
    }
    private struct Status: Encodable { var runpod: Record }
    private enum CodingKeys: String, CodingKey { case metadata, status }

    /// Writes nil as an explicit `null` within the record, and nothing of the rest of the status.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Metadata(uid: uid, resourceVersion: resourceVersion), forKey: .metadata)
        let record = Record(endpointId: endpointId, intent: intent, keyFingerprint: keyFingerprint)
        try container.encode(Status(runpod: record), forKey: .status)
    }
}
