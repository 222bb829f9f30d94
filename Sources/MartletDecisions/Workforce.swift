import FoundationEssentials
import KubernetesModel
import MartletAPI

/// The target's Pods, told apart by whether they may be taken.
///
/// *Protected* is a Pod that runs a task or may run one. Nothing but a closing's end, an interruption or `maxBusySeconds`
/// takes it.
struct Workforce {
    /// Pods that the ReplicaSet or StatefulSet counts: neither terminating nor finished.
    private(set) var present: [PodSnapshot] = []
    private(set) var protected: Set<String> = []
    private(set) var busy = 0
    private(set) var idle = 0
    private(set) var unknown = 0
    /// Tasks that heartbeats report.
    private(set) var activeTasks = 0
    /// A worker is proven to work: the cooldown begins anew.
    private(set) var isActive = false
    var knowledge = BusynessKnowledge.undecided
    private(set) var events: [ScalingEvent] = []
    /// When the passing of time alone would change who is protected.
    private(set) var changesAt: Date?

    /// Templates of which a Pod was heard.
    private(set) var heardTemplates: [String] = []
    private(set) var distrusted: Set<String> = []

    init(_ snapshot: ScalingSnapshot, history: ScalingHistory) {
        present = snapshot.pods.filter { !$0.isTerminating && $0.phase != .succeeded && $0.phase != .failed }
        switch snapshot.endpoint.queue.source {
        case .list(let list): judge(byKeys: list.inFlightKeys, snapshot, history)
        case .sortedSet(let set): judge(byKeys: set.inFlightKeys, snapshot, history)
        case .stream(let stream): judge(byQueue: snapshot, showsInFlight: stream.group != nil, history: history)
        case .celery: judge(byHeartbeats: snapshot, history: history)
        }
    }

    private mutating func judge(byKeys keys: [String], _ snapshot: ScalingSnapshot, _ history: ScalingHistory) {
        if keys.contains(where: PodKeyPattern.isPattern) {
            judge(byKeysOfPods: snapshot, history: history)
        } else {
            judge(byQueue: snapshot, showsInFlight: !keys.isEmpty, history: history)
        }
    }

    /// A Pod that is Pending has no container running.
    var running: [PodSnapshot] { present.filter { $0.phase == .running || $0.phase == .unknown } }

    // MARK: Queues where nothing tells the worker, so all are busy or none is

    private mutating func judge(byQueue snapshot: ScalingSnapshot, showsInFlight: Bool, history: ScalingHistory) {
        let running = running.map(\.name)
        guard showsInFlight else {
            unknown = running.count
            knowledge = .unknown(
                reason: "NothingInFlightShown",
                message:
                    "\(snapshot.endpoint.queue.source.lack), so nothing tells which workers are busy; workers are only "
                    + "taken when nothing waits, after the cooldown.")
            protectAllUnlessQuiet(running, snapshot, cooldownFrom: history.lastActive)
            return
        }
        knowledge = .known
        guard case .current(let reading) = snapshot.reading else {
            unknown = running.count
            protected = Set(running)
            return
        }
        // Waiting tasks are about to be taken: between two tasks of a worker nothing is in flight for an instant.
        if reading.inFlight > 0 || reading.waiting > 0 {
            busy = running.count
            protected = Set(running)
        } else {
            idle = running.count
        }
    }

    /// Without any evidence workers are free only once nothing waits, nothing is in flight and the cooldown is over.
    mutating func protectAllUnlessQuiet(
        _ pods: [String], _ snapshot: ScalingSnapshot, cooldownFrom lastActive: Date
    ) {
        guard case .current(let reading) = snapshot.reading,
            reading.waiting <= 0, reading.inFlight <= 0, reading.unattributed <= 0
        else {
            protected.formUnion(pods)
            return
        }
        let lastActive = max(lastActive, min(reading.touchedAt ?? lastActive, snapshot.now))
        let over = lastActive.addingTimeInterval(Double(snapshot.endpoint.workers.scaleDown.cooldownSeconds))
        // A closing doesn't wait for a cooldown, which is there for tasks that may yet come.
        guard !snapshot.isClosingDown, snapshot.now < over else { return }
        protected.formUnion(pods)
        changes(at: over)
    }

    // MARK: Celery: heartbeats tell

    private mutating func judge(byHeartbeats snapshot: ScalingSnapshot, history: ScalingHistory) {
        let maxBusy = Double(snapshot.endpoint.workers.scaleDown.maxBusySeconds)
        var mute: [PodSnapshot] = []
        for pod in running {
            switch pod.evidence {
            case .idle:
                idle += 1
            case .busy(let evidence):
                switch evidence {
                case .active(let tasks):
                    activeTasks = activeTasks.addingSaturated(tasks)
                    isActive = true
                case .worked: isActive = true
                case .unproven: break
                case .silent(let since):
                    guard trusts(pod, silentSince: since, maxBusy: maxBusy, snapshot.now, history) else {
                        unknown += 1
                        continue
                    }
                    if let listening = snapshot.listeningSince, since >= listening { isActive = true }
                }
                busy += 1
                protected.insert(pod.name)
            case .unheard:
                unknown += 1
                mute.append(pod)
            }
        }
        let heard = running.filter { $0.evidence != .unheard }
        heardTemplates = Set(heard.compactMap(\.template)).sorted()
        judge(mute: mute, hasHeard: !heard.isEmpty, snapshot, history)
    }

    /// Whether a silent worker may still be running its task; past `maxBusySeconds` it is trusted no longer.
    private mutating func trusts(
        _ pod: PodSnapshot, silentSince since: Date, maxBusy: Double, _ now: Date, _ history: ScalingHistory
    ) -> Bool {
        let end = since.addingTimeInterval(maxBusy)
        if now < end {
            changes(at: end)
            return true
        }
        distrusted.insert(pod.name)
        if !history.distrusted.contains(pod.name) {
            let silent = Int(min(max(0, now.timeIntervalSince(since)), 1e9))
            events.append(.maxBusyExceeded(pod: pod.name, silentSeconds: silent))
        }
        return false
    }

    private mutating func judge(
        mute: [PodSnapshot], hasHeard: Bool, _ snapshot: ScalingSnapshot, _ history: ScalingHistory
    ) {
        let now = snapshot.now
        let maxBusy = Double(snapshot.endpoint.workers.scaleDown.maxBusySeconds)
        let listening = snapshot.listeningSince ?? history.startedAt
        let speaking = Set(heardTemplates).union(history.heardTemplates)
        var unjudged: [PodSnapshot] = []
        var isUndecided = false
        for pod in mute {
            let isOld = pod.startedAt.map { $0 < listening.addingTimeInterval(WorkerLedger.clockSkew) } ?? true
            let since = isOld ? listening : max(listening, pod.startedAt ?? listening)
            let patience = since.addingTimeInterval(Heartbeat.unheardPeriods * Heartbeat.defaultFrequency)
            if now < patience {
                isUndecided = true
                protect(pod, until: patience)
            } else if isOld, history.busynessWasKnown {
                // Its workers used to speak: this one may be in a task that it began before we listened.
                isUndecided = true
                if trusts(pod, silentSince: listening, maxBusy: maxBusy, now, history) { protected.insert(pod.name) }
            } else if !isOld, snapshot.listeningSince != nil, let template = pod.template, speaking.contains(template) {
                // A worker of this kind announces itself before it takes its first task, and we were listening: it hasn't.
                continue
            } else if hasHeard {
                if trusts(pod, silentSince: since, maxBusy: maxBusy, now, history) { protected.insert(pod.name) }
            } else {
                unjudged.append(pod)
            }
        }
        if hasHeard {
            knowledge = .known
        } else if !unjudged.isEmpty, !isUndecided {
            knowledge = .unknown(
                reason: "NoWorkerHeard",
                message: "No worker of the target was heard under its Pod's name (started with --without-heartbeat, "
                    + "channels refused by an ACL, or other host names); workers are only taken when nothing waits and "
                    + "nothing is unacknowledged, after the cooldown.")
        }
        protectAllUnlessQuiet(unjudged.map(\.name), snapshot, cooldownFrom: history.lastActive)
    }

    private mutating func protect(_ pod: PodSnapshot, until instant: Date) {
        protected.insert(pod.name)
        changes(at: instant)
    }

    mutating func changes(at instant: Date) { changesAt = [changesAt, instant].compactMap { $0 }.min() }

    // MARK: What a judgement finds

    mutating func found(busy pod: PodSnapshot) {
        busy += 1
        protected.insert(pod.name)
    }

    mutating func foundIdle() { idle += 1 }

    /// Not known to be idle, so not to be taken.
    mutating func found(unknown pod: PodSnapshot) {
        unknown += 1
        protected.insert(pod.name)
    }

    mutating func found(unjudged count: Int) { unknown += count }

    mutating func found(templates: [String]) { heardTemplates = Set(templates).sorted() }
}

extension QueueSource {
    /// What would have to be there for work to be seen.
    fileprivate var lack: String {
        switch self {
        case .celery, .list: "The list has no inFlightKeys"
        case .sortedSet: "The sorted set has no inFlightKeys"
        case .stream: "The stream is read without a group"
        }
    }
}
