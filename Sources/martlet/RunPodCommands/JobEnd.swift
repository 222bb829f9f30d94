internal import RunPod

/// How following a job ended, with what a script needs to know of it: the exit code.
enum JobEnd: Sendable, Equatable {
    /// The job ended; its status says how.
    case finished(Job)
    /// RunPod dropped the job or its result: 404 after it was there (its time to live, its retention, a purge).
    case expired(JobID, lastSeen: JobStatus)
    /// RunPod never knew the id.
    case neverAppeared(JobID)
    /// The job can't be read; it may go on.
    case unreadable(JobID, RunPodError)
    /// A status of the vendor's that this version does not know, for too long.
    case notUnderstood(JobID, status: String)
    /// `--timeout` is over; the job goes on.
    case outwaited(JobID, JobStatus?)
    /// It was to be cancelled, and may run all the same.
    case cancelUnconfirmed(JobID, RunPodError?)
    /// RunPod refused the job, or could not be asked: there is none.
    case notSubmitted(RunPodError)
    /// The answer to the submission was lost: there may be a job of which nobody knows the id. Never sent twice.
    case submissionInDoubt(RunPodError)
    /// The user did not want to wait any more; nil: for a job whose id was not known yet.
    case givenUp(JobID?)

    /// As docs/commands.md has it.
    var exitCode: Int32 {
        switch self {
        case .finished(let job):
            switch job.status {
            case .completed: 0
            case .failed: 1
            case .timedOut: 3
            case .cancelled: 4
            case .inQueue, .inProgress, .unknown: 5
            }
        case .notSubmitted: ExitCodes.nothingDone
        case .expired, .neverAppeared, .unreadable, .notUnderstood, .outwaited, .cancelUnconfirmed,
            .submissionInDoubt:
            ExitCodes.unknown
        case .givenUp: ExitCodes.interrupted
        }
    }
}

/// The exit codes that do not come from a job's status.
enum ExitCodes {
    /// Nothing was submitted or changed: the endpoint is closed, a key is refused, a server does not answer.
    static let nothingDone: Int32 = 2
    /// What became of the job is not known.
    static let unknown: Int32 = 5
    /// As shells have it for SIGINT.
    static let interrupted: Int32 = 130
}
