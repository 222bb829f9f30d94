import FoundationEssentials
import MartletAPI

extension ScalingRules {
    /// What time allows of a lower wish: the highest of the stabilization window, and one replica until the cooldown is over.
    /// A ceiling that fell is no wish: it waits for neither.
    mutating func settled(_ wish: Int) -> Int {
        var count = wish
        if let (highest, until) = history.wishes?.highest(at: now, window: stabilization) {
            let capped = min(highest, ceiling)
            if capped > count {
                count = capped
                steps.append("stabilization: \(count) was wished within \(scaleDown.stabilizationSeconds) s")
                if let until { rechecks.append(until) }
            }
        }
        guard count == 0, ceiling > 0 else { return count }
        let over = history.lastActive.addingTimeInterval(Double(scaleDown.cooldownSeconds))
        guard now < over else {
            steps.append("cooldown: over, nothing was active for \(scaleDown.cooldownSeconds) s")
            return 0
        }
        rechecks.append(over)
        reason += "; the last replica waits for the cooldown"
        steps.append("cooldown: one replica stays until \(scaleDown.cooldownSeconds) s after the last activity")
        return 1
    }

    /// Lowers towards `wanted`, which is below the current count or at it, as far as the busy allow.
    mutating func lower(to wanted: Int) -> (ScalingAction, desired: Int) {
        if let closing = snapshot.bounds.closing, snapshot.isClosingDown {
            let end = closing.since.addingTimeInterval(Double(workers.drainSeconds))
            if now >= end { return endDrain() }
            rechecks.append(end)
            steps.append("closing: idle Pods go now, busy ones have \(workers.drainSeconds) s in all")
        }
        var count = step(down: min(wanted, current))
        let spared = min(workforce.lowest(above: count, in: snapshot.target), current)
        if spared > count {
            count = spared
            reason += "; \(workforce.protected.count) busy"
            steps.append("busy: \(workforce.protected.count) may run a task, not below \(count)")
        }
        guard count < current else {
            steps.append("hold: \(current) replicas stay for now")
            return (.hold, current)
        }
        let unseen = snapshot.target.created - snapshot.pods.count
        guard unseen <= 0 else {
            reason += "; \(unseen) Pods not seen yet"
            steps.append("hold: \(unseen) Pods of the target were not seen yet and may be busy")
            return (.hold, current)
        }
        switch workforce.plan(for: count, of: snapshot.target) {
        case .possible:
            steps.append("down: \(current) to \(count)")
            if snapshot.isClosingDown, count <= snapshot.bounds.ceiling { noteWaiting() }
            return (.scale(to: count), count)
        case .afterCosts(let costs):
            steps.append("down: \(current) to \(count) once \(costs.count) deletion costs are written and read back")
            return (.writeCosts(costs), count)
        case .impossible(let why):
            reason += "; waits until all are idle"
            steps.append("hold: \(why), so scale-down waits until all are idle")
            return (.hold, current)
        }
    }

    private mutating func step(down wanted: Int) -> Int {
        let step = scaleDown.maxStep
        // A fallen ceiling is reached at once; steps are for the queue's ups and downs.
        guard step > 0, current - wanted > step, !snapshot.isClosingDown else { return wanted }
        if let next = nextStep(after: history.lastStepDown) {
            steps.append("down: the next step of \(step) follows \(Int(Self.stepPeriod)) s after the last")
            rechecks.append(next)
            return current
        }
        steps.append("down: a maxStep of \(step) towards \(wanted)")
        return current - step
    }

    private mutating func endDrain() -> (ScalingAction, desired: Int) {
        reason = "closed: the \(workers.drainSeconds) s for busy workers are over"
        steps.append("closing: \(workers.drainSeconds) s are over, \(current) to \(ceiling), busy or not")
        let lost = max(0, workforce.protected.count - ceiling)
        if lost > 0 { events.append(.drainEnded(busy: lost)) }
        noteWaiting()
        return (.scale(to: ceiling), ceiling)
    }

    private mutating func noteWaiting() {
        if let waiting = tasks?.waiting, waiting > 0 { events.append(.closedWithWaiting(tasks: waiting)) }
    }

    func closingProgress(writesNothing: Bool) -> ClosingProgress {
        guard let closing = snapshot.bounds.closing else { return .none }
        // Who may write nothing has nothing left to do: a deleted object must not wait for ever.
        if writesNothing || !snapshot.isClosingDown { return .done }
        return .draining(until: closing.since.addingTimeInterval(Double(workers.drainSeconds)))
    }
}
