import FoundationEssentials
import MartletAPI

extension Workforce {
    /// Where each Pod has a key of its own for what it works on.
    ///
    /// A worker moves a task into its key in the instant in which it takes it, so a task in the key is proof of work. An
    /// empty key is none of idleness: between two tasks it is empty too, and while tasks wait the next one may be taken
    /// at any moment. So a Pod is idle only while nothing waits and once its key has been quiet for a while; and only if
    /// a Pod of its template was ever seen to use its key, because a pattern that fits no worker is always empty.
    mutating func judge(byKeysOfPods snapshot: ScalingSnapshot, history: ScalingHistory) {
        let running = running
        guard case .current(let reading) = snapshot.reading else {
            return running.forEach { found(unknown: $0) }
        }
        let working = running.filter(\.isAtWork).map(\.keyUser)
        found(templates: working)
        let users = Set(working).union(history.heardTemplates)
        var unjudged: [PodSnapshot] = []
        for pod in running {
            let isFromBefore = pod.startedAt.map { $0 < history.startedAt } ?? true
            let usesKey = users.contains(pod.keyUser) || history.busynessWasKnown && isFromBefore
            switch pod.work {
            case .tasks: found(busy: pod)
            case .unread, nil: found(unknown: pod)
            case .empty where !usesKey: unjudged.append(pod)
            case .empty(let since, let confirmedAt):
                judge(pod, emptyFrom: since, to: confirmedAt, reading, at: snapshot.now)
            }
        }
        if unjudged.count < running.count { knowledge = .known }
        judge(unproven: unjudged, reading, snapshot, history)
    }

    private mutating func judge(
        _ pod: PodSnapshot, emptyFrom since: Date, to confirmedAt: Date, _ reading: QueueReading, at now: Date
    ) {
        let proven = since.addingTimeInterval(Self.quiet)
        if reading.waiting > 0 || reading.unassigned > 0 {
            found(busy: pod)
        } else if confirmedAt >= proven {
            foundIdle()
        } else {
            found(unknown: pod)
            // Where the server is polled, the next reading may come a little later than that.
            changes(at: max(proven, now.addingTimeInterval(Self.recheck)))
        }
    }

    /// All or nothing, as for a list that shows nothing in flight.
    private mutating func judge(
        unproven pods: [PodSnapshot], _ reading: QueueReading, _ snapshot: ScalingSnapshot, _ history: ScalingHistory
    ) {
        found(unjudged: pods.count)
        protectAllUnlessQuiet(pods.map(\.name), snapshot, cooldownFrom: history.lastActive)
        guard knowledge == .undecided, reading.waiting > 0 || reading.unassigned > 0 else { return }
        let late = pods.first { pod in
            guard pod.isReady, let startedAt = pod.startedAt else { return false }
            return snapshot.now >= startedAt.addingTimeInterval(Self.patience)
        }
        guard let late else { return }
        knowledge = .unknown(
            reason: "NoWorkSeen",
            message:
                "Tasks are there and Pod \(late.name) is Ready, but no task was ever seen in a key of a Pod's own; "
                + "check the \(PodKeyPattern.mark) pattern of inFlightKeys. Until then workers are only taken when "
                + "nothing waits and nothing is in flight, after the cooldown.")
    }

    /// Seconds for which a Pod's key must have been untouched: far more than a worker needs from one task to the next.
    private static let quiet = 3.0
    /// Seconds until proof is looked for again that was not there when it was due.
    private static let recheck = 0.5
    /// Seconds after which a Ready worker should have taken a task if any waits.
    private static let patience = 60.0
}

extension PodSnapshot {
    fileprivate var isAtWork: Bool {
        if case .tasks? = work { true } else { false }
    }

    /// Pods of one template name their keys alike.
    fileprivate var keyUser: String { template ?? "" }
}
