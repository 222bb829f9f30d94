public import FoundationEssentials
public import KubernetesModel
public import MartletAPI

/// Everything that a scaling decision may depend on, gathered by the shell at one instant.
public struct ScalingSnapshot: Sendable, Equatable {
    /// The instant at which everything else was gathered.
    public var now: Date
    /// The checked spec.
    public var endpoint: ResolvedScaling
    /// The spec's bounds, or what a schedule or a deletion makes of them.
    public var bounds: ScalingBounds
    /// What is scaled, as last seen or as last answered to a write.
    public var target: TargetSnapshot
    /// Pods that the target selects, terminating ones included.
    public var pods: [PodSnapshot]
    /// What the queue says.
    public var reading: ReadingState
    /// Since when worker events of this server have been received without a gap; nil: they are not received.
    public var listeningSince: Date?
    /// Why nothing may be written: another autoscaler, an older claim, missing consent.
    public var refusal: Refusal?

    /// Bounds left out are those of the spec.
    public init(
        now: Date, endpoint: ResolvedScaling, bounds: ScalingBounds? = nil, target: TargetSnapshot,
        pods: [PodSnapshot], reading: ReadingState, listeningSince: Date? = nil, refusal: Refusal? = nil
    ) {
        self.now = now
        self.endpoint = endpoint
        self.bounds = bounds ?? ScalingBounds(of: endpoint.workers)
        self.target = target
        self.pods = pods
        self.reading = reading
        self.listeningSince = listeningSince
        self.refusal = refusal
    }
}

extension ScalingSnapshot {
    /// Whether replicas are still above a ceiling that fell.
    var isClosingDown: Bool { bounds.closing != nil && target.replicas > bounds.ceiling }
}

/// What the queue says.
public enum ReadingState: Sendable, Equatable {
    /// The observer stands by this reading: its connection lives, or its last poll is recent enough.
    case current(QueueReading)
    /// Nothing can be read since then; for an operator that has just started, since its start.
    case lost(since: Date)
}

/// One reading of a queue.
public struct QueueReading: Sendable, Hashable {
    /// Tasks in the queue's lists.
    public var waiting: Int
    /// Unacknowledged tasks, or members of the in-flight keys.
    public var inFlight: Int
    /// The figure of a database shared with other endpoints, attributed by guess.
    public var isEstimate: Bool
    /// Unacknowledged tasks of the database that may or may not be this queue's; no demand, but no proof of idleness.
    public var unattributed: Int
    /// Those of ``inFlight`` that any worker may be running, because no Pod's own key holds them.
    public var unassigned: Int
    /// Why ``waiting`` is no exact count; nil: it is.
    public var estimate: WaitingEstimate?
    /// The last instant at which a watched key was seen to change, when it is known: a task may have come and gone
    /// between two readings, and that is activity too.
    public var touchedAt: Date?

    /// A reading that is exact unless told otherwise.
    public init(
        waiting: Int, inFlight: Int, isEstimate: Bool = false, unattributed: Int = 0, unassigned: Int = 0,
        estimate: WaitingEstimate? = nil, touchedAt: Date? = nil
    ) {
        self.waiting = waiting
        self.inFlight = inFlight
        self.isEstimate = isEstimate
        self.unattributed = unattributed
        self.unassigned = unassigned
        self.estimate = estimate
        self.touchedAt = touchedAt
    }
}

/// Between which replica counts the queue decides.
public struct ScalingBounds: Sendable, Hashable {
    /// Replicas at least.
    public var floor: Int
    /// Replicas at most; wins over the floor.
    public var ceiling: Int
    /// Set while the ceiling is lower than it was.
    public var closing: Closing?

    /// Bounds that a schedule gives.
    public init(floor: Int, ceiling: Int, closing: Closing? = nil) {
        self.floor = floor
        self.ceiling = ceiling
        self.closing = closing
    }

    /// What the spec alone says.
    public init(of workers: ResolvedWorkers) {
        self.init(floor: workers.minReplicas, ceiling: workers.maxReplicas)
    }

    /// What a deleted endpoint's workers go to: `minReplicas`, once the busy have had `drainSeconds`.
    public static func deleted(_ workers: ResolvedWorkers, since instant: Date) -> ScalingBounds {
        ScalingBounds(
            floor: 0, ceiling: workers.minReplicas, closing: Closing(since: instant, cause: .deletion))
    }
}

/// A ceiling that fell: idle Pods go at once, busy ones after `closing.drainSeconds`.
public struct Closing: Sendable, Hashable {
    /// When the ceiling fell; the drain counts from here.
    public var since: Date
    /// Who let it fall.
    public var cause: ClosingCause

    /// A closing that began then.
    public init(since: Date, cause: ClosingCause) {
        self.since = since
        self.cause = cause
    }
}

/// Who let the ceiling fall.
public enum ClosingCause: String, Sendable, Hashable {
    case schedule, override
    /// Nothing scales up any more, not even below the ceiling.
    case deletion
}

/// The object that is scaled.
public struct TargetSnapshot: Sendable, Hashable {
    /// How the target chooses the Pods that go.
    public var kind: TargetKind
    /// Its `spec.replicas`.
    public var replicas: Int
    /// Pods that its controller says there are (`status.replicas`); more than are known means that some were not seen yet.
    public var created: Int
    /// GPUs that one Pod of the template asks for.
    public var gpusPerReplica: Int

    /// A target whose Pods are all known and ask for no GPU unless told.
    public init(kind: TargetKind, replicas: Int, created: Int = 0, gpusPerReplica: Int = 0) {
        self.kind = kind
        self.replicas = replicas
        self.created = created
        self.gpusPerReplica = gpusPerReplica
    }
}

/// What is known of how a target chooses the Pods that go.
public enum TargetKind: Sendable, Hashable {
    /// The idle go first if the server honours `controller.kubernetes.io/pod-deletion-cost` (1.22, KEP-2255).
    case deployment(honoursDeletionCost: Bool)
    /// The highest ordinal goes first; ordinals begin at `start` (`spec.ordinals.start`, 0 unless set).
    case statefulSet(firstOrdinal: Int)
    /// Nothing is known.
    case other
}

/// One Pod of the target.
public struct PodSnapshot: Sendable, Hashable {
    /// Also the host name under which its worker is heard.
    public var name: String
    /// Only a Running or Unknown Pod may run a task.
    public var phase: PodPhase
    /// Whether it has a Node.
    public var isScheduled: Bool
    /// Condition `Ready`.
    public var isReady: Bool
    /// Has a deletion time: no longer counted by its controller.
    public var isTerminating: Bool
    /// `status.startTime`, on the kubelet's clock.
    public var startedAt: Date?
    /// Label `pod-template-hash` or `controller-revision-hash`: Pods of one template behave alike.
    public var template: String?
    /// Annotation `controller.kubernetes.io/pod-deletion-cost`; 0 unless set.
    public var deletionCost: Int
    /// What its worker's heartbeats prove.
    public var evidence: WorkerEvidence
    /// What the keys say that hold this Pod's tasks alone; nil where there are none.
    public var work: PodWork?

    /// A Pod that runs and is Ready unless told otherwise.
    public init(
        name: String, phase: PodPhase = .running, isScheduled: Bool = true, isReady: Bool = true,
        isTerminating: Bool = false, startedAt: Date? = nil, template: String? = nil, deletionCost: Int = 0,
        evidence: WorkerEvidence = .unheard, work: PodWork? = nil
    ) {
        self.name = name
        self.phase = phase
        self.isScheduled = isScheduled
        self.isReady = isReady
        self.isTerminating = isTerminating
        self.startedAt = startedAt
        self.template = template
        self.deletionCost = deletionCost
        self.evidence = evidence
        self.work = work
    }
}

/// Why an endpoint writes nothing, as the condition tells it.
public struct Refusal: Sendable, Hashable {
    /// CamelCase, for the condition.
    public var reason: String
    /// What to do about it.
    public var message: String

    /// A refusal with its reason and message.
    public init(reason: String, message: String) {
        self.reason = reason
        self.message = message
    }
}
