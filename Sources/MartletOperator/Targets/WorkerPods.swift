internal import KubernetesModel
internal import Synchronization

/// Which Pods belong to which target, kept up to date by the Pod watch so that a reconcile need not search.
///
/// A Pod that no target selects is not kept: `isWanted` is the watch's filter. A target that is followed only once the
/// watch runs has missed Pods: it is incomplete until `complete(_:with:)` has brought a list.
final class WorkerPods: Sendable {
    fileprivate struct Entry {
        var selector: LabelSelector
        var pods: [ObjectKey: Pod] = [:]
        var isComplete: Bool
        /// Pods that went while the list was on its way, and must not come back with it.
        var gone: Set<ObjectKey> = []
    }
    fileprivate struct State {
        /// By namespace, because a Pod event must find the few targets of its own namespace.
        var targets: [String: [TargetKey: Entry]] = [:]
        /// Pods of any target by name: a worker names itself by its Pod, without the namespace.
        var named: [String: Set<PodOfTarget>] = [:]
    }
    fileprivate struct PodOfTarget: Hashable {
        var target: TargetKey
        var pod: ObjectKey
    }
    private let state = Mutex(State())

    /// Begins to follow the Pods of `target`; nothing happens if it is followed already with that selector.
    /// `isComplete`: the watch has not begun, so that its first list will bring every Pod.
    func follow(_ target: TargetKey, selecting selector: LabelSelector, isComplete: Bool) {
        state.withLock { state in
            guard state.targets[target.object.namespace]?[target]?.selector != selector else { return }
            state.forget(target)
            state.targets[target.object.namespace, default: [:]][target] = Entry(
                selector: selector, isComplete: isComplete)
        }
    }

    /// Forgets `target` and its Pods.
    func stopFollowing(_ target: TargetKey) {
        state.withLock { $0.forget(target) }
    }

    /// Whether every Pod of `target` is known.
    func isComplete(_ target: TargetKey) -> Bool {
        state.withLock { $0.targets[target.object.namespace]?[target]?.isComplete ?? false }
    }

    /// Adds what a list of the target's Pods brought. What the watch has seen since is newer and stays.
    func complete(_ target: TargetKey, with listed: [Pod]) {
        state.withLock { state in
            guard let entry = state.targets[target.object.namespace]?[target], !entry.isComplete else { return }
            for pod in listed where entry.pods[pod.key] == nil && !entry.gone.contains(pod.key) {
                state.put(pod, in: target)
            }
            state.targets[target.object.namespace]?[target]?.isComplete = true
            state.targets[target.object.namespace]?[target]?.gone = []
        }
    }

    /// Whether some target selects `pod`.
    func isWanted(_ pod: Pod) -> Bool {
        state.withLock { state in
            state.targets[pod.metadata.namespace ?? ""]?.values.contains { $0.selector.matches(pod.metadata.labels) }
                ?? false
        }
    }

    /// Takes over what the watch saw; returns the targets whose Pods changed.
    func update(_ pod: Pod, isGone: Bool) -> [TargetKey] {
        state.withLock { state in
            let namespace = pod.metadata.namespace ?? ""
            guard let targets = state.targets[namespace] else { return [] }
            return targets.compactMap { target, entry in
                if !isGone, entry.selector.matches(pod.metadata.labels) {
                    state.put(pod, in: target)
                    return target
                }
                if !entry.isComplete { state.targets[namespace]?[target]?.gone.insert(pod.key) }
                guard entry.pods[pod.key] != nil else { return nil }
                state.remove(pod.key, from: target)
                return target
            }
        }
    }

    /// The Pods of `target`, in order of name.
    func pods(of target: TargetKey) -> [Pod] {
        state.withLock { state in
            (state.targets[target.object.namespace]?[target]?.pods.values).map(Array.init) ?? []
        }.sorted { $0.key < $1.key }
    }

    /// The targets with a Pod of that name. More than one namespace may have it.
    func targets(ofPodNamed name: String) -> [TargetKey] {
        state.withLock { $0.named[name]?.map(\.target) ?? [] }
    }

    /// Whether the name leads to exactly one Pod, so that a worker of that name can only be its.
    func isUnambiguous(_ name: String) -> Bool {
        state.withLock { state in Set((state.named[name] ?? []).map(\.pod)).count == 1 }
    }
}

extension WorkerPods.State {
    fileprivate mutating func put(_ pod: Pod, in target: TargetKey) {
        targets[target.object.namespace]?[target]?.pods[pod.key] = pod
        named[pod.key.name, default: []].insert(WorkerPods.PodOfTarget(target: target, pod: pod.key))
    }

    fileprivate mutating func remove(_ pod: ObjectKey, from target: TargetKey) {
        targets[target.object.namespace]?[target]?.pods[pod] = nil
        named[pod.name]?.remove(WorkerPods.PodOfTarget(target: target, pod: pod))
        if named[pod.name]?.isEmpty == true { named[pod.name] = nil }
    }

    fileprivate mutating func forget(_ target: TargetKey) {
        guard let entry = targets[target.object.namespace]?[target] else { return }
        for pod in entry.pods.keys { remove(pod, from: target) }
        targets[target.object.namespace]?[target] = nil
    }
}
