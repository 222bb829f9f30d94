package import FoundationEssentials
package import MartletAPI

/// Everything that a decision over one RunPod endpoint may depend on, gathered by the shell at one instant.
package struct EndpointSnapshot: Sendable {
    package var now: Date
    /// The deterministic name of the object's endpoint.
    package var name: String
    /// The checked spec; nil where it is refused or has no RunPod endpoint (any more).
    package var spec: ResolvedRunPod?
    /// Counts the changes of the spec: what was refused is tried again after one.
    package var generation: Int64
    package var suspend = false
    /// The object is being deleted, or its spec asks for no endpoint any more.
    package var isRetiring = false
    /// What then becomes of the endpoint.
    package var deletionPolicy = RunPodDeletionPolicy.delete
    /// Whether the finalizer is on the object.
    package var isMarked: Bool
    /// What schedules and override allow; nil: the spec's own bounds hold.
    package var capacity: BackendCapacity?
    /// Since when the object says that it is closed, where the clock does not tell.
    package var closedSince: Date?
    /// What the object's status says, our own last write included.
    package var record: EndpointRecord
    package var key: KeyView
    /// Why the environment can't be told to RunPod now; then nothing is created.
    package var environmentProblem: CallProblem?
    /// Another object that has the better claim on the recorded or adopted endpoint, `namespace/name`.
    package var rival: String?
    /// The account's last complete list; nil: there was none yet.
    package var list: AccountList?
    /// What went wrong with the last try to list; nil once one succeeded.
    package var listProblem: CallProblem?

    /// What is left out is as in an object that was just created, under a working key.
    package init(
        now: Date, name: String, spec: ResolvedRunPod?, generation: Int64 = 1, isMarked: Bool = false,
        record: EndpointRecord = EndpointRecord(), key: KeyView, list: AccountList? = nil
    ) {
        self.now = now
        self.name = name
        self.spec = spec
        self.generation = generation
        self.isMarked = isMarked
        self.record = record
        self.key = key
        self.list = list
    }
}

/// The part of an object's status by which its endpoint is found again.
package struct EndpointRecord: Sendable, Hashable {
    package var endpointID: String?
    /// A create that was, or may have been, sent.
    package var intent: RecordedIntent?
    /// Fingerprint of the key whose account holds it: only that account's 404 proves that it is gone.
    package var keyFingerprint: String?

    /// Nothing recorded, unless given.
    package init(endpointID: String? = nil, intent: RecordedIntent? = nil, keyFingerprint: String? = nil) {
        self.endpointID = endpointID
        self.intent = intent
        self.keyFingerprint = keyFingerprint
    }

    /// Whether no endpoint can be there.
    package var isEmpty: Bool { endpointID == nil && intent == nil }
}

/// That an endpoint is about to be created. Whole seconds, as the API keeps them.
package struct RecordedIntent: Sendable, Hashable {
    package var name: String
    package var time: Date

    /// An intent to create under that name.
    package init(name: String, time: Date) {
        self.name = name
        self.time = time
    }
}

/// The API key that calls are made with.
package enum KeyView: Sendable, Hashable {
    case usable(fingerprint: String)
    case unusable(CallProblem)
}

/// A complete list of an account's endpoints, as far as it concerns one object: those of its name, of its marker, and those
/// whose ids its spec or status name.
package struct AccountList: Sendable, Hashable {
    /// When the call began: everything that was done before may be in it.
    package var began: Date
    /// Fingerprint of the key that it was read with.
    package var keyFingerprint: String
    package var endpoints: [ObservedEndpoint]

    /// A list of that time.
    package init(began: Date, keyFingerprint: String, endpoints: [ObservedEndpoint]) {
        self.began = began
        self.keyFingerprint = keyFingerprint
        self.endpoints = endpoints
    }

    /// The endpoint of that id.
    package subscript(id: String) -> ObservedEndpoint? { endpoints.first { $0.id == id } }
}

/// What the job plane says of an endpoint; nil counts were not told.
package struct HealthReading: Sendable, Hashable {
    /// When it was asked for.
    package var time: Date
    package var queued: Int?
    package var running: Int?
    package var completed: Int?
    package var failed: Int?
    package var workers: WorkerCounts

    /// A reading of that time.
    package init(
        time: Date, queued: Int? = nil, running: Int? = nil, completed: Int? = nil, failed: Int? = nil,
        workers: WorkerCounts = WorkerCounts()
    ) {
        self.time = time
        self.queued = queued
        self.running = running
        self.completed = completed
        self.failed = failed
        self.workers = workers
    }

    /// Jobs that wait or run; nil: unknown, which is not zero.
    package var jobs: Int? {
        guard let queued, let running else { return nil }
        return queued + running
    }
}

/// Workers of an endpoint by state.
package struct WorkerCounts: Sendable, Hashable {
    package var idle: Int?
    package var running: Int?
    package var initializing: Int?
    package var throttled: Int?
    package var unhealthy: Int?

    /// Nothing told, unless given.
    package init(
        idle: Int? = nil, running: Int? = nil, initializing: Int? = nil, throttled: Int? = nil, unhealthy: Int? = nil
    ) {
        self.idle = idle
        self.running = running
        self.initializing = initializing
        self.throttled = throttled
        self.unhealthy = unhealthy
    }
}
