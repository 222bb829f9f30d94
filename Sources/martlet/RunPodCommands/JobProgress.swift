internal import RunPod

/// The progress line of a wait, for people.
enum JobProgress {
    /// `queued 12 s, no capacity: …`, without a line end.
    static func line(_ wait: JobWait, now: Duration) -> String {
        let seconds = "\(wait.elapsed(now).components.seconds) s"
        switch wait.state {
        case .fresh, .submitting: return "submitting, \(seconds)"
        case .submittingToCancel: return "submitting, \(seconds); will be cancelled (Ctrl-C again gives up)"
        case .cancelling, .confirming: return "cancelling, \(seconds) (Ctrl-C again gives up)"
        case .following:
            switch wait.job?.status {
            case nil, .inQueue:
                let cause = wait.queue.cause.description
                return "queued \(seconds)" + (cause.isEmpty ? "" : ", \(cause)")
            case .inProgress:
                let worker = wait.job?.workerID.map { " on worker \($0.prefix(Self.longestWord))" } ?? ""
                return "running \(seconds)\(worker)"
            case .unknown(let word): return "\(word.prefix(Self.longestWord)) \(seconds)"
            case .completed, .failed, .cancelled, .timedOut: return "reading the result, \(seconds)"
            }
        case .ended: return ""
        }
    }

    /// Characters of a foreign word.
    private static let longestWord = 40
}
