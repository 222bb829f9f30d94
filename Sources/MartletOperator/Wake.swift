internal import ControllerRuntime
internal import KubernetesModel
internal import MartletAPI

/// Turns what the watches saw into the endpoints that must look again.
struct Wake: Sendable {
    let queue: WorkQueue<ObjectKey>
    let index: TargetIndex
    let pods: WorkerPods
    /// Schedules to be looked at.
    let scheduleQueue: WorkQueue<ObjectKey>
    let schedules: ScheduleIndex
    /// Objects whose RunPod endpoint is to be looked at.
    let runpodQueue: WorkQueue<ObjectKey>

    @Sendable func endpoint(_ change: StoreChange<InferenceEndpoint>) {
        switch change {
        case .added(let endpoint):
            index.record(endpoint.key, claims: endpoint.targetKey).forEach(queue.add)
            schedules.schedules(of: endpoint.key).forEach(scheduleQueue.add)
        case .updated(let old, let endpoint):
            index.record(endpoint.key, claims: endpoint.targetKey).forEach(queue.add)
            // Our own status writes come back here; only the user's changes are worth a look.
            guard old.differsForScaling(from: endpoint) else { return }
        case .removed(let endpoint):
            index.record(endpoint.key, claims: nil).forEach(queue.add)
            schedules.schedules(of: endpoint.key).forEach(scheduleQueue.add)
        }
        queue.add(change.key)
        runpodQueue.add(change.key)
    }

    @Sendable func schedule(_ change: StoreChange<GPUSchedule>) {
        switch change {
        case .added(let schedule):
            schedules.record(schedule.key, targets: schedule.targets).forEach(governed)
        case .updated(let old, let schedule):
            // Our own status writes come back here.
            guard old.metadata.generation != schedule.metadata.generation else { return }
            schedules.record(schedule.key, targets: schedule.targets).forEach(governed)
        case .removed(let schedule): schedules.record(schedule.key, targets: []).forEach(governed)
        }
        scheduleQueue.add(change.key)
    }

    private func governed(_ key: ObjectKey) {
        queue.add(key)
        runpodQueue.add(key)
    }

    /// Endpoints whose schedule changed by the clock. They have woken themselves, and are not held up by a second look at
    /// each; only where the clock was set they learn it from here.
    @Sendable func endpoints(_ keys: Set<ObjectKey>) {
        for key in keys {
            queue.add(key, after: Self.secondLook)
            runpodQueue.add(key, after: Self.secondLook)
        }
    }

    private static let secondLook = Duration.seconds(1)

    @Sendable func target(_ kind: ScalableKind, _ key: ObjectKey) {
        index.endpoints(of: TargetKey(kind: kind, object: key)).forEach(queue.add)
    }

    @Sendable func autoscaler(_ change: StoreChange<HorizontalPodAutoscaler>) {
        switch change {
        case .added(let hpa), .updated(_, let hpa):
            index.record(AutoscalerKey(hpa), scales: hpa.target).forEach(queue.add)
        case .removed(let hpa): index.record(AutoscalerKey(hpa), scales: nil).forEach(queue.add)
        }
    }

    @Sendable func scaledObject(_ change: StoreChange<ScaledObject>) {
        switch change {
        case .added(let object), .updated(_, let object):
            index.record(AutoscalerKey(object), scales: object.target).forEach(queue.add)
        case .removed(let object): index.record(AutoscalerKey(object), scales: nil).forEach(queue.add)
        }
    }

    @Sendable func pod(_ change: StoreChange<Pod>) {
        let targets =
            switch change {
            case .added(let pod), .updated(_, let pod): pods.update(pod, isGone: false)
            case .removed(let pod): pods.update(pod, isGone: true)
            }
        for target in targets { index.endpoints(of: target).forEach(queue.add) }
    }

    @Sendable func workers(_ change: WorkersChange) {
        switch change {
        case .endpoints(let keys): keys.forEach(queue.add)
        case .pod(let name):
            for target in pods.targets(ofPodNamed: name) { index.endpoints(of: target).forEach(queue.add) }
        }
    }
}

extension GPUSchedule {
    /// The endpoints that it names.
    var targets: Set<ObjectKey> { Set(targetNames.map { ObjectKey(namespace: key.namespace, name: $0) }) }
}

extension InferenceEndpoint {
    fileprivate func differsForScaling(from other: InferenceEndpoint) -> Bool {
        metadata.generation != other.metadata.generation || metadata.uid != other.metadata.uid
            || metadata.deletionTimestamp != other.metadata.deletionTimestamp
            || metadata.annotations != other.metadata.annotations
    }
}
