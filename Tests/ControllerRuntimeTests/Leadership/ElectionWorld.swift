import Kubernetes
import KubernetesModel

@testable import ControllerRuntime

/// Two candidates, one API server and a network that loses, delays and reorders, in simulated milliseconds.
///
/// A candidate's clock runs a little wrong, its process may be stopped for a while or be replaced by a new one, and a
/// request that was given up may still arrive long after. The writes are the longest that a permit allows.
struct ElectionWorld {
    struct Candidate {
        var machine: LeaderElection
        /// How fast its clock runs.
        var rate: Double
        var stoppedUntil = 0
        /// What its process believes: read by the writers, set only while it runs.
        var permit: MonotonicInstant?
        var inbox: [(at: Int, request: Int?, event: LeaderElection.Event)] = []
        /// The request whose answer is awaited.
        var awaited: Int?
        /// How much of the server's log its watch has delivered.
        var cursor = 0
        var watchDue = 0
        /// Its writes are on their way until then.
        var busyUntil = 0
    }

    struct Message {
        var candidate: Int
        var id: Int
        var action: LeaderElection.Action
        var identity: String
        var arrives: Int
    }

    static let timing = LeaseTiming.standard
    static let step = 50

    var now = 0
    var random: SeededRandom
    var candidates: [Candidate] = []
    /// How bad the network is: 0 all well, 1 every message may be lost.
    var trouble = 0.0
    var violations: [String] = []
    var takeovers = 0
    private var record: LeaseRecord?
    private var log: [LeaseRecord?] = []
    private var version = 0
    private var messages: [Message] = []
    private var nextID = 0

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        for _ in 0..<2 { candidates.append(newCandidate()) }
    }

    var leaders: [Int] { candidates.indices.filter { mayWrite($0) } }

    mutating func run(for milliseconds: Int) {
        let end = now + milliseconds
        while now < end {
            now += Self.step
            deliver()
            for index in candidates.indices { live(index) }
            write()
            check()
        }
    }

    /// The process stands still, as after SIGSTOP; its clock goes on.
    mutating func stop(_ index: Int, for milliseconds: Int) { candidates[index].stoppedUntil = now + milliseconds }

    /// The process is killed, and another takes its place.
    mutating func replace(_ index: Int) { candidates[index] = newCandidate() }

    /// The process is asked to end. A new one takes its place some seconds later.
    mutating func resign(_ index: Int) {
        guard candidates[index].stoppedUntil <= now else { return }
        candidates[index].permit = nil
        tell(index, .resign)
        let isClean = candidates[index].busyUntil <= now + 3000
        let drained = isClean ? max(now, candidates[index].busyUntil) : now + 3000
        candidates[index].inbox.append((drained, nil, .drained(isClean: isClean)))
    }
}

extension ElectionWorld {
    private mutating func newCandidate() -> Candidate {
        nextID += 1
        let rate = Double.random(in: 0.97...1.03, using: &random)
        let machine = LeaderElection(
            identity: "candidate-\(nextID)", timing: Self.timing, now: clock(rate: rate))
        var candidate = Candidate(machine: machine, rate: rate, watchDue: now + Int.random(in: 0...500, using: &random))
        // A watch begins with what is there.
        candidate.cursor = log.count
        candidate.inbox = [(candidate.watchDue, nil, .observed(record)), (now, nil, .eligible)]
        return candidate
    }

    private func clock(rate: Double) -> MonotonicInstant {
        MonotonicInstant(sinceOrigin: .milliseconds(Int64(Double(now) * rate)))
    }

    private func mayWrite(_ index: Int) -> Bool {
        candidates[index].permit.map { clock(rate: candidates[index].rate) < $0 } ?? false
    }

    private mutating func chance(_ probability: Double) -> Bool {
        Double.random(in: 0..<1, using: &random) < probability
    }

    private mutating func delay() -> Int {
        chance(trouble * 0.2) ? Int.random(in: 1000...30_000, using: &random) : Int.random(in: 1...100, using: &random)
    }

    /// What reaches the server now changes the Lease, each only on the version that it names.
    private mutating func deliver() {
        let due = messages.filter { $0.arrives <= now }.sorted { $0.arrives < $1.arrives }
        messages.removeAll { $0.arrives <= now }
        for message in due {
            let answer = serve(message)
            guard !chance(trouble * 0.2) else { continue }
            candidates[message.candidate].inbox.append((now + delay(), message.id, answer))
        }
    }

    private mutating func serve(_ message: Message) -> LeaderElection.Event {
        switch message.action {
        case .read: return .read(record)
        case .claim(over: nil):
            guard record == nil else { return .conflicted }
            return .claimed(store(holder: message.identity, for: Self.timing.duration))
        case .claim(over: let known?):
            guard let record else { return .vanished }
            guard record.version == known.version else { return .conflicted }
            if record.holder != message.identity { takeovers += 1 }
            return .claimed(store(holder: message.identity, for: Self.timing.duration))
        case .release(let known):
            guard record?.version == known.version else { return .conflicted }
            store(holder: nil, for: .seconds(1))
            return .released
        }
    }

    @discardableResult
    private mutating func store(holder: String?, for duration: Duration) -> LeaseRecord {
        version += 1
        let stored = LeaseRecord(
            version: ResourceVersion(rawValue: "\(version)"), holder: holder, duration: duration)
        record = stored
        log.append(stored)
        return stored
    }

    private mutating func live(_ index: Int) {
        if candidates[index].cursor < log.count, candidates[index].watchDue <= now {
            // A watch that begins again skips what was in between.
            if chance(trouble * 0.2) { candidates[index].cursor = log.count - 1 }
            candidates[index].inbox.append((now, nil, .observed(log[candidates[index].cursor])))
            candidates[index].cursor += 1
            candidates[index].watchDue = now + delay()
        }
        guard candidates[index].stoppedUntil <= now else { return }
        let due = candidates[index].inbox.filter { $0.at <= now }
        candidates[index].inbox.removeAll { $0.at <= now }
        for (_, request, event) in due.sorted(by: { $0.at < $1.at }) {
            if let request {
                guard request == candidates[index].awaited else { continue }
                candidates[index].awaited = nil
            }
            tell(index, event)
        }
        tell(index, .tick)
        if candidates[index].machine.role == .resigned { replace(index) }
    }

    private mutating func tell(_ index: Int, _ event: LeaderElection.Event) {
        let time = clock(rate: candidates[index].rate)
        let action = candidates[index].machine.receive(event, now: time, using: &random)
        candidates[index].permit = candidates[index].machine.permittedUntil
        guard let action else { return }
        nextID += 1
        candidates[index].awaited = nextID
        let patience = Int(Self.timing.requestTimeout / .milliseconds(1))
        candidates[index].inbox.append((now + patience, nextID, .failed))
        guard !chance(trouble * 0.2) else { return }
        messages.append(
            Message(
                candidate: index, id: nextID, action: action, identity: candidates[index].machine.identity,
                arrives: now + delay()))
    }

    /// Whoever may, now and then begins a write that lasts as long as it is allowed.
    private mutating func write() {
        for index in candidates.indices where mayWrite(index) && chance(0.2) {
            guard let end = candidates[index].permit else { continue }
            let rest = Self.timing.duration - Self.timing.renewDeadline - LeaseTiming.margin
            let allowance = clock(rate: candidates[index].rate).duration(to: end) + rest
            let length = Int(allowance / .milliseconds(1) / candidates[index].rate)
            let isLong = chance(0.3)
            candidates[index].busyUntil = max(candidates[index].busyUntil, now + (isLong ? length : min(length, 20)))
        }
    }

    private mutating func check() {
        let able = leaders
        if able.count > 1 { violations.append("\(now) ms: two may write") }
        for index in able where candidates.indices.contains(where: { $0 != index && candidates[$0].busyUntil > now }) {
            violations.append("\(now) ms: one may write while a write of another is under way")
        }
    }
}
