/// One heartbeat of a Celery worker. A worker sends one each `frequency` seconds (2 by default).
public struct Heartbeat: Hashable, Sendable {
    /// `hostname` as sent, usually `celery@` and the Pod's name; untrusted: whoever may PUBLISH can invent it.
    public var hostname: String
    /// The part of ``hostname`` after the `@`.
    public var host: String
    /// Tasks being executed; always 0 with `--pool=solo`.
    public var active: Int
    /// Tasks executed since the worker's start.
    public var processed: Int
    /// Seconds between heartbeats.
    public var frequency: Double

    /// ``host`` is derived from `hostname`.
    public init(hostname: String, active: Int, processed: Int, frequency: Double) {
        self.hostname = hostname
        self.host = hostname.split(separator: "@", maxSplits: 1).last.map(String.init) ?? hostname
        self.active = active
        self.processed = processed
        self.frequency = frequency
    }
}

/// What the event channel of Celery's workers says, and whether it can be heard at all.
///
/// `keyPrefix` tells apart the queries of one server that use different prefixes.
public enum WorkerEvent: Hashable, Sendable {
    /// From now on every heartbeat is heard. Comes again after each reconnect: what was missed meanwhile is unknown.
    case subscribed(keyPrefix: String)
    /// Nothing is heard until the next ``subscribed(keyPrefix:)``.
    case lost(keyPrefix: String)
    /// The server refuses the channel; tried again at a slow rate, each time reported once per change.
    case refused(keyPrefix: String, QueueFailure)
    case heartbeat(keyPrefix: String, Heartbeat)
    case online(keyPrefix: String, Heartbeat)
    case offline(keyPrefix: String, Heartbeat)
}
