public import FoundationEssentials

/// What a worker announces on its server's event channels.
public enum WorkerEvent: Sendable, Hashable {
    case heartbeat(Heartbeat)
    case online
    case offline
}

/// The part of a Celery heartbeat that tells whether the worker works. Foreign numbers: any value may come.
public struct Heartbeat: Sendable, Hashable {
    /// Tasks being run; always 0 with `--pool=solo`.
    public var active: Int
    /// Tasks taken since the worker started.
    public var processed: Int
    /// Seconds between heartbeats, as the worker promises.
    public var frequency: Double

    /// A heartbeat as it was sent.
    public init(active: Int, processed: Int, frequency: Double) {
        self.active = active
        self.processed = processed
        self.frequency = frequency
    }
}

/// What the heartbeats of a Pod's worker prove at one instant.
public enum WorkerEvidence: Sendable, Hashable {
    /// Two consecutive heartbeats with nothing active and nothing processed between, and the next one not overdue.
    case idle(overdueAt: Date)
    case busy(BusyEvidence)
    /// No heartbeat was ever received under a name that is this Pod's and only this Pod's.
    case unheard
}

/// Why a worker that was heard counts as busy.
public enum BusyEvidence: Sendable, Hashable {
    /// The last heartbeat reports that many tasks.
    case active(Int)
    /// Tasks were processed between the last two heartbeats.
    case worked
    /// Not yet two heartbeats in a row since listening began: proves nothing, in either direction.
    case unproven
    /// The next heartbeat is overdue: a solo worker is silent while it runs a task.
    case silent(since: Date)
}
