import FoundationEssentials

/// One Pod's life as its kubelet leads it. Decides only; `VirtualKubelet` carries the actions out, in order.
struct PodLife: Sendable, Equatable {
    enum State: Sendable, Equatable {
        /// Bound, and as long about it as pulling an image would take.
        case waiting(until: Date)
        case running(since: Date)
        case backingOff(until: Date)
        /// SIGTERM was sent.
        case stopping(killAt: Date, since: Date)
        /// SIGKILL was sent; only the exit is missing.
        case killing(since: Date)
        /// Ended for good by its restart policy; stays until it is deleted.
        case completed
        /// Nothing is left to do.
        case removed
    }

    enum Event: Sendable, Equatable {
        case timePassed
        /// The API server marked the Pod; its grace period ends at `deadline`.
        case deletionRequested(deadline: Date)
        /// The object is gone, by force: nobody will ever read its status.
        case vanished
        case exited(ProcessExit)
        /// The process could not be started.
        case startFailed(String)
        /// Somebody wrote that the Pod is not ready, as the lifecycle controller does when a Node was silent.
        case readinessTaken
    }

    enum Action: Sendable, Equatable {
        case start
        case terminate
        case kill
        case report(PodReport)
        /// Delete the object without grace: the last thing a kubelet does for a Pod.
        case remove
    }

    let runsProcess: Bool
    let restartPolicy: KubeletPod.RestartPolicy
    private(set) var state: State
    private(set) var restarts = 0
    private var lastTermination: ContainerTermination?

    /// - Parameter startDelay: from binding to running, in seconds.
    init(runsProcess: Bool, restartPolicy: KubeletPod.RestartPolicy, startDelay: Double, now: Date) {
        self.runsProcess = runsProcess
        self.restartPolicy = restartPolicy
        self.state = .waiting(until: now.addingTimeInterval(startDelay))
    }

    /// When `timePassed` must be told, if nothing else happens.
    var nextDeadline: Date? {
        switch state {
        case .waiting(let until), .backingOff(let until): until
        case .stopping(let killAt, _): killAt
        case .running, .killing, .completed, .removed: nil
        }
    }

    mutating func receive(_ event: Event, now: Date) -> [Action] {
        switch event {
        case .timePassed: timePassed(now: now)
        case .deletionRequested(let deadline): deletionRequested(deadline: deadline, now: now)
        case .vanished: vanished()
        case .exited(let exit): exited(exit, now: now)
        case .startFailed(let message): startFailed(message, now: now)
        case .readinessTaken: readinessTaken()
        }
    }

    private mutating func timePassed(now: Date) -> [Action] {
        switch state {
        case .waiting(let until) where until <= now, .backingOff(let until) where until <= now:
            state = .running(since: now)
            let report = Action.report(report(.running(since: now)))
            return runsProcess ? [.start, report] : [report]
        case .stopping(let killAt, let since) where killAt <= now:
            state = .killing(since: since)
            return [.kill]
        case .waiting, .backingOff, .stopping, .running, .killing, .completed, .removed: return []
        }
    }

    private mutating func deletionRequested(deadline: Date, now: Date) -> [Action] {
        switch state {
        case .waiting, .backingOff, .completed:
            state = .removed
            return [.remove]
        case .running(let since):
            guard runsProcess else {
                state = .removed
                let end = ContainerTermination(code: 0, reason: .completed, startedAt: since, finishedAt: now)
                return [.report(report(.terminated(end))), .remove]
            }
            state = .stopping(killAt: deadline, since: since)
            return [.terminate] + timePassed(now: now)
        case .stopping(let killAt, let since) where deadline < killAt:
            state = .stopping(killAt: deadline, since: since)
            return timePassed(now: now)
        case .stopping, .killing, .removed: return []
        }
    }

    private mutating func vanished() -> [Action] {
        switch state {
        case .running, .stopping:
            state = .removed
            return runsProcess ? [.kill] : []
        case .waiting, .backingOff, .killing, .completed, .removed:
            state = .removed
            return []
        }
    }

    private mutating func exited(_ exit: ProcessExit, now: Date) -> [Action] {
        switch state {
        case .running(let since):
            let end = ContainerTermination(exit, startedAt: since, finishedAt: now)
            return restartOrComplete(after: end, now: now)
        case .stopping(_, let since), .killing(let since):
            state = .removed
            let end = ContainerTermination(exit, startedAt: since, finishedAt: now)
            return [.report(report(.terminated(end))), .remove]
        case .waiting, .backingOff, .completed, .removed: return []
        }
    }

    private mutating func restartOrComplete(after end: ContainerTermination, now: Date) -> [Action] {
        let restarts =
            switch restartPolicy {
            case .always: true
            case .onFailure: end.code != 0
            case .never: false
            }
        guard restarts else {
            state = .completed
            return [.report(report(.terminated(end)))]
        }
        if now.timeIntervalSince(end.startedAt) >= Self.longEnough { self.restarts = 0 }
        self.restarts += 1
        lastTermination = end
        state = .backingOff(until: now.addingTimeInterval(backoff))
        return [.report(report(.waiting(reason: "CrashLoopBackOff", message: "")))]
    }

    private mutating func startFailed(_ message: String, now: Date) -> [Action] {
        guard case .running = state else { return [] }
        restarts += 1
        state = .backingOff(until: now.addingTimeInterval(backoff))
        return [.report(report(.waiting(reason: "CreateContainerError", message: message)))]
    }

    private func readinessTaken() -> [Action] {
        guard case .running(let since) = state else { return [] }
        return [.report(report(.running(since: since)))]
    }

    private func report(_ container: ContainerState) -> PodReport {
        PodReport(container: container, lastTermination: lastTermination, restarts: restarts)
    }

    private var backoff: Double { min(Self.firstBackoff * Double(1 << min(restarts - 1, 10)), Self.longestBackoff) }

    /// Seconds. A kubelet starts at 10 s and ends at 5 min; a laboratory is watched by someone who waits.
    private static let firstBackoff = 1.0
    private static let longestBackoff = 30.0
    /// Seconds a process must have run for its next crash to count as its first; the kubelet's own figure.
    private static let longEnough = 600.0
}
