extension RunPodWorld {
    /// A serverless endpoint with its workers and jobs.
    package struct Endpoint: Sendable {
        package let id: EndpointID
        package let account: AccountID
        package let createdAt: SimulatedInstant
        package internal(set) var configuration: Configuration {
            didSet { listText = nil }
        }
        /// How lists show it, kept until something changes: a year of lists a minute is mostly this text.
        var listText: [UInt8]?
        /// Rises with each release.
        package internal(set) var version = 1
        var releases: [Release] = []
        package internal(set) var workers = OrderedTable<WorkerID, Worker>()
        package internal(set) var jobs = OrderedTable<JobID, Job>()
        /// Jobs that wait, in the order in which they are served.
        package internal(set) var queue: [JobID] = []
        package internal(set) var counters = JobCounters()
        /// Since when nothing was asked of it; moves on with requests and with changes of the bounds.
        var idleClockStart: SimulatedInstant
        /// Tells old events of the idle clock from the current one.
        var idleClockRound = 0
        /// The first limit was reached; what is armed is the second.
        var idleClockHasStruck = false
        /// When a worker of the current version was last up: what FlashBoot revives.
        var lastWarm: (at: SimulatedInstant, version: Int)?
        /// Before it, lists do not show the endpoint.
        var listedFrom: SimulatedInstant
        /// Before it, reads by id answer 404.
        var readableFrom: SimulatedInstant
        /// Before it, the job plane does not know the endpoint.
        var jobsKnownFrom: SimulatedInstant
        /// When the idle timeout of a worker is looked at next.
        var idleTimeoutArmed: SimulatedInstant?
        /// What lists still show of a change that they have not heard of.
        var listedBefore: (configuration: Configuration, until: SimulatedInstant)?
        /// Windows of the job plane's rate limits.
        var jobWindows: [String: SlidingWindow] = [:]

        /// What `MARTLET_OWNER` says in its environment.
        package var owner: String? { configuration.container.environment[RunPodWorld.ownerVariable] }

        /// Workers between the start of their container and its end.
        package var billingWorkers: Int { workers.values.count { $0.phase.isBilled } }

        /// Jobs that wait or run.
        package var unfinishedJobs: Int { jobs.values.count { !$0.isFinished } }
    }

    /// Cumulative since creation, as `/health` shows them.
    package struct JobCounters: Hashable, Sendable {
        package var completed = 0
        package var failed = 0
        package var retried = 0
    }

    /// A deleted endpoint that lists or reads still show.
    struct Tombstone: Sendable {
        let endpoint: Endpoint
        let listedUntil: SimulatedInstant
        let readableUntil: SimulatedInstant
    }

    /// One version of what runs in the workers.
    struct Release: Sendable {
        let id: String
        let version: Int
        let createdAt: SimulatedInstant
        let changes: [(field: String, old: WireJSON, new: WireJSON)]
    }

    /// Whether an endpoint costs money.
    package enum Billing: Int, Comparable, Sendable {
        /// It exists, and nothing can start in it.
        case dormant
        /// `max` > 0 and (`min` > 0 or jobs): a worker starts as soon as there is capacity.
        case mayBill
        /// A worker is between the start of its container and its end.
        case bills

        package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }
}

extension RunPodWorld.Endpoint {
    /// Whether it costs money now.
    package var billing: RunPodWorld.Billing {
        if billingWorkers > 0 { return .bills }
        let bounds = configuration.workers
        return bounds.max > 0 && (bounds.min > 0 || unfinishedJobs > 0) ? .mayBill : .dormant
    }
}
