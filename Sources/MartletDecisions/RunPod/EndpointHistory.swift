package import FoundationEssentials

/// What the driver remembers of one endpoint between decisions. Lost at a restart without harm: what must outlive it stands
/// in the object's status.
package struct EndpointHistory: Sendable, Hashable {
    /// The calls that fail independently of each other.
    package enum CallKind: Sendable, Hashable {
        case create, update, close, delete, verify, health
    }

    /// A call that went wrong, and until when it is not tried again.
    package struct Block: Sendable, Hashable {
        package var failures: Int
        package var until: Date
        package var problem: CallProblem
    }

    /// A PATCH that was accepted and that no list has confirmed yet (F20).
    package struct PendingWrite: Sendable, Hashable {
        package var change: EndpointChange
        package var time: Date
    }

    /// An endpoint on its way out.
    package struct Removal: Sendable, Hashable {
        package var sentAt: Date
        /// RunPod took the DELETE; it may not be taken back any more.
        package var isAcknowledged: Bool
        package var attempts = 1
        package var checks = 0
        package var nextCheck: Date
    }

    /// An endpoint that this process created, until a list shows it.
    package struct Creation: Sendable, Hashable {
        package var endpoint: ObservedEndpoint
        package var time: Date
    }

    /// The recorded endpoint as this process knows it: one that no list of its own ever showed may be very young.
    package struct Recorded: Sendable, Hashable {
        package var id: String
        package var since: Date
        package var wasListed = false
    }

    /// A closing under way.
    package struct Drain: Sendable, Hashable {
        package var startedAt: Date
        /// The first of the readings in a row that showed no job.
        package var idleSince: Date?
        package var isOver = false
        package var toldLeftOver = false
    }

    var generation: Int64?
    var keyFingerprint: String?
    package internal(set) var blocks: [CallKind: Block] = [:]

    /// Recorded by this process and not sent yet: the only state in which a create may be sent.
    var openIntent: RecordedIntent?
    /// Its create was refused for certain: it may be cleared.
    var refusedIntent: RecordedIntent?
    var lastPost: Date?
    /// When the lists began that count as proof that a create never took effect.
    var absences: [Date] = []
    var creation: Creation?
    var createWantedAt: Date?
    var poolOffset = 0
    /// The order of pools that RunPod gave capacity for, where it is not the spec's.
    var acceptedPools: [String]?

    var pending: [String: PendingWrite] = [:]
    /// The bounds that were wanted and written last while open.
    var openBounds: RunPodBounds?
    var correctedAt: [Date] = []
    var toldDrift = false

    var removals: [String: Removal] = [:]
    /// Ids of which a 404 was seen, and when: a list that still shows them is behind.
    var gone: [String: Date] = [:]
    var missing: [Date] = []
    var recorded: Recorded?

    package internal(set) var drain: Drain?
    package internal(set) var health: HealthReading?
    var retiringSince: Date?
    package internal(set) var isAbandoned = false
    /// Stands in the ledger of those that the spec keeps.
    var isRetained = false
    /// `since` of what was written into the ledger last.
    var abandonedSince: Date?
    private var events: [EndpointEvent] = []

    /// Nothing is known yet.
    package init() {}

    /// What is to be said, once.
    package mutating func takeEvents() -> [EndpointEvent] {
        defer { events = [] }
        return events
    }

    mutating func say(_ event: EndpointEvent) { events.append(event) }

    /// The block that stands in the way of `kind` at `now`.
    func block(_ kind: CallKind, at now: Date) -> Block? {
        blocks[kind].flatMap { now < $0.until ? $0 : nil }
    }

    /// Doubles the wait with each failure in a row; what was refused for a reason only people can remove waits longer.
    mutating func block(_ kind: CallKind, _ problem: CallProblem, isRefusal: Bool, at now: Date) {
        let failures = (blocks[kind]?.failures ?? 0) + 1
        let first = isRefusal ? EndpointTiming.firstRetryOfRefusal : EndpointTiming.firstRetry
        let limit = isRefusal ? EndpointTiming.longestRetryOfRefusal : EndpointTiming.longestRetry
        var wait = first
        for _ in 1..<min(failures, 12) where wait < limit { wait = min(wait * 2, limit) }
        wait = max(wait, problem.retryAfterSeconds ?? 0)
        blocks[kind] = Block(failures: failures, until: now.addingTimeInterval(wait), problem: problem)
    }

    mutating func unblock(_ kind: CallKind) { blocks[kind] = nil }

    /// What was refused under another spec or key is worth a try.
    mutating func refresh(generation new: Int64, keyFingerprint key: String?) {
        if generation != new {
            generation = new
            blocks = [:]
            poolOffset = 0
            acceptedPools = nil
            correctedAt = []
        }
        if let key, keyFingerprint != key {
            keyFingerprint = key
            blocks = [:]
        }
    }
}

extension EndpointHistory {
    /// The endpoint that this process created and no list has shown yet.
    package var createdID: String? { creation?.endpoint.id }
}
