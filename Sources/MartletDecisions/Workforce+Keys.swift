import FoundationEssentials
import MartletAPI

extension Workforce {
    /// Where each Pod has a key of its own for what it works on.
    ///
    /// A worker moves a task into its key in the instant in which it takes it, so a task in the key is proof of work. An
    /// empty key is none of idleness: between two tasks it is empty too, and while tasks wait the next one may be taken
    /// at any moment. So a Pod is idle only while nothing waits and once its key has been quiet for a while; and only if
    /// such a key was ever seen in use, because a pattern that fits no worker is always empty.
    mutating func judge(byKeysOfPods snapshot: ScalingSnapshot, history: ScalingHistory) {
        let running = running
        guard case .current(let reading) = snapshot.reading else {
            return found(unknown: running.map(\.name), protecting: running.map(\.name))
        }
        guard snapshot.hasSeenPodWork || history.busynessWasKnown else {
            return judge(unused: running, reading, snapshot, history)
        }
        if !running.isEmpty { knowledge = .known }
        let isAnyones = reading.unassigned > 0 || reading.unattributed > 0
        for pod in running {
            switch pod.work {
            case .tasks: found(busy: pod.name)
            case .unread, nil: found(unknown: [pod.name], protecting: [pod.name])
            case .empty(let since, let confirmedAt):
                let proven = since.addingTimeInterval(Self.quiet)
                if reading.waiting > 0 || isAnyones {
                    found(busy: pod.name)
                } else if confirmedAt >= proven {
                    foundIdle()
                } else {
                    found(unknown: [pod.name], protecting: [pod.name])
                    // Where the server is polled, the next reading may come a little later than that.
                    changes(at: max(proven, snapshot.now.addingTimeInterval(Self.recheck)))
                }
            }
        }
    }

    /// All or nothing, as for a list that shows nothing in flight.
    private mutating func judge(
        unused running: [PodSnapshot], _ reading: QueueReading, _ snapshot: ScalingSnapshot, _ history: ScalingHistory
    ) {
        found(unknown: running.map(\.name), protecting: [])
        let should = running.first { pod in
            guard pod.isReady, let startedAt = pod.startedAt else { return false }
            return snapshot.now >= startedAt.addingTimeInterval(Self.patience)
        }
        if let should, reading.waiting > 0 || reading.unassigned > 0 {
            knowledge = .unknown(
                reason: "NoWorkSeen",
                message: "Tasks wait and Pod \(should.name) is Ready, but no task was ever seen in a key of a Pod's own; "
                    + "check the \(PodKeyPattern.mark) pattern of inFlightKeys. Until then workers are only taken when "
                    + "nothing waits and nothing is in flight, after the cooldown.")
        }
        protectAllUnlessQuiet(running.map(\.name), snapshot, cooldownFrom: history.lastActive)
    }

    /// Seconds for which a Pod's key must have been untouched: far more than a worker needs from one task to the next.
    private static let quiet = 3.0
    /// Seconds until proof is looked for again that was not there when it was due.
    private static let recheck = 0.5
    /// Seconds after which a Ready worker should have taken a task if any waits.
    private static let patience = 60.0
}
