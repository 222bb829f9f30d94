internal import ControllerRuntime
internal import FoundationEssentials
internal import Kubernetes
internal import KubernetesModel
internal import MartletAPI
internal import MartletDecisions

/// Carries a decision out: the one place that writes to a target or its Pods.
struct Scaler: Sendable {
    let deployments: Resources<Deployment>
    let statefulSets: Resources<StatefulSet>
    let pods: Resources<Pod>
    let metrics: ScalerMetrics
    let time: any TimeSource

    /// Does what `decision` asks for, at most one write to the target in a tenth of a second.
    ///
    /// `pushedAt` is when the push came that the decision answers. Never throws: a failure is an outcome, which the
    /// status tells before the reconcile is tried again.
    func carryOut(
        _ decision: ScalingDecision, on target: ScaleTarget, pushedAt: ContinuousClock.Instant?,
        _ memory: inout EndpointMemory
    ) async -> ScaleOutcome {
        switch decision.action {
        case .hold: return .held
        case .writeCosts(let costs):
            return await write(costs, in: target.key.object.namespace)
        case .scale(let replicas):
            let now = time.now
            if case .wait(let until) = memory.gate.pass(at: now) {
                return .paced(.seconds(until.timeIntervalSince(now)))
            }
            return await scale(target, from: decision.inputs.current, to: replicas, pushedAt, &memory)
        }
    }

    private func scale(
        _ target: ScaleTarget, from old: Int, to replicas: Int, _ pushedAt: ContinuousClock.Instant?,
        _ memory: inout EndpointMemory
    ) async -> ScaleOutcome {
        let scale: Scale
        do throws(KubernetesError) {
            scale =
                switch target.key.kind {
                case .deployment: try await deployments.scale(target.key.object, to: replicas, as: .martlet)
                case .statefulSet: try await statefulSets.scale(target.key.object, to: replicas, as: .martlet)
                }
        } catch {
            guard !error.isWithheld else { return .withheld }
            metrics.scaleFailed()
            memory.gate.answered(at: time.now)
            return .failed(error)
        }
        let now = time.now
        memory.gate.answered(at: now)
        if let pushedAt, replicas > old, pushedAt != memory.measuredPush {
            metrics.reacted(in: pushedAt.duration(to: .now))
            memory.measuredPush = pushedAt
        }
        metrics.scaled(from: old, to: replicas)
        memory.history.scaled(from: old, to: replicas, at: now)
        memory.lastScaleTime = Timestamp(now.wholeSeconds)
        memory.pendingScale = PendingScale(
            replicas: replicas, version: scale.metadata.resourceVersion, writtenAt: time.uptime)
        return .scaled(from: old, to: replicas, version: scale.metadata.resourceVersion)
    }

    private func write(_ costs: [PodCost], in namespace: String) async -> ScaleOutcome {
        for cost in costs {
            do throws(KubernetesError) {
                try await pods.mergePatch(
                    ObjectKey(namespace: namespace, name: cost.pod), CostPatch(cost.cost), as: .martlet)
            } catch {
                guard !error.isWithheld else { return .withheld }
                // A Pod that went meanwhile needs no cost.
                guard error.isNotFound else { return .failed(error) }
            }
        }
        return .costsWritten
    }
}

/// What became of a decision.
enum ScaleOutcome: Sendable {
    case held
    case scaled(from: Int, to: Int, version: ResourceVersion?)
    /// Deletion costs are on their way; the watch on Pods will tell.
    case costsWritten
    /// The target was written a moment ago; look again after that time.
    case paced(Duration)
    /// Another operator leads: nothing was written.
    case withheld
    case failed(KubernetesError)
}

/// Ranks a Pod among those that a ReplicaSet may remove.
private struct CostPatch: Encodable, Sendable {
    struct Metadata: Encodable, Sendable { var annotations: [String: String] }
    var metadata: Metadata

    init(_ cost: Int) { metadata = Metadata(annotations: [Pod.deletionCostAnnotation: String(cost)]) }
}
