import KubernetesModel
import FoundationEssentials

/// Whether a target can be cut to fewer replicas in such a way that only Pods that may be taken go.
enum ScaleDownPlan: Equatable {
    case possible
    /// After these deletion costs were written and have been read back.
    case afterCosts([PodCost])
    case impossible(String)
}

extension Workforce {
    /// The lowest count at or above `wanted` that leaves every protected Pod, as far as the kind of target allows to say.
    func lowest(above wanted: Int, in target: TargetSnapshot) -> Int {
        switch target.kind {
        case .deployment, .other: return max(wanted, protected.count)
        case .statefulSet(let first):
            let ordinals = present.filter { protected.contains($0.name) }.map { pod in
                pod.name.lastIndex(of: "-").flatMap { Int(pod.name[pod.name.index(after: $0)...]) } ?? target.replicas
            }
            return max(wanted, (ordinals.max().map { $0.addingSaturated(1 - first) } ?? 0))
        }
    }

    /// How the target gets from its replicas to `count`, which is lower and not below ``lowest(above:in:)``.
    func plan(for count: Int, of target: TargetSnapshot) -> ScaleDownPlan {
        if protected.isEmpty { return .possible }
        switch target.kind {
        case .statefulSet: return .possible
        case .other: return .impossible("nothing tells which Pods of this kind would go")
        case .deployment(honoursDeletionCost: false):
            return .impossible("this server (before 1.22) knows no deletion cost")
        case .deployment(honoursDeletionCost: true): break
        }
        if present.count != target.replicas {
            return .impossible("\(present.count) of \(target.replicas) Pods are there")
        }
        // Costs are compared within a ReplicaSet; a rollout has two.
        if Set(present.map(\.template)).count > 1 { return .impossible("a rollout is under way") }
        let exposed = present.filter { protected.contains($0.name) && !$0.isSettled }
        if let pod = exposed.first {
            return .impossible("busy Pod \(pod.name) is not Ready, and such go first whatever they cost")
        }
        return costs(toLose: present.count - count)
    }

    /// The ReplicaSet takes Pods that are not running or not Ready first, then the cheapest (KEP-2255). Those to go are
    /// made the cheapest, whether Ready or not: by the time it chooses, they may be.
    private func costs(toLose count: Int) -> ScaleDownPlan {
        let free = present.filter { !protected.contains($0.name) }.sorted { one, two in
            if one.isSettled != two.isSettled { return !one.isSettled }
            // Who was chosen before stays chosen, so that costs settle.
            if one.deletionCost != two.deletionCost { return one.deletionCost < two.deletionCost }
            if one.startedAt != two.startedAt {
                return one.startedAt ?? .distantFuture > two.startedAt ?? .distantFuture
            }
            return one.name < two.name
        }
        let going = free.prefix(count)
        let names = Set(going.map(\.name))
        let staying = present.filter { !names.contains($0.name) }
        let dearest = going.map(\.deletionCost).max() ?? 0
        if staying.allSatisfy({ $0.deletionCost > dearest }) { return .possible }
        var costs = going.filter { $0.deletionCost != PodCost.leaving }.map {
            PodCost(pod: $0.name, cost: PodCost.leaving)
        }
        costs += staying.filter { $0.deletionCost <= PodCost.leaving }.map {
            PodCost(pod: $0.name, cost: PodCost.neutral)
        }
        return .afterCosts(costs.sorted { $0.pod < $1.pod })
    }
}

extension PodCost {
    /// Below whatever a template is likely to set. The annotation holds an int32.
    static let leaving = -1_000_000
    /// What a Pod without the annotation has.
    static let neutral = 0
}

extension PodSnapshot {
    /// Running and Ready on a Node: only among such Pods does the cost decide.
    var isSettled: Bool { isScheduled && phase == .running && isReady }
}
