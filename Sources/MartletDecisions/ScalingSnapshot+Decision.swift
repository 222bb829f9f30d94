import FoundationEssentials
import MartletAPI

extension ScalingSnapshot {
    /// Decides how many replicas there should be, in the order that the API's documentation gives. Pure: the same snapshot
    /// and history give the same decision.
    ///
    /// Guarantees: a protected Pod is never taken but by the end of a closing; without a reading nothing is lowered but by a
    /// closing; zero needs a current reading without demand, no protected Pod and the cooldown over.
    public func decision(after history: ScalingHistory) -> ScalingDecision {
        var rules = ScalingRules(self, history)
        return rules.decide()
    }
}

/// One decision in the making: each rule narrows the count and says what it did.
struct ScalingRules {
    let snapshot: ScalingSnapshot
    let workforce: Workforce
    let floor: Int
    let ceiling: Int
    var history: ScalingHistory
    var steps: [String] = []
    var reason = ""
    var events: [ScalingEvent] = []
    var rechecks: [Date] = []

    init(_ snapshot: ScalingSnapshot, _ history: ScalingHistory) {
        self.snapshot = snapshot
        self.history = history
        workforce = Workforce(snapshot, history: history)
        let target = snapshot.target
        var ceiling = max(0, snapshot.bounds.ceiling)
        if let limit = snapshot.endpoint.workers.gpuLimit, target.gpusPerReplica > 0 {
            ceiling = min(ceiling, max(0, limit) / target.gpusPerReplica)
        }
        self.ceiling = ceiling
        floor = min(max(0, snapshot.bounds.floor), ceiling)
        events = workforce.events
        if let change = workforce.changesAt { rechecks.append(change) }
    }

    var current: Int { max(0, snapshot.target.replicas) }
    var now: Date { snapshot.now }
    var workers: ResolvedWorkers { snapshot.endpoint.workers }
    var scaleDown: ResolvedScaleDown { workers.scaleDown }
    var isDeletion: Bool { snapshot.bounds.closing?.cause == .deletion }
    var stabilization: Double { Double(scaleDown.stabilizationSeconds) }

    /// What this decision knows of the queue: waiting and in flight, the larger of what queue and heartbeats say.
    var tasks: (waiting: Int, inFlight: Int)? {
        guard case .current(let reading) = snapshot.reading else { return nil }
        return (max(0, reading.waiting), max(0, reading.inFlight, workforce.activeTasks))
    }

    private var estimate: WaitingEstimate? {
        guard case .current(let reading) = snapshot.reading else { return nil }
        return reading.estimate
    }

    mutating func decide() -> ScalingDecision {
        remember()
        let (action, desired) = chooseAction()
        var effective = action
        var prefix = ""
        if snapshot.endpoint.suspend {
            effective = .hold
            prefix = "suspended, nothing is written: "
        } else if let refusal = snapshot.refusal {
            effective = .hold
            prefix = "nothing is written (\(refusal.reason)): "
        }
        if !prefix.isEmpty {
            steps.append("\(prefix)would go to \(desired)")
            // Only what the decision would do is held back; what it saw is still said.
            events = workforce.events
        }
        return ScalingDecision(
            action: effective, desired: desired, reason: prefix + reason, steps: steps,
            inputs: DecisionInputs(
                waiting: tasks?.waiting, inFlight: tasks?.inFlight, current: current, busy: workforce.busy,
                idle: workforce.idle, unknown: workforce.unknown, protected: workforce.protected.count,
                busynessKnown: workforce.knowledge),
            recheckAt: rechecks.filter { $0 > now }.min(), history: history, events: events,
            closing: closingProgress(writesNothing: !prefix.isEmpty))
    }

    private mutating func remember() {
        history.heard(templates: workforce.heardTemplates)
        history.distrusted = workforce.distrusted
        if case .current(let reading) = snapshot.reading, let touched = reading.touchedAt {
            history.lastActive = max(history.lastActive, min(touched, now))
        }
        if workforce.isActive || (tasks.map { $0.waiting > 0 || $0.inFlight > 0 } ?? false) {
            history.lastActive = max(history.lastActive, now)
        }
        // A clock set back must not hold GPUs until it has caught up.
        history.lastActive = min(history.lastActive, now)
        if history.wishes == nil { history.wishes = WishWindow(min(current, ceiling)) }
    }

    private mutating func chooseAction() -> (ScalingAction, desired: Int) {
        if isDeletion {
            reason = "deleted: workers go to \(ceiling)"
            steps.append("deletion: \(reason), nothing scales up")
            return current > ceiling ? lower(to: ceiling) : (.hold, current)
        }
        guard let tasks else { return chooseWithoutReading() }
        let wish = wishFor(waiting: tasks.waiting, inFlight: tasks.inFlight)
        if wish > current { return raise(to: wish) }
        if wish < current { return lower(to: settled(wish)) }
        steps.append("hold: \(current) replicas are right")
        return (.hold, current)
    }

    // MARK: Demand

    private mutating func wishFor(waiting: Int, inFlight: Int) -> Int {
        let queue = snapshot.endpoint.queue
        let demand = waiting.addingSaturated(inFlight)
        reason = "\(waiting) waiting + \(inFlight) in flight, \(queue.tasksPerReplica) a replica"
        if case .current(let reading) = snapshot.reading, reading.isEstimate { reason += " (in flight estimated)" }
        if estimate == .atLeast { reason = "at least \(reason)" }
        steps.append("demand: \(waiting) waiting + \(inFlight) in flight = \(demand)")
        var count = demand.dividedRoundingUp(by: queue.tasksPerReplica)
        if current == 0, demand > 0, demand <= queue.activationTasks {
            count = 0
            steps.append("activation: \(demand) does not exceed activationTasks \(queue.activationTasks), zero stays")
        } else {
            steps.append("replicas: \(demand) at \(queue.tasksPerReplica) a replica = \(count)")
        }
        // Whether the first worker creates the group at the stream's beginning or its end decides what waits.
        if estimate == .groupMissing, count > 1 {
            count = 1
            reason += "; one replica until the consumer group exists"
            steps.append("group: it does not exist yet, one replica is enough to create it")
        }
        let wish = count.clamped(from: floor, to: ceiling)
        if wish != count || ceiling < snapshot.bounds.ceiling {
            let limit = workers.gpuLimit.map { ceiling < snapshot.bounds.ceiling ? ", gpuLimit \($0)" : "" } ?? ""
            steps.append("bounds: \(wish) within \(floor)...\(ceiling)\(limit)")
        }
        let (now, window) = (now, stabilization)
        history.wishes?.record(wish, at: now, window: window)
        return wish
    }

    private mutating func chooseWithoutReading() -> (ScalingAction, desired: Int) {
        reason = "queue can't be read: the last decision holds"
        if snapshot.isClosingDown {
            reason = "queue can't be read, the endpoint closes"
            return lower(to: ceiling)
        }
        let wish = max(current, floor, fallback())
        if wish > current { return raise(to: wish) }
        steps.append("reading lost: \(current) replicas stay")
        return (.hold, current)
    }

    /// What a reading that stays lost raises to; 0 before that, and with `Hold`.
    private mutating func fallback() -> Int {
        guard case .lost(let since) = snapshot.reading, workers.onReadingLost.behavior == .fallback else { return 0 }
        let lost = workers.onReadingLost
        let begins = since.addingTimeInterval(Double(lost.afterSeconds))
        guard now >= begins else {
            rechecks.append(begins)
            return 0
        }
        reason = "queue can't be read for \(lost.afterSeconds) s: fallback of \(lost.replicas), never lower"
        steps.append("reading lost: \(reason)")
        return min(lost.replicas, ceiling)
    }

    // MARK: Up

    private mutating func raise(to wish: Int) -> (ScalingAction, desired: Int) {
        let step = workers.scaleUpMaxStep
        guard step > 0, wish - current > step else {
            steps.append("up: \(current) to \(wish) at once")
            return (.scale(to: wish), wish)
        }
        if let next = nextStep(after: history.lastStepUp) {
            steps.append("up: the next step of \(step) follows \(Int(Self.stepPeriod)) s after the last")
            rechecks.append(next)
            return (.hold, wish)
        }
        steps.append("up: \(current) to \(current + step), a maxStep of \(step) towards \(wish)")
        return (.scale(to: current + step), wish)
    }

    /// When the next step may be taken, if not now.
    func nextStep(after last: Date?) -> Date? {
        guard let last, last <= now else { return nil }
        let next = last.addingTimeInterval(Self.stepPeriod)
        return next > now ? next : nil
    }

    /// Seconds between two steps of `maxStep` in one direction, the default period of the HPA's policies.
    static let stepPeriod = 15.0
}
