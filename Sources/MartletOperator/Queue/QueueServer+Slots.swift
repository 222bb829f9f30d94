import KubernetesModel
import Redis

/// What is different where the keys are spread over the masters of a cluster, and may move.
extension QueueServerState {
    /// How long a key may be on its way before its queue is said to be unreadable: a redirection is followed, and a
    /// moved slot found again, well within this. Until then the last reading stands, as it does while a read is under
    /// way.
    static let movingGrace = Duration.seconds(1)

    /// The slots are held by others from now on. What is known of a key that moved is kept until it is read anew.
    mutating func mapped(_ map: ClusterMap, at now: Instant) {
        let before = layout
        guard before != .cluster(map) else { return }
        layout = .cluster(map)
        for node in layout.nodes where nodes[node] == nil { nodes[node] = QueueNode(sweeps: .bySlot) }
        nodes[.nowhere]?.lost(.slotNotServed)
        for node in before.nodes { rehome(keysOf: node, at: now) }
        for node in before.nodes.subtracting(layout.nodes) {
            nodes[node] = nil
            answersGone(of: node, at: now)
        }
        for node in nodes.keys { nodes[node]?.retryRefused(at: now) }
        failUnserved(.slotNotServed, at: now)
    }

    /// The cluster was not found; once it was, the loss of its masters says more.
    mutating func unmapped(_ fault: QueueFault, at now: Instant) {
        guard layout == .cluster(nil) else { return }
        nodes[.nowhere]?.lost(fault)
        failUnserved(fault, at: now)
    }

    /// While a slot is on its way its new keys are created at the other end, of which nobody tells.
    mutating func leaving(_ node: QueueNodeID, _ slots: Set<RedisSlot>, at now: Instant) {
        guard !slots.isEmpty else { return }
        nodes[node]?.pollEmpty(where: { slots.contains(RedisSlot(of: $0)) }, at: now)
    }

    /// Follows an `ASK` to a master that is known; false: there is none to follow.
    mutating func follow(_ read: QueueRead, _ answers: ArraySlice<RESPValue>, from home: QueueNodeID) -> Bool {
        guard case .master(let asked) = home, read.key != nil else { return false }
        let redirection = answers.lazy.compactMap { answer -> RedisRedirection? in
            guard case .error(.ask(let redirection)) = answer else { return nil }
            return redirection
        }.first
        guard let redirection else { return false }
        let target = QueueNodeID.master(redirection.address(from: asked))
        guard case .up? = nodes[target]?.link else { return false }
        nodes[target]?.asks.append(.asking(read, home: home))
        asking[read] = target
        return true
    }

    /// Which answers are to be had only elsewhere, so that the map is worth a look.
    mutating func notice(_ answers: ArraySlice<RESPValue>, of node: QueueNodeID) {
        for case .error(let refusal) in answers where refusal.isOfMovingSlots {
            nodes[node]?.noticedMove()
            switch refusal {
            case .moved, .clusterDown: disturbed.insert(node)
            case _: break
            }
        }
    }

    /// The nodes that did not serve what the layout says, each once.
    mutating func takeDisturbed() -> Set<QueueNodeID> {
        defer { disturbed = [] }
        return disturbed
    }

    /// Keys that were asked for at `node` on behalf of their own node have to be asked for again.
    mutating func answersGone(of node: QueueNodeID, at now: Instant) {
        for (read, target) in asking where target == node {
            asking[read] = nil
            if let key = read.key { nodes[layout.node(of: key)]?.askAgain(key, at: now) }
        }
    }

    private mutating func rehome(keysOf old: QueueNodeID, at now: Instant) {
        guard let node = nodes[old] else { return }
        var moved: Set<RedisKey> = []
        let leaving = node.keys.subjects.filter { layout.node(of: $0.key) != old }
        for subject in leaving.sorted(by: { $0.key.name < $1.key.name }) {
            guard let entry = nodes[old]?.keys.take(subject) else { continue }
            moved.insert(subject.key)
            nodes[layout.node(of: subject.key)]?.keys.adopt(entry, as: subject)
        }
        for key in node.unacked.keys {
            let home = layout.node(of: key)
            guard home != old, var tasks = nodes[old]?.unacked.removeValue(forKey: key) else { continue }
            moved.insert(key)
            tasks.restart(at: now)
            nodes[home]?.unacked[key] = tasks
        }
        if !moved.isEmpty { asking = asking.filter { read, _ in read.key.map { !moved.contains($0) } ?? true } }
    }

    private mutating func failUnserved(_ fault: QueueFault, at now: Instant) {
        for (id, observer) in observers where observer.allKeys.contains(where: { layout.node(of: $0) == .nowhere }) {
            deferred.remove(id)
            fail(id, fault, at: now)
        }
    }
}

extension RedisReplyError {
    /// Said of a slot that moves, or for a moment has no master: it passes.
    var isOfMovingSlots: Bool {
        switch self {
        case .moved, .ask, .tryAgain, .clusterDown: true
        case .wrongType, .noPermission, .noAuthentication, .wrongPassword, .loading, .readOnly, .masterDown, .busy,
            .noProto, .generic, .other:
            false
        }
    }
}
