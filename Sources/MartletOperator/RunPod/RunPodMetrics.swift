internal import KubernetesModel
internal import MartletDecisions
internal import Metrics
internal import RunPod
internal import Synchronization

/// What is counted of RunPod.
final class RunPodMetrics: Sendable {
    private struct Shown {
        var reasons: [ObjectKey: RunPodReason] = [:]
        var counts: [RunPodReason: Int] = [:]
    }
    private let shown = Mutex(Shown())
    private let orphans = Gauge(label: "martlet_runpod_orphans")

    /// Counts an exchange.
    @Sendable func count(_ report: RunPodReport) {
        Counter(
            label: "martlet_runpod_requests_total",
            dimensions: [("operation", report.operation.name), ("code", report.status.map(String.init) ?? "none")]
        ).increment()
    }

    /// Counts the object under its state.
    func show(_ reason: RunPodReason, of key: ObjectKey) { change(key, to: reason) }

    /// The object is gone.
    func forget(_ key: ObjectKey) { change(key, to: nil) }

    /// Shows how many endpoints of this cluster no object owns.
    func show(orphans count: Int) { orphans.record(count) }

    private func change(_ key: ObjectKey, to reason: RunPodReason?) {
        shown.withLock { shown in
            let old = shown.reasons[key]
            guard old != reason else { return }
            shown.reasons[key] = reason
            if let old { shown.counts[old, default: 0] -= 1 }
            if let reason { shown.counts[reason, default: 0] += 1 }
            for touched in [old, reason].compactMap({ $0 }) {
                Gauge(label: "martlet_runpod_endpoints", dimensions: [("state", touched.rawValue)])
                    .record(shown.counts[touched] ?? 0)
            }
        }
    }
}
