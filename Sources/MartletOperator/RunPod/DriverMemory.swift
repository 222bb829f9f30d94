internal import ControllerRuntime
internal import FoundationEssentials
internal import KubernetesModel
internal import MartletAPI
internal import MartletDecisions
internal import RunPod
internal import Synchronization

/// What the driver remembers of one object between reconciles. Lost at a restart without harm.
struct DriverMemory: Sendable {
    let uid: String?
    private var generation: Int64?
    private(set) var resolution: SpecResolution
    var history = EndpointHistory()
    /// The object as our last write left it, until the watch shows as much.
    var written: InferenceEndpoint?
    var writtenAt: MonotonicInstant?
    /// Keys that reached the endpoint. They are kept while it exists: its Secret may go with its namespace.
    var keys: [RunPodKey] = []
    /// The spec as it last asked for an endpoint: how it is left says the spec that is gone.
    var lastSpec: ResolvedRunPod?
    var lastSecret: SecretText?
    var capacity: CapacityRecord
    /// The edge that no call has carried out yet.
    var pendingEdge: Date?
    /// What was told last; events tell of changes against it.
    var condition: Condition?
    /// What stands in which ConfigMap.
    var published: (name: String, facts: ConnectionFacts)?
    var connection: Condition?
    private(set) var term: Int?

    /// A watch that lags longer than this is not waited for.
    private static let patience = Duration.seconds(5)

    init(_ endpoint: InferenceEndpoint) {
        uid = endpoint.metadata.uid
        generation = endpoint.metadata.generation
        resolution = endpoint.resolution
        capacity = CapacityRecord(restoring: endpoint.status?.schedule)
        condition = endpoint.status?.conditions?["RunPodReady"]
    }

    /// Reads the spec again if it has changed.
    mutating func refresh(_ endpoint: InferenceEndpoint) {
        guard generation != endpoint.metadata.generation || generation == nil else { return }
        generation = endpoint.metadata.generation
        resolution = endpoint.resolution
    }

    /// Begins to act where another operator acted before: only keys outlive that.
    mutating func enter(term new: Int, with endpoint: InferenceEndpoint) {
        guard term != new else { return }
        var fresh = DriverMemory(endpoint)
        fresh.keys = keys
        fresh.lastSpec = lastSpec
        fresh.lastSecret = lastSecret
        fresh.term = new
        self = fresh
    }

    /// The object to decide over: what was just written counts until the watch shows it.
    mutating func current(_ seen: InferenceEndpoint, at now: MonotonicInstant) -> InferenceEndpoint {
        guard let written, let writtenAt, written.metadata.uid == seen.metadata.uid else {
            written = nil
            return seen
        }
        let isShown =
            seen.metadata.resourceVersion == written.metadata.resourceVersion
            || (seen.record == written.record && seen.metadata.finalizers == written.metadata.finalizers)
        if isShown || writtenAt.duration(to: now) > Self.patience {
            self.written = nil
            return seen
        }
        var current = seen
        current.metadata.finalizers = written.metadata.finalizers
        current.metadata.deletionTimestamp = seen.metadata.deletionTimestamp ?? written.metadata.deletionTimestamp
        current.metadata.resourceVersion = written.metadata.resourceVersion
        var status = seen.status ?? InferenceEndpointStatus()
        var runpod = status.runpod ?? RunPodStatus()
        runpod.endpointId = written.status?.runpod?.endpointId
        runpod.intent = written.status?.runpod?.intent
        runpod.keyFingerprint = written.status?.runpod?.keyFingerprint
        status.runpod = runpod
        current.status = status
        return current
    }
}

extension InferenceEndpoint {
    /// The driver's record in the object's status.
    var record: EndpointRecord {
        let runpod = status?.runpod
        return EndpointRecord(
            endpointID: runpod?.endpointId,
            intent: runpod?.intent.map { RecordedIntent(name: $0.name, time: $0.time.date) },
            keyFingerprint: runpod?.keyFingerprint)
    }

    /// The Secret with the API key, as far as the spec names one, well-formed or not.
    var runPodSecret: (name: String, key: String)? {
        guard case .valid(let spec) = spec, let reference = spec.runpod?.credentialsSecretRef else { return nil }
        return (reference.name, reference.key ?? "apiKey")
    }

    /// Whether the driver has anything to do with it.
    var concernsRunPod: Bool {
        if RunPodController.finalizer.isOn(self) || !record.isEmpty { return true }
        guard case .valid(let spec) = spec else { return false }
        return spec.runpod != nil
    }
}

/// The memories of all objects.
final class DriverMemories: Sendable {
    private final class Kept: Sendable {
        let memory: DriverMemory
        init(_ memory: DriverMemory) { self.memory = memory }
    }
    private let memories = Mutex<[ObjectKey: Kept]>([:])

    /// The memory of `endpoint`; a fresh one for an object that replaced another of its name.
    func recall(_ endpoint: InferenceEndpoint) -> DriverMemory {
        guard var memory = memories.withLock({ $0[endpoint.key]?.memory }), memory.uid == endpoint.metadata.uid else {
            return DriverMemory(endpoint)
        }
        memory.refresh(endpoint)
        return memory
    }

    func keep(_ memory: DriverMemory, for key: ObjectKey) {
        let kept = Kept(memory)
        memories.withLock { $0[key] = kept }
    }

    func forget(_ key: ObjectKey) { memories.withLock { $0[key] = nil } }

    /// Every key that is held for somebody.
    var keys: Set<RunPodKey> { memories.withLock { Set($0.values.flatMap(\.memory.keys)) } }
}
