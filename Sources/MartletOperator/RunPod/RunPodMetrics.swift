internal import KubernetesModel
internal import MartletDecisions
internal import Metrics
internal import RunPod
internal import Synchronization

/// What is counted of RunPod.
final class RunPodMetrics: Sendable {
    private let reasons = Mutex<[ObjectKey: RunPodReason]>([:])
    private let orphans = Gauge(label: "martlet_runpod_orphans")

    /// Counts an exchange.
    @Sendable func count(_ report: RunPodReport) {
        Counter(
            label: "martlet_runpod_requests_total",
            dimensions: [("operation", report.operation.name), ("code", report.status.map(String.init) ?? "none")]
        ).increment()
    }

    /// Counts the object under its state.
    func show(_ reason: RunPodReason, of key: ObjectKey) { change { $0[key] = reason } }

    /// The object is gone.
    func forget(_ key: ObjectKey) { change { $0[key] = nil } }

    /// Shows how many endpoints of this cluster no object owns.
    func show(orphans count: Int) { orphans.record(count) }

    private func change(_ body: (inout [ObjectKey: RunPodReason]) -> Void) {
        let (before, after) = reasons.withLock { reasons in
            let before = Set(reasons.values)
            body(&reasons)
            return (before, Dictionary(grouping: reasons.values) { $0 }.mapValues(\.count))
        }
        for reason in before.union(after.keys) {
            Gauge(label: "martlet_runpod_endpoints", dimensions: [("state", reason.rawValue)])
                .record(after[reason] ?? 0)
        }
    }
}
