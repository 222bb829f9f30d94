import FoundationEssentials
import KubernetesModel
import MartletAPI

@testable import MartletDecisions

/// A small world that takes decisions at their word: workers that take tasks and send heartbeats, a ReplicaSet that takes Pods
/// in the order of the real one and by lot among equals, an operator that dies, a Redis that goes away.
struct World {
    struct Worker {
        var name: String
        var startedAt: Date
        /// Nothing happens before: the image is pulled, the model loads.
        var readyAt: Date
        var isSolo: Bool
        var cost = 0
        var processed = 0
        var taskBegan: Date?
        var taskEnds: Date?
        var nextHeartbeat: Date
        var isOnline = false
    }

    /// A Pod that was taken while it ran a task.
    struct Casualty: Equatable {
        var name: String
        var taskAge: Double
    }

    var stage: Stage
    var workers: [Worker] = []
    var ledger = WorkerLedger()
    var waiting = 0
    var done = 0
    var pushed = 0
    var casualties: [Casualty] = []
    var loweredBlindly = 0
    var writes: [(at: Date, from: Int, to: Int)] = []
    var redisBackAt: Date?
    var lateAcknowledgement: Bool
    private var statusSaysKnown = false
    private var serial = 0
    var random: SplitMix

    init(seed: UInt64, _ edit: (inout InferenceEndpointSpec) -> Void = { _ in }) throws {
        random = SplitMix(seed: seed)
        lateAcknowledgement = Bool.random(using: &random)
        stage = try Stage(max: 12, edit)
        stage.listeningSince = stage.now
        ledger.subscribed(at: stage.now)
    }

    var now: Date { stage.now }

    /// One second of everybody's life.
    mutating func tick() {
        stage.pass(1)
        if let back = redisBackAt, now >= back {
            redisBackAt = nil
            ledger.subscribed(at: now)
        }
        for index in workers.indices { live(index) }
        if redisBackAt == nil {
            for index in workers.indices { take(index) }
        }
        look()
        let before = stage.target.replicas
        let decision = stage.decide()
        if decision.inputs.busynessKnown == .known { statusSaysKnown = true }
        switch decision.action {
        case .hold: break
        case .writeCosts(let costs):
            for cost in costs {
                for index in workers.indices where workers[index].name == cost.pod { workers[index].cost = cost.cost }
            }
        case .scale(let count):
            stage.history.scaled(from: before, to: count, at: now)
            stage.target.replicas = count
            writes.append((now, before, count))
            if count < before, redisBackAt != nil, stage.bounds.closing == nil { loweredBlindly += 1 }
        }
        reconcileReplicaSet()
    }

    mutating func push(_ count: Int) {
        guard redisBackAt == nil else { return }
        waiting += count
        pushed += count
    }

    mutating func stopRedis(for seconds: Double) {
        redisBackAt = now.addingTimeInterval(seconds)
        ledger.subscriptionLost()
    }

    /// SIGKILL and a new start: what is remembered is what stands in the status.
    mutating func restartOperator() {
        ledger = WorkerLedger()
        if redisBackAt == nil { ledger.subscribed(at: now) }
        stage.history = ScalingHistory(
            startedAt: now, restoring: WorkersStatus(lastActiveTime: Timestamp(stage.history.lastActive)),
            busynessWasKnown: statusSaysKnown)
    }

    private mutating func look() {
        let evidence = ledger.evidence(for: workers.map { ($0.name, $0.startedAt) }, at: now)
        stage.pods = zip(workers, evidence).map { worker, evidence in
            PodSnapshot(
                name: worker.name, phase: worker.startedAt <= now ? .running : .pending,
                isReady: worker.startedAt <= now, startedAt: worker.startedAt, template: "a",
                deletionCost: worker.cost, evidence: evidence)
        }
        stage.listeningSince = ledger.listeningSince
        let running = workers.filter { $0.taskEnds != nil }.count
        stage.reading =
            redisBackAt == nil
            ? .current(QueueReading(waiting: waiting, inFlight: lateAcknowledgement ? running : 0))
            : .lost(since: now.addingTimeInterval(-1))
    }

    private mutating func live(_ index: Int) {
        guard now >= workers[index].readyAt else { return }
        let worker = workers[index].name
        if let ends = workers[index].taskEnds, now >= ends {
            workers[index].taskBegan = nil
            workers[index].taskEnds = nil
            done += 1
        }
        guard redisBackAt == nil else { return }
        if !workers[index].isOnline {
            workers[index].isOnline = true
            workers[index].nextHeartbeat = now
            say(.online, from: worker)
        }
        // A solo worker runs its task on the loop that sends heartbeats.
        let isMute = workers[index].isSolo && workers[index].taskEnds != nil
        if now >= workers[index].nextHeartbeat, !isMute {
            let active = workers[index].taskEnds != nil ? 1 : 0
            let heartbeat = Heartbeat(active: active, processed: workers[index].processed, frequency: 2)
            say(.heartbeat(heartbeat), from: worker)
            workers[index].nextHeartbeat = now.addingTimeInterval(2)
        }
    }

    private mutating func say(_ event: WorkerEvent, from worker: String) {
        let instant = now
        ledger.receive(event, from: "celery@\(worker)", at: instant)
    }

    private mutating func take(_ index: Int) {
        guard waiting > 0, workers[index].isOnline, workers[index].taskEnds == nil else { return }
        waiting -= 1
        workers[index].processed += 1
        workers[index].taskBegan = now
        workers[index].taskEnds = now.addingTimeInterval(Double(Int.random(in: 1...90, using: &random)))
    }

    private mutating func reconcileReplicaSet() {
        while workers.count < stage.target.replicas {
            serial += 1
            let started = now.addingTimeInterval(Double(Int.random(in: 0...3, using: &random)))
            let ready = started.addingTimeInterval(Double(Int.random(in: 1...20, using: &random)))
            workers.append(
                Worker(
                    name: "worker-\(serial)", startedAt: started, readyAt: ready,
                    isSolo: serial % 2 == 0, nextHeartbeat: ready))
        }
        guard workers.count > stage.target.replicas else { return }
        workers.shuffle(using: &random)
        let ranked = workers.sorted { one, two in
            let (oneRuns, twoRuns) = (one.startedAt <= now, two.startedAt <= now)
            return oneRuns != twoRuns ? !oneRuns : one.cost < two.cost
        }
        let going = ranked.prefix(workers.count - stage.target.replicas)
        for worker in going {
            guard let began = worker.taskBegan else { continue }
            casualties.append(Casualty(name: worker.name, taskAge: now.timeIntervalSince(began)))
            // Late acknowledgement or not, this world's tasks come back: it counts who died, not what was lost.
            waiting += 1
        }
        workers = Array(ranked.dropFirst(going.count))
    }
}
