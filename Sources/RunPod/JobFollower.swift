/// Decides, look by look, what has become of a job; pure, the time is passed in.
///
/// RunPod answers 404 for a job that it has just taken and does not show yet (F13), for one whose result it has dropped
/// (F18), and for one that never was: only what was seen before tells them apart.
package struct JobFollower: Sendable {
    /// What a look found.
    package enum Sight: Sendable, Equatable {
        /// The job.
        case job(Job)
        /// 404.
        case nothing
    }

    /// What to do.
    package enum Verdict: Sendable, Equatable {
        /// Look again.
        case goOn
        /// The job has ended; its status says how.
        case ended(Job)
        /// It was there and is gone: its time to live or the retention of its result is over. Nothing will come.
        case expired
        /// It never showed within the grace.
        case lost
        /// It has not ended within the patience; it may still be there.
        case overdue
    }

    /// How long a job that RunPod has accepted may stay unseen.
    package static let grace = Duration.seconds(30)

    private enum Phase: Sendable {
        case unseen
        case seen
        case over(Verdict)
    }

    private let start: Duration
    private let patience: Duration
    private var phase = Phase.unseen

    /// A job that was submitted, or is asked about for the first time, at `start`. `patience` bounds the wait for an end
    /// whatever words the status may have.
    package init(start: Duration, patience: Duration) {
        self.start = start
        self.patience = patience
    }

    /// Takes a look in. Once the verdict is not `goOn` it stays.
    package mutating func saw(_ sight: Sight, now: Duration) -> Verdict {
        if case .over(let verdict) = phase { return verdict }
        let verdict = verdict(on: sight, now: now)
        switch (verdict, sight) {
        case (.goOn, .job): phase = .seen
        case (.goOn, .nothing): break
        case (.ended, _), (.expired, _), (.lost, _), (.overdue, _): phase = .over(verdict)
        }
        return verdict
    }

    private func verdict(on sight: Sight, now: Duration) -> Verdict {
        switch (sight, phase) {
        case (_, .over(let verdict)): verdict
        case (.job(let job), _) where job.status.isTerminal: .ended(job)
        case (.nothing, .seen): .expired
        case (.nothing, .unseen) where now - start >= Self.grace: .lost
        case (.job, _), (.nothing, .unseen): now - start >= patience ? .overdue : .goOn
        }
    }
}
