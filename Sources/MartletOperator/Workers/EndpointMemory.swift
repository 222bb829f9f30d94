internal import ControllerRuntime
internal import FoundationEssentials
internal import KubernetesModel
internal import MartletAPI
internal import MartletDecisions
internal import Synchronization

/// What the operator remembers of one endpoint between two reconciles. Lost at a restart without harm: what must
/// outlive it stands in the object's status.
struct EndpointMemory: Sendable {
    let uid: String?
    private(set) var generation: Int64?
    private(set) var resolution: SpecResolution
    var history: ScalingHistory
    var gate = WriteGate()
    var pendingScale: PendingScale?
    /// Whether the finalizer was set by this process.
    var isMarked = false
    /// The target whose Pods are followed.
    var followed: TargetKey?
    /// The conditions as last decided; events tell of changes against them.
    var conditions: [Condition]
    var lastScaleTime: Timestamp?
    /// The push that the last measured scale write answered, so that one push is measured once.
    var measuredPush: ContinuousClock.Instant?
    /// The replicas that the target was seen with last.
    var seenReplicas: Int?
    /// What schedules and override let it have when that was looked at last.
    var capacity: CapacityRecord
    /// The edge that no API call has carried out yet.
    var pendingEdge: Date?
    /// The term of leadership in which this was written last; nil: it was only observed so far.
    private(set) var term: Int?
    let metrics: EndpointMetrics

    init(_ endpoint: InferenceEndpoint, now: Date) {
        uid = endpoint.metadata.uid
        generation = endpoint.metadata.generation
        resolution = endpoint.resolution
        conditions = endpoint.status?.conditions ?? []
        history = ScalingHistory(
            startedAt: now, restoring: endpoint.status?.workers,
            busynessWasKnown: conditions["BusynessKnown"]?.status == .yes)
        lastScaleTime = endpoint.status?.workers?.lastScaleTime
        capacity = CapacityRecord(restoring: endpoint.status?.schedule)
        metrics = EndpointMetrics(endpoint.key)
    }

    /// Reads the spec again if it has changed; checking it costs too much for every push.
    mutating func refresh(_ endpoint: InferenceEndpoint) {
        guard generation != endpoint.metadata.generation || generation == nil else { return }
        generation = endpoint.metadata.generation
        resolution = endpoint.resolution
    }

    /// Begins to act where another operator acted before: what it did stands in the object, not here.
    mutating func enter(term new: Int, with endpoint: InferenceEndpoint) {
        guard term != new else { return }
        term = new
        conditions = endpoint.status?.conditions ?? []
        lastScaleTime = endpoint.status?.workers?.lastScaleTime
        history.adopt(endpoint.status?.workers)
        capacity = CapacityRecord(restoring: endpoint.status?.schedule)
        pendingScale = nil
        isMarked = false
    }

    /// Takes note of what the operator that leads has done to the target.
    mutating func follow(replicas: Int, at now: Date) {
        if let seenReplicas, seenReplicas != replicas { history.scaled(from: seenReplicas, to: replicas, at: now) }
        seenReplicas = replicas
    }

    /// The replicas to decide over: what was just written counts until the watch shows it.
    mutating func replicas(of target: ScaleTarget, at now: MonotonicInstant) -> Int {
        guard let pending = pendingScale else { return target.replicas }
        if target.replicas == pending.replicas || target.resourceVersion == pending.version
            || pending.writtenAt.duration(to: now) > PendingScale.patience
        {
            pendingScale = nil
            return target.replicas
        }
        return pending.replicas
    }
}

extension EndpointMemory {
    /// Shows the figures of `status` as metrics.
    func show(_ status: InferenceEndpointStatus) {
        metrics.show(
            waiting: status.queue?.waiting, inFlight: status.queue?.inFlight,
            desired: status.workers?.desiredReplicas ?? 0, current: status.workers?.replicas ?? 0,
            busy: status.workers?.busyReplicas ?? 0)
    }
}

/// A scale write that the watch has not shown yet.
struct PendingScale: Sendable {
    var replicas: Int
    /// The target's version after the write.
    var version: ResourceVersion?
    var writtenAt: MonotonicInstant

    /// A watch that lags longer than this is not waited for: what it shows is the better truth.
    static let patience = Duration.seconds(5)
}

/// The memories of all endpoints.
final class EndpointMemories: Sendable {
    /// A table of large values is mostly air; one of references is not.
    private final class Kept: Sendable {
        let memory: EndpointMemory
        init(_ memory: EndpointMemory) { self.memory = memory }
    }
    private let memories = Mutex<[ObjectKey: Kept]>([:])

    /// The memory of `endpoint`, a fresh one for an object that replaced another of its name.
    func recall(_ endpoint: InferenceEndpoint, now: Date) -> EndpointMemory {
        let known = memories.withLock { $0[endpoint.key] }
        guard var memory = known?.memory, memory.uid == endpoint.metadata.uid else {
            return EndpointMemory(endpoint, now: now)
        }
        memory.refresh(endpoint)
        return memory
    }

    func keep(_ memory: EndpointMemory, for key: ObjectKey) {
        let kept = Kept(memory)
        memories.withLock { $0[key] = kept }
    }

    /// Forgets an endpoint and returns what was known.
    func forget(_ key: ObjectKey) -> EndpointMemory? {
        memories.withLock { $0.removeValue(forKey: key) }?.memory
    }
}
