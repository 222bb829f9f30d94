extension RunPodWorld {
    /// How this RunPod behaves where sources disagree, where nothing is known, and where a test wants it otherwise.
    ///
    /// May be changed at any time; what is decided already stays.
    package struct Settings: Sendable {
        /// The base that `requestUrls` begin with.
        package var jobsBaseURL = "https://api.runpod.ai/v2"
        /// Quotas of the control plane for each account that is added later; empty: no limit and no headers.
        package var rateQuotas = RateQuota.asSpecified
        /// For accounts that are added later.
        package var workerQuota = 5
        package var catalogue = Catalogue.seed
        package var capacity = Capacity()
        /// How late views hear of changes.
        package var lag = Lag()
        /// How workers come up and what they do, by a part of the image's name; the first that matches counts.
        package var images: [(part: String, behaviour: ImageBehaviour)] = []
        /// For images that no entry of `images` names.
        package var image = ImageBehaviour()
        /// Milliseconds of `timeout` for a create that leaves it out.
        package var timeoutWhenOmitted = Defaults.timeoutAsObserved
        /// Bodies with a field of the wrong name are refused with the valid fields named as well, if one is missing.
        package var reportsValidFieldsAsAdditional = true
        /// An unknown pool is taken, and its workers stay throttled for ever.
        package var acceptsUnknownPools = false
        /// What is put behind the name of an endpoint with FlashBoot in a list.
        package var listedNameSuffix = ""
        /// Endpoints of one page of a list; nil: no pages, as specified.
        package var pageSize: Int?
        /// Workers beyond need that FlashBoot and the scaler add, 0 to 2.
        package var extraWorkers = 0
        /// Whether a lowered `min` begins the idle timeout anew for workers that were idle already.
        package var restartsIdleTimeoutWhenMinFalls = false
        /// The idle timeout of queue endpoints that scale by request count: they have none of their own.
        package var idleTimeoutByRequestCount = Duration.seconds(5)
        package var idleClock = IdleClock()
        package var jobs = JobRules()
        /// `/health` reports running workers as throttled, as seen once.
        package var healthDisagreesWithWorkers = false
        /// Keys that `/health` and the worker list leave out.
        package var missingKeys: Set<String> = []
        /// A status that workers are shown in although no client can know it.
        package var unknownWorkerStatus: String?
        /// Hosts that refuse connections.
        package var hostsDown: Set<SimulatedRequest.Surface> = []
        /// A worker that crashes this often lowers `max` by one; nil: never.
        package var crashesUntilScaleDown: Int?

        package init() {}
    }

    /// How late views hear of changes. Zero: at once.
    package struct Lag: Hashable, Sendable {
        /// Until a list shows a created endpoint.
        package var listAfterCreate = Duration.zero
        /// Until a list stops to show a deleted endpoint.
        package var listAfterDelete = Duration.zero
        /// Until a list shows an update.
        package var listAfterUpdate = Duration.zero
        /// Until a read by id finds a created endpoint.
        package var readAfterCreate = Duration.zero
        /// Until a read by id answers 404 for a deleted endpoint.
        package var readAfterDelete = Duration.zero
        /// Until the job plane knows a created endpoint.
        package var jobsAfterCreate = Duration.zero
        /// Until `/status` knows a job after `/run`.
        package var statusAfterRun = Duration.zero
    }

    /// RunPod lowers `max` of endpoints that nobody asks anything.
    package struct IdleClock: Hashable, Sendable {
        package var first = Duration.seconds(3 * 86_400)
        package var maxAfterFirst = 2
        package var second = Duration.seconds(7 * 86_400)
        package var maxAfterSecond = 0
        package var isOn = true
        /// "Any request" may mean reads too; submissions only is the stricter reading for whoever polls.
        package var anyCallResets = false
    }

    /// How workers of an image come up, and what they do with jobs.
    package struct ImageBehaviour: Sendable {
        /// Before the container starts: not billed.
        package var pull = DurationSpan.exactly(.seconds(8))
        /// From the start of the container until it takes jobs: billed.
        package var load = DurationSpan.exactly(.seconds(3))
        /// Revival by FlashBoot instead of both, billed.
        package var revival = DurationSpan.exactly(.seconds(1))
        /// The container ends when it is loaded, again and again.
        package var crashes = false
        package var job = JobBehaviour()

        package init() {}
    }

    /// What a job does, unless its `input.lab` says otherwise.
    package struct JobBehaviour: Hashable, Sendable {
        package enum Ending: Hashable, Sendable {
            case completes
            /// Handler exception.
            case fails(String)
            /// It never reports back.
            case hangs
        }

        package var execution = DurationSpan.exactly(.seconds(2))
        package var ending = Ending.completes
        /// Pieces for `/stream`, spread evenly over the execution.
        package var chunks = 0
        /// Of text in each piece.
        package var chunkBytes = 16

        package init() {}
    }

    /// Times and open questions of the job plane.
    package struct JobRules: Hashable, Sendable {
        package var retentionAsync = Duration.seconds(30 * 60)
        package var retentionSync = Duration.seconds(60)
        package var timeToLive = Duration.seconds(86_400)
        /// After it a worker that does not report back has lost its job (87 s were seen for two attempts).
        package var lostAfter = Duration.milliseconds(43_500)
        package var runLimit = 10 << 20
        package var runSyncLimit = 20 << 20
        package var chunkLimit = 1 << 20
        /// The status for a body over the limit: undocumented.
        package var tooLargeStatus = 413
        /// Sources differ between TIMED_OUT and FAILED.
        package var executionTimeoutFails = false
        /// Whether a job that expired in the queue is shown as TIMED_OUT instead of being gone.
        package var showsExpired = false
        /// Whether purged jobs are shown as CANCELLED instead of being gone.
        package var showsPurged = false
        /// Base limits by operation in 10 s.
        package var limits = [
            "run": 1000, "runsync": 2000, "status": 2000, "stream": 2000, "cancel": 100, "purge-queue": 2,
            "openai": 2000, "requests": 10,
        ]
        /// What one running worker adds to the limit's alternative; the factor is not published.
        package var limitPerWorker = 100
        /// Requests of an operation held at once.
        package var concurrent = ["runsync": 400, "status": 400, "stream": 400, "openai": 400]
        package var queueCeiling = 50_000
    }
}
