public import MartletAPI

/// What is known of one queue right now.
public struct QueueObservation: Hashable, Sendable {
    /// The last complete reading; kept while ``failure`` says that no newer one could be had.
    public var reading: QueueCounts?
    /// Why the queue can't be read; nil: ``reading`` is current, however old its ``QueueCounts/at`` is
    /// (with tracking a key that did not change is not read again, but for the safety poll each 30 s).
    public var failure: QueueFailure?
    /// Kept through a failure.
    public var source: QueueSource
    /// When the push came that led to ``reading``; nil when it came by a poll or a (re)connect.
    public var changedAt: ContinuousClock.Instant?
    /// When the server last said that a key of this queue changed, even if the figures came out the same: a task may
    /// have come and gone between two readings. Known only with ``QueueSource/push``; no reason to be notified.
    public var touchedAt: ContinuousClock.Instant?
    /// What is in the keys of each Pod, of those that were given; empty where no key is a Pod's own.
    public var pods: [String: PodTasks]

    /// All parts are independent of each other.
    public init(
        reading: QueueCounts? = nil, failure: QueueFailure? = nil, source: QueueSource = .push,
        changedAt: ContinuousClock.Instant? = nil, touchedAt: ContinuousClock.Instant? = nil,
        pods: [String: PodTasks] = [:]
    ) {
        self.reading = reading
        self.failure = failure
        self.source = source
        self.changedAt = changedAt
        self.touchedAt = touchedAt
        self.pods = pods
    }
}

/// The counts of one queue.
public struct QueueCounts: Hashable, Sendable {
    /// Tasks that no worker has taken.
    public var waiting: Int
    /// Tasks taken and not acknowledged. Celery's early acknowledgement takes a running task out of it: the figure
    /// for scaling is the larger of this and what the workers' heartbeats report as active.
    public var inFlight: Int
    /// True: some unacknowledged tasks of the server could not be attributed to a queue, and ``inFlight`` leaves
    /// them out; rely on the heartbeats.
    public var inFlightIsEstimate: Bool
    /// Unacknowledged tasks that may or may not be this queue's; above 0 only with ``inFlightIsEstimate``.
    /// A change of this figure alone is no reason to be notified.
    public var unattributed: Int
    /// Those of ``inFlight`` that are in keys which all workers share.
    public var unassigned: Int
    /// Why ``waiting`` is no exact count; nil: it is.
    public var estimate: WaitingEstimate?
    /// When the oldest of the figures was last confirmed by the server.
    public var at: ContinuousClock.Instant

    /// Counts are never negative.
    public init(
        waiting: Int, inFlight: Int, inFlightIsEstimate: Bool = false, unattributed: Int = 0, unassigned: Int = 0,
        estimate: WaitingEstimate? = nil, at: ContinuousClock.Instant
    ) {
        self.waiting = waiting
        self.inFlight = inFlight
        self.inFlightIsEstimate = inFlightIsEstimate
        self.unattributed = unattributed
        self.unassigned = unassigned
        self.estimate = estimate
        self.at = at
    }
}

/// What is in the keys that hold one Pod's tasks alone.
public enum PodTasks: Hashable, Sendable {
    /// Not all of them were read.
    case unread
    case some(Int)
    /// Nothing was in them at `since` or later, and nothing is known to have gone through them; `confirmedAt` is when
    /// the server last said so, nil if it would have told of a change at once.
    case none(since: ContinuousClock.Instant, confirmedAt: ContinuousClock.Instant?)
}

/// How changes become known.
public enum QueueSource: Hashable, Sendable {
    /// The server says so at once (`CLIENT TRACKING`).
    case push
    /// Only by asking again and again; `why` is a sentence for the user.
    case poll(why: String)
}

/// Why a queue can't be read.
public struct QueueFailure: Error, Hashable, Sendable {
    /// The reason as conditions show it.
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        case hostNotFound = "HostNotFound"
        case hostRefused = "HostRefused"
        case unreachable = "Unreachable"
        case tlsFailed = "TLSFailed"
        case authenticationFailed = "AuthenticationFailed"
        case permissionDenied = "PermissionDenied"
        case wrongType = "WrongType"
        case loading = "Loading"
        /// What the sentinels named is no master, or not any more.
        case notMaster = "NotMaster"
        /// The sentinels watch no master of that name.
        case masterUnknown = "MasterUnknown"
        /// What answers at the address is no sentinel.
        case notSentinel = "NotSentinel"
        /// The server is a cluster's node that does not hold the key.
        case notStandalone = "NotStandalone"
        /// The server is no node of a cluster.
        case notCluster = "NotCluster"
        /// The cluster has no master for the key at the moment.
        case slotNotServed = "SlotNotServed"
        case protocolError = "ProtocolError"
        case serverError = "ServerError"
    }

    /// For the condition.
    public var reason: Reason
    /// What to do about it; free of secrets and of anything a server sent.
    public var message: String
    /// Since when the queue can't be read; kept while the reason changes.
    public var since: ContinuousClock.Instant

    /// The message must be safe to show.
    public init(reason: Reason, message: String, since: ContinuousClock.Instant) {
        self.reason = reason
        self.message = message
        self.since = since
    }
}

extension QueueFailure {
    /// Whether it is what a failover or a restart looks like, and not a mistake that somebody has to mend.
    var mayPassSoon: Bool {
        switch reason {
        case .unreachable, .loading, .notMaster, .slotNotServed: true
        case .hostNotFound, .hostRefused, .tlsFailed, .authenticationFailed, .permissionDenied, .wrongType,
            .masterUnknown, .notSentinel, .notStandalone, .notCluster, .protocolError, .serverError:
            false
        }
    }
}
