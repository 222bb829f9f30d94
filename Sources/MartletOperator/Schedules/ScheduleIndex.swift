internal import KubernetesModel
internal import Synchronization

/// Which schedules govern which endpoints, as the schedules name them; endpoints need not exist.
final class ScheduleIndex: Sendable {
    private struct State {
        var endpoints: [ObjectKey: Set<ObjectKey>] = [:]
        var schedules: [ObjectKey: Set<ObjectKey>] = [:]
    }
    private let state = Mutex(State())

    /// Records what `schedule` names, nothing when it is gone; returns the endpoints that it named or names.
    @discardableResult
    func record(_ schedule: ObjectKey, targets: Set<ObjectKey>) -> Set<ObjectKey> {
        state.withLock { state in
            let old = state.endpoints[schedule] ?? []
            state.endpoints[schedule] = targets.isEmpty ? nil : targets
            for endpoint in old.subtracting(targets) {
                state.schedules[endpoint]?.remove(schedule)
                // Entries without a schedule go, so that the index does not outgrow the cluster.
                if state.schedules[endpoint]?.isEmpty == true { state.schedules[endpoint] = nil }
            }
            for endpoint in targets.subtracting(old) { state.schedules[endpoint, default: []].insert(schedule) }
            return old.union(targets)
        }
    }

    /// The schedules that name `endpoint`.
    func schedules(of endpoint: ObjectKey) -> Set<ObjectKey> { state.withLock { $0.schedules[endpoint] ?? [] } }

    /// The endpoints that `schedule` names.
    func endpoints(of schedule: ObjectKey) -> Set<ObjectKey> { state.withLock { $0.endpoints[schedule] ?? [] } }
}
