internal import RunPod

/// Follows one job from its submission to its end; pure, its shell is `JobRunner`.
///
/// It submits once, reads until the job has ended, looks at the endpoint's workers while the job is queued, and
/// cancels the job when the user interrupts. One step is under way at a time; what a superseded one brings is ignored.
struct JobWait: Sendable {
    /// How the job is followed.
    enum Reading: Sendable {
        /// By its status.
        case status
        /// By the chunks of its output, and its status at the end.
        case chunks
    }

    /// What an interrupt does to the job; a second one always gives up.
    enum Interruption: Sendable {
        /// It is this command's own job.
        case cancelsJob
        /// The command only looks on.
        case leavesJob
    }

    /// One thing to do, which ends in one `Event.ended` with the same ticket.
    enum Step: Sendable, Hashable {
        case submit
        case readJob(JobID)
        case readPage(JobID)
        case cancel(JobID)
        case pause(Duration)
    }

    /// Numbers the steps, so that the outcome of a superseded one is known for what it is.
    typealias Ticket = Int

    /// What came of a step.
    enum Outcome: Sendable {
        case submitted(Job)
        case job(Job)
        case page(JobStreamPage)
        case cancelled(Job)
        case failed(RunPodError)
        case paused
    }

    /// What the shell tells.
    enum Event: Sendable {
        case began
        case ended(Outcome, Ticket)
        /// The user pressed Ctrl-C, or the system asks the process to end.
        case interrupted
        case health(EndpointHealth)
        case bounds(WorkersBounds)
    }

    /// What the shell is to do.
    enum Action: Sendable, Hashable {
        case begin(Step, Ticket)
        /// Read these beside the step; no answer is needed.
        case lookAtHealth
        case lookAtBounds
        /// Stop everything; `end` is set.
        case stop
    }

    enum State: Sendable {
        case fresh
        case submitting
        /// Interrupted before the id was known.
        case submittingToCancel
        case following(JobID)
        case cancelling(JobID, attempt: Int)
        /// RunPod took the cancellation; the job's status is to show it.
        case confirming(JobID, since: Duration)
        case ended(JobEnd)
    }

    let reading: Reading
    let interruption: Interruption
    /// How long to wait at all; nil: as long as the job lives.
    let patience: Duration?

    var state: State
    /// As last read; nil before it was: the id that `/run` gives is no proof that the rest of RunPod knows the job.
    var job: Job?
    /// What stands between the job and a worker.
    var queue = QueueView()
    /// Reads of chunks whose answer was lost: what they held is lost too.
    var lostPages = 0

    var began = Duration.zero
    var ticket = 0
    var afterPause: Step?
    var failingSince: Duration?
    var puzzledSince: Duration?
    var nextHealth = JobWait.firstHealth
    var nextBounds = JobWait.firstBounds

    /// Submits a job of this command's own and follows it.
    init(submitting reading: Reading, patience: Duration?, bounds: WorkersBounds?) {
        self.reading = reading
        self.interruption = .cancelsJob
        self.patience = patience
        queue.bounds = bounds
        state = .fresh
    }

    /// Follows a job that exists.
    init(following job: JobID, by reading: Reading = .status, patience: Duration?) {
        self.reading = reading
        self.interruption = .leavesJob
        self.patience = patience
        state = .following(job)
    }

    /// Set once `stop` was given.
    var end: JobEnd? { if case .ended(let end) = state { end } else { nil } }
}

extension JobWait {
    /// A job may be unknown to `/status` for seconds after `/run` told its id (F13).
    static let grace = Duration.seconds(30)
    /// RunPod's statuses may be unreadable for as long without the wait being given up.
    static let longestOutage = Duration.seconds(120)
    /// A status that this version does not know is waited out for as long.
    static let longestPuzzle = Duration.seconds(600)
    /// A cancelled job's status shows it within this time.
    static let longestConfirmation = Duration.seconds(30)
    /// Cancelling twice does no harm, so a failure is tried again.
    static let cancelAttempts = 4
    /// A warm worker takes a job sooner; before, nobody wonders.
    static let firstHealth = Duration.seconds(2)
    static let healthPeriod = Duration.seconds(5)
    /// The bounds cost a call of the control plane, of which there are few a minute.
    static let firstBounds = Duration.seconds(30)
    static let boundsPeriod = Duration.seconds(60)
    /// Between two reads that failed, or of an empty stream.
    static let retryPause = Duration.seconds(2)
    static let emptyPause = Duration.seconds(1)

    /// Between two reads: short while an answer may be a second away, longer when it is minutes.
    static func pause(after elapsed: Duration) -> Duration {
        switch elapsed {
        case ..<Duration.seconds(10): .milliseconds(500)
        case ..<Duration.seconds(60): .seconds(1)
        case ..<Duration.seconds(600): .seconds(2)
        default: .seconds(5)
        }
    }
}
