public import FoundationEssentials

/// What every worker of one Redis database has announced, and what that proves about the Pods they run in.
///
/// A worker is named `name@host` and, in Kubernetes, the host is the Pod. Idleness needs proof; everything else counts as
/// busy. Memory is bounded whatever a foreign server publishes: so many workers, names of so many bytes.
public struct WorkerLedger: Sendable {
    /// Workers remembered at most; further ones stay unheard.
    public static let capacity = 20_000

    /// Since when events have been received without a gap; nil while they are not.
    public private(set) var listeningSince: Date?
    private var hosts: [String: [String: WorkerRecord]] = [:]
    private var count = 0
    private var prunedAt: Date?

    /// Nothing heard, and not listening yet.
    public init() {}

    /// The subscription is confirmed. Whatever was heard before may have changed unheard: each worker has to prove anew
    /// that it is idle.
    public mutating func subscribed(at now: Date) { listeningSince = now }

    /// Events may be missed from now on.
    public mutating func subscriptionLost() { listeningSince = nil }

    /// Takes one event in, at the instant of its arrival on this machine's clock.
    ///
    /// - Returns: the host whose evidence changed by it, nil if nothing a decision looks at did.
    @discardableResult
    public mutating func receive(_ event: WorkerEvent, from worker: String, at now: Date) -> String? {
        guard worker.utf8.count <= Self.longestName else { return nil }
        let host = worker.lastIndex(of: "@").map { String(worker[worker.index(after: $0)...]) } ?? worker
        guard !host.isEmpty else { return nil }
        var record = hosts[host]?[worker]
        if record == nil {
            guard event != .offline, makeRoom(at: now) else { return nil }
        }
        let before = evidence(ofHost: host, at: now)
        switch (event, record) {
        case (.heartbeat(let heartbeat), nil):
            record = WorkerRecord(heartbeat, at: now)
        case (.heartbeat(let heartbeat), _?):
            record?.receive(heartbeat, at: now, listeningSince: listeningSince)
        case (.online, _):
            // A new process: what the one before it had proven says nothing of this one.
            record = WorkerRecord(onlineAt: now)
        case (.offline, _):
            // A warm shutdown announces itself first and finishes its task after.
            record?.leave(at: now)
        }
        if hosts[host]?[worker] == nil { count += 1 }
        hosts[host, default: [:]][worker] = record
        return Self.differ(before, evidence(ofHost: host, at: now)) ? host : nil
    }

    /// The evidence for each of these Pods, in their order.
    ///
    /// A Pod's host name is its own name cut to 63 characters, so Pods of a long-named target may share one: what is heard
    /// under a shared name proves nothing about any of them. A record from before the Pod's start is of a Pod that bore
    /// its name earlier.
    public func evidence(for pods: [(name: String, startedAt: Date?)], at now: Date) -> [WorkerEvidence] {
        let names = pods.map { Self.hostName(ofPod: $0.name) }
        var bearers: [String: Int] = [:]
        for name in names { bearers[name, default: 0] += 1 }
        return zip(pods, names).map { pod, host in
            guard bearers[host] == 1 else { return .unheard }
            let earliest = pod.startedAt.map { $0.addingTimeInterval(-Self.clockSkew) }
            return evidence(ofHost: host, at: now, notBefore: earliest)
        }
    }

    /// The host name that the kubelet gives a Pod.
    static func hostName(ofPod name: String) -> String {
        guard name.utf8.count > 63 else { return name }
        var cut = name.prefix(63)
        while let last = cut.last, last == "-" || last == "." { cut.removeLast() }
        return String(cut)
    }

    private func evidence(ofHost host: String, at now: Date, notBefore earliest: Date? = nil) -> WorkerEvidence {
        var worst = WorkerEvidence.unheard
        for record in (hosts[host] ?? [:]).values {
            if let earliest, record.lastHeard < earliest { continue }
            let evidence = record.evidence(at: now, listeningSince: listeningSince)
            worst = worst.combined(with: evidence)
        }
        return worst
    }

    private static func differ(_ before: WorkerEvidence, _ after: WorkerEvidence) -> Bool {
        switch (before, after) {
        case (.idle, .idle), (.busy(.silent), .busy(.silent)): false
        default: before != after
        }
    }

    /// Room for one worker more, at the cost of those silent for longest if there is none left.
    private mutating func makeRoom(at now: Date) -> Bool {
        if count < Self.capacity { return true }
        if let prunedAt, now.timeIntervalSince(prunedAt) < Self.pruneInterval { return false }
        prunedAt = now
        let oldest = now.addingTimeInterval(-Self.longestSilence)
        for (host, workers) in hosts {
            let kept = workers.filter { $0.value.lastHeard >= oldest }
            count -= workers.count - kept.count
            hosts[host] = kept.isEmpty ? nil : kept
        }
        return count < Self.capacity
    }

    /// Bytes of a worker's name: a node name and a host name of 253 each, with room to spare.
    private static let longestName = 640
    /// Seconds by which a Node's clock may differ from ours.
    static let clockSkew = 30.0
    /// Seconds after which a silent worker is forgotten when room is needed: the longest `maxBusySeconds`.
    private static let longestSilence = 7.0 * 86_400
    /// Seconds between two searches for room: a flood of names must not make each of them cost a search.
    private static let pruneInterval = 60.0
}

extension WorkerEvidence {
    /// A host is as busy as the busiest of its workers.
    func combined(with other: WorkerEvidence) -> WorkerEvidence {
        switch (self, other) {
        case (.unheard, _): return other
        case (_, .unheard): return self
        case (.idle(let one), .idle(let two)): return .idle(overdueAt: min(one, two))
        case (.idle, .busy): return other
        case (.busy, .idle): return self
        case (.busy(.active(let one)), .busy(.active(let two))): return .busy(.active(one.addingSaturated(two)))
        case (.busy(.active), .busy): return self
        case (.busy, .busy(.active)): return other
        case (.busy(.worked), .busy): return self
        case (.busy, .busy(.worked)): return other
        case (.busy(.silent(let one)), .busy(.silent(let two))): return .busy(.silent(since: max(one, two)))
        case (.busy(.silent), .busy): return self
        case (.busy, .busy(.silent)): return other
        case (.busy(.unproven), .busy(.unproven)): return self
        }
    }
}
