extension RunPodWorld {
    /// One job of a queue endpoint.
    package struct Job: Sendable {
        package enum State: Hashable, Sendable {
            case queued(since: SimulatedInstant)
            case running(WorkerID, since: SimulatedInstant)
            case finished(Outcome, at: SimulatedInstant)
        }

        package enum Outcome: String, Hashable, Sendable {
            case completed = "COMPLETED"
            case failed = "FAILED"
            case cancelled = "CANCELLED"
            case timedOut = "TIMED_OUT"
        }

        package let id: JobID
        let input: WireJSON
        let webhook: String?
        /// Held by the caller: kept for a minute only.
        let isSync: Bool
        let isLowPriority: Bool
        /// The policy's, else nil for the endpoint's.
        let executionTimeout: Duration?
        let timeToLive: Duration
        package let submittedAt: SimulatedInstant
        package internal(set) var state: State
        /// Rises with each change of state; events of an older step are void.
        var step = 0
        package internal(set) var retries = 0
        /// Attempts since it was last submitted by a caller.
        var attempts = 0
        var delay: Duration?
        var execution: Duration?
        var worker: WorkerID?
        var output: WireJSON?
        var error: String?
        /// What the current attempt will do.
        var behaviour = JobBehaviour()
        var plannedExecution = Duration.zero
        /// Pieces that `/stream` has handed out.
        var drained = 0

        package var isFinished: Bool {
            switch state {
            case .finished: true
            case .queued, .running: false
            }
        }

        /// The word of the API.
        package var status: String {
            switch state {
            case .queued: "IN_QUEUE"
            case .running: "IN_PROGRESS"
            case .finished(let outcome, _): outcome.rawValue
            }
        }
    }
}
