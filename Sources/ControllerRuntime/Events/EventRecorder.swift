public import Kubernetes
public import KubernetesModel
public import Logging
import Synchronization

/// Tells people through `kubectl describe` what was done to an object and why.
///
/// * `record` never waits: events queue up, and `run()` writes them. A queue of more than 1,000 drops its oldest; more
///   than 25 on one object at once, then one in five minutes, are dropped too. Both are logged.
/// * The same type, reason and message on the same object are one event. Its repeats count up on it, written at most
///   once in five minutes. So a message must not hold what differs each time, unless each is news.
/// * An `occurrence` names a thing that happened once, such as a generation that was acted on. It is told once, even if
///   it is recorded again after a restart: the event's name follows from it, so the API server refuses a second one.
/// * Failures are retried while they may pass, other events first; what the server refuses for good is logged and
///   dropped.
public final class EventRecorder: Sendable {
    private let events: Resources<Event>
    private let component: String
    private let instance: String
    private let time: any TimeSource
    private let backoff: Backoff
    private let logger: Logger
    private let ledger = Mutex(EventLedger())
    private let random: Mutex<any RandomNumberGenerator & Sendable>
    private let lastRefusal = Mutex<String?>(nil)
    private let bell = Bell()

    /// A recorder for the controller `component`, of which this process is `instance` (the Pod's name).
    public init(
        _ events: Resources<Event>, component: String, instance: String, time: any TimeSource = SystemTime(),
        backoff: Backoff = .requests,
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator(),
        logger: Logger = Logger(label: "events")
    ) {
        self.events = events
        self.component = component
        self.instance = instance
        self.time = time
        self.backoff = backoff
        self.random = Mutex(random)
        self.logger = logger
    }

    /// Queues an event on `object`, which must have been read from the server. Returns at once.
    ///
    /// `reason` is a CamelCase word, `message` a sentence; what exceeds 1,024 bytes is cut. Neither may hold a secret.
    public func record<Object: KubernetesObject>(
        _ type: EventType, reason: String, message: String, about object: Object, occurrence: String? = nil
    ) {
        let metadata = object.metadata
        var reference = ObjectReference(
            apiVersion: Object.resourceType.apiVersion, kind: Object.resourceType.kind, namespace: metadata.namespace,
            name: metadata.name, uid: metadata.uid)
        reference.resourceVersion = metadata.resourceVersion
        record(type, reason: reason, message: message, about: reference, occurrence: occurrence)
    }

    /// Queues an event on the object that `reference` names, its UID included. Returns at once.
    public func record(
        _ type: EventType, reason: String, message: String, about reference: ObjectReference,
        occurrence: String? = nil
    ) {
        let draft = EventDraft(type: type, reason: reason, message: message, about: reference, occurrence: occurrence)
        let (date, now) = (time.now, time.uptime)
        let (verdict, dropped) = ledger.withLock { $0.record(draft, at: date, now: now) }
        if let dropped { logDrop(dropped, because: "queue is full") }
        switch verdict {
        case .queued, .counted: bell.ring()
        case .known, .overRate(isFirst: false): break
        case .overRate(isFirst: true): logDrop(draft, because: "too many on this object")
        }
    }

    /// Writes events until the task is cancelled. What is queued then stays unwritten.
    public func run() async {
        var failures = 0
        while !Task.isCancelled {
            let now = time.uptime
            let step = ledger.withLock { $0.next(now: now) }
            do {
                switch step {
                case .create(let draft, let key, let seen):
                    let outcome = await create(draft, key, seen)
                    try await settle(key, seen, outcome, &failures)
                case .bump(let key, let seen, let known):
                    let outcome = await bump(key, seen, known)
                    try await settle(key, seen, outcome, &failures)
                case .rest(let until): try await bell.wait(atMost: until.map { now.duration(to: $0) }, on: time)
                }
            } catch {
                return
            }
        }
    }

    /// Whether nothing is to be written, now or at any later time.
    var isAtRest: Bool { ledger.withLock { $0.next(now: time.uptime) } == .rest(until: nil) }

    private func settle(
        _ key: ObjectKey, _ seen: EventLedger.Repeats, _ outcome: EventLedger.Outcome, _ failures: inout Int
    ) async throws {
        ledger.withLock { $0.finish(key, wrote: seen, outcome, now: time.uptime) }
        switch outcome {
        case .written, .alreadyThere, .expired, .refused:
            failures = 0
            return
        case .unreachable, .putOff: failures += 1
        }
        let delay = random.withLock { [failures] in backoff.delay(afterFailures: failures, using: &$0) }
        try await time.sleep(for: delay)
    }

    private func create(
        _ draft: EventDraft, _ key: ObjectKey, _ seen: EventLedger.Repeats
    ) async -> EventLedger.Outcome {
        var event = Event(metadata: ObjectMeta(name: key.name, namespace: key.namespace), involvedObject: draft.about)
        event.type = draft.type
        event.reason = draft.reason
        event.message = draft.message
        event.count = seen.count
        event.firstTimestamp = Timestamp(seen.first)
        event.lastTimestamp = Timestamp(seen.last)
        event.source = EventSource(component: component, host: instance)
        event.reportingComponent = component
        event.reportingInstance = instance
        do {
            _ = try await events.create(event, in: key.namespace, as: FieldManager(rawValue: component))
            return .written(count: seen.count)
        } catch {
            return error.alreadyExists ? .alreadyThere : failure(error)
        }
    }

    private struct Bump: Encodable {
        var count: Int
        var lastTimestamp: Timestamp
    }

    private func bump(_ key: ObjectKey, _ seen: EventLedger.Repeats, _ known: Int?) async -> EventLedger.Outcome {
        do {
            var present = known
            if present == nil { present = try await events.get(key).count }
            let count = (present ?? 1) + seen.count
            let patch = Bump(count: count, lastTimestamp: Timestamp(seen.last))
            _ = try await events.mergePatch(key, patch, as: FieldManager(rawValue: component))
            return .written(count: count)
        } catch {
            return error.isNotFound ? .expired : failure(error)
        }
    }

    private func failure(_ error: KubernetesError) -> EventLedger.Outcome {
        if error.isRetryable || error.isConflict { return error.status == nil ? .unreachable : .putOff }
        // Nothing is told of what was cancelled: the recorder ends.
        if error.isCancelled { return .unreachable }
        // Another process leads now, and tells what it does itself.
        if error.isWithheld { return .refused }
        let text = "\(error.cause)"
        let isNew = lastRefusal.withLock { last in
            defer { last = text }
            return last != text
        }
        logger.log(
            level: isNew ? .warning : .debug, "event refused",
            metadata: ["operation": "\(error.operation)", "error": "\(text)"])
        return .refused
    }

    private func logDrop(_ draft: EventDraft, because cause: String) {
        logger.warning(
            "event dropped: \(cause)",
            metadata: [
                "object": "\(draft.about.namespace ?? "")/\(draft.about.name ?? "")", "reason": "\(draft.reason)",
                "message": "\(draft.message)",
            ])
    }
}
