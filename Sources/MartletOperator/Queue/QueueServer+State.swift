import KubernetesModel
import Redis

/// What to read when, and what is known: the pure half of a ``QueueServer``. It is told events with the time at which
/// they happened and asked for the next step of each node; it never waits and never looks at a clock.
struct QueueServerState {
    typealias Instant = ContinuousClock.Instant

    enum Event {
        case observed(ObjectKey, QueueQuery, pods: Set<String>, pollingEvery: Duration)
        case unobserved(ObjectKey)
        case connected(QueueNodeID, QueueSource)
        /// An attempt to connect failed, or the connection ended.
        case lost(QueueNodeID, QueueFault)
        case invalidated([RedisKey])
        case invalidatedAll(QueueNodeID)
        case answered(QueueNodeID, QueueBatch, [RESPValue])
        /// Of a cluster: its slots are held like this from now on.
        case mapped(ClusterMap)
        /// Of a cluster: it was not found.
        case unmapped(QueueFault)
        /// Of a cluster: these slots of a node are on their way to other nodes.
        case leaving(QueueNodeID, Set<RedisSlot>)
    }

    enum Step: Equatable {
        case notify([ObjectKey])
        case read(QueueBatch)
        /// Nothing to do until then, or until the next event.
        case rest(until: Instant?)
    }

    var layout: QueueLayout
    var nodes: [QueueNodeID: QueueNode]
    var observers: [ObjectKey: QueueObserver] = [:]
    var changed: Set<ObjectKey> = []
    /// Ids whose lower figure waits for a newer count of their other keys.
    var deferred: Set<ObjectKey> = []
    /// What is being asked at another node than the key's own, which sent us there.
    var asking: [QueueRead: QueueNodeID] = [:]
    /// Nodes that do not serve what the layout says.
    var disturbed: Set<QueueNodeID> = []

    init(_ layout: QueueLayout = .sole) {
        self.layout = layout
        let sweeps = layout == .sole ? QueueNode.Sweeps.together : .bySlot
        nodes = Dictionary(uniqueKeysWithValues: layout.nodes.map { ($0, QueueNode(sweeps: sweeps)) })
    }

    mutating func receive(_ event: Event, at now: Instant) {
        switch event {
        case .observed(let id, let query, let pods, let interval):
            observe(id, query, pods: pods, pollingEvery: interval, at: now)
        case .unobserved(let id): forget(id, at: now)
        case .connected(let node, let source):
            let interval = shortestPolling
            nodes[node]?.connected(source, pollingEvery: interval, at: now)
            answersGone(of: node, at: now)
        case .lost(let node, let fault): lost(node, fault, at: now)
        case .invalidated(let names):
            for name in names { nodes[layout.node(of: name)]?.invalidated(name, at: now) }
        case .invalidatedAll(let node): nodes[node]?.invalidatedAll(at: now)
        case .answered(let node, let batch, let replies): answered(node, batch, replies, at: now)
        case .mapped(let map): mapped(map, at: now)
        case .unmapped(let fault): unmapped(fault, at: now)
        case .leaving(let node, let slots): leaving(node, slots, at: now)
        }
    }

    mutating func nextStep(of node: QueueNodeID, at now: Instant) -> Step {
        if !changed.isEmpty {
            defer { changed = [] }
            return .notify(changed.sorted())
        }
        guard !observers.isEmpty else { return .rest(until: nil) }
        if nodes[node]?.isSweepDue(at: now) == true {
            let interval = shortestPolling
            nodes[node]?.sweep(pollingEvery: interval, at: now)
        }
        switch nodes[node]?.nextStep(at: now) {
        case .read(let batch): return .read(batch)
        case .rest(let until): return .rest(until: until)
        case nil: return .rest(until: nil)
        }
    }

    func entry(_ subject: QueueSubject) -> QueueKeys.Entry? { nodes[layout.node(of: subject.key)]?.keys[subject] }

    func tasks(_ key: RedisKey) -> UnackedTasks? { nodes[layout.node(of: key)]?.unacked[key] }

    private var shortestPolling: Duration { observers.values.map(\.pollingEvery).min() ?? QueueNode.safetyInterval }

    private mutating func lost(_ node: QueueNodeID, _ fault: QueueFault, at now: Instant) {
        nodes[node]?.lost(fault)
        answersGone(of: node, at: now)
        for (id, observer) in observers where observer.allKeys.contains(where: { layout.node(of: $0) == node }) {
            deferred.remove(id)
            fail(id, fault, at: now)
        }
    }

    private mutating func answered(
        _ node: QueueNodeID, _ batch: QueueBatch, _ replies: [RESPValue], at now: Instant
    ) {
        guard nodes[node]?.finish(batch, replies) == true else { return }
        let wasRefused = nodes[node]?.hasRefused ?? false
        settle(batch, replies, of: node, at: now)
        nodes[node]?.scheduleRetries(wasRefused: wasRefused, at: now)
    }
}
