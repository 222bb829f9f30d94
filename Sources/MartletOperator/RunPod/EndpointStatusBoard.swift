internal import FoundationEssentials
internal import KubernetesModel
internal import MartletAPI
internal import Synchronization

/// Makes one status of what the two controllers of an object say: its workers' and its RunPod endpoint's. Each owns its
/// condition types and its fields; `Ready` sums up what the object has.
final class EndpointStatusBoard: Sendable {
    /// The driver's part of a status.
    struct RunPodPart: Sendable, Equatable {
        var generation: Int64?
        var runpod: RunPodStatus
        /// Of its own types, dated.
        var conditions: [Condition]
        /// Where no workers part tells them: `Accepted` and what schedules say.
        var common: [Condition]
        var schedule: ScheduleStatus
    }

    /// The condition types that belong to the driver.
    static let runPodTypes = ["RunPodReady", "ConnectionPublished", "Mirrored"]

    private struct Parts {
        var workers: InferenceEndpointStatus?
        var runpod: RunPodPart?
        /// `Ready` as it was told last, for its time of transition.
        var ready: Condition?
    }

    private let statuses: StatusWriter
    private let parts = Mutex<[ObjectKey: Parts]>([:])

    init(_ statuses: StatusWriter) { self.statuses = statuses }

    /// Takes what the workers' controller says: the whole status as it would be without a RunPod endpoint.
    func post(workers status: InferenceEndpointStatus, for endpoint: InferenceEndpoint) {
        change(endpoint) { $0.workers = status }
    }

    /// Takes what the driver says.
    func post(_ part: RunPodPart, for endpoint: InferenceEndpoint) {
        change(endpoint) { parts in
            parts.runpod = part
            // Until the workers' controller has spoken, what the object holds of its part must not be wiped out.
            if parts.workers == nil, endpoint.hasWorkers { parts.workers = endpoint.status }
        }
    }

    /// The object has no RunPod endpoint any more.
    func withdrawRunPod(_ key: ObjectKey) { parts.withLock { $0[key]?.runpod = nil } }

    /// The object has no in-cluster workers any more.
    func withdrawWorkers(_ key: ObjectKey) { parts.withLock { $0[key]?.workers = nil } }

    /// Forgets an object that is gone.
    func forget(_ key: ObjectKey) { parts.withLock { $0[key] = nil } }

    /// Forgets everything: another has written the statuses in the meantime.
    func forgetAll() { parts.withLock { $0 = [:] } }

    private func change(_ endpoint: InferenceEndpoint, _ body: (inout Parts) -> Void) {
        let status = parts.withLock { all in
            var parts = all[endpoint.key] ?? Parts(ready: endpoint.status?.conditions?["Ready"])
            body(&parts)
            let status = Self.compose(parts, hasRunPod: endpoint.hasRunPod)
            parts.ready = status.conditions?["Ready"]
            all[endpoint.key] = parts
            return status
        }
        statuses.submit(status, for: endpoint.key, observed: endpoint.status)
    }

    private static func compose(_ parts: Parts, hasRunPod: Bool) -> InferenceEndpointStatus {
        guard let runpod = parts.runpod else {
            // The driver has not spoken yet: what it said before stands.
            guard var status = parts.workers else { return InferenceEndpointStatus() }
            if !hasRunPod { status.conditions?.removeAll { runPodTypes.contains($0.type) } }
            return status
        }
        var status = parts.workers ?? InferenceEndpointStatus(schedule: runpod.schedule)
        status.observedGeneration = runpod.generation ?? status.observedGeneration
        status.runpod = runpod.runpod
        var conditions = (parts.workers?.conditions ?? runpod.common).filter {
            $0.type != "Ready" && !runPodTypes.contains($0.type)
        }
        conditions += runpod.conditions
        conditions.append(readiness(conditions, after: parts.ready, generation: status.observedGeneration))
        status.conditions = conditions
        return status
    }

    /// The first thing missing gives the reason.
    private static func readiness(_ conditions: [Condition], after old: Condition?, generation: Int64?) -> Condition {
        let needed = ["Accepted", "QueueReadable", "WorkersScaled", "RunPodReady"]
        let missing = needed.lazy.compactMap { conditions[$0] }.first { $0.status != .yes }
        let newest = conditions.map(\.lastTransitionTime).max()
        var ready = [old].compactMap { $0 }
        ready.set(
            Condition(
                type: "Ready", status: missing == nil ? .yes : .no, reason: missing?.reason ?? "Ready",
                message: missing?.message ?? "Everything that the endpoint consists of is as wanted.",
                lastTransitionTime: missing?.lastTransitionTime ?? newest ?? old?.lastTransitionTime
                    ?? Timestamp(.distantPast),
                observedGeneration: generation))
        return ready[0]
    }
}

extension InferenceEndpoint {
    /// Whether its spec, well-formed or not, asks for in-cluster workers.
    var hasWorkers: Bool {
        guard case .valid(let spec) = spec else { return true }
        // A spec that asks for nothing is the workers' controller's to refuse.
        return spec.workers != nil || spec.runpod == nil
    }

    /// Whether its spec asks for a RunPod endpoint.
    var hasRunPod: Bool {
        guard case .valid(let spec) = spec else { return concernsRunPod }
        return spec.runpod != nil || concernsRunPod
    }
}
