internal import KubernetesModel
internal import MartletDecisions
internal import Synchronization

/// Who wants to scale what: the endpoints and the other autoscalers of each target.
final class TargetIndex: Sendable {
    fileprivate struct Claims {
        var endpoints: Set<ObjectKey> = []
        var autoscalers: Set<AutoscalerKey> = []

        var isEmpty: Bool { endpoints.isEmpty && autoscalers.isEmpty }
    }
    fileprivate struct State {
        var claims: [TargetKey: Claims] = [:]
        var targetOfEndpoint: [ObjectKey: TargetKey] = [:]
        var targetOfAutoscaler: [AutoscalerKey: TargetKey] = [:]
    }
    private let state = Mutex(State())

    /// Records what `endpoint` names as its target, nil for nothing; returns the endpoints that must look again.
    func record(_ endpoint: ObjectKey, claims target: TargetKey?) -> Set<ObjectKey> {
        state.withLock { state in
            let old = state.targetOfEndpoint[endpoint]
            guard old != target else { return [] }
            state.targetOfEndpoint[endpoint] = target
            var others: Set<ObjectKey> = []
            if let old {
                state.change(old) { $0.endpoints.remove(endpoint) }
                others.formUnion(state.claims[old]?.endpoints ?? [])
            }
            if let target {
                others.formUnion(state.claims[target]?.endpoints ?? [])
                state.change(target) { $0.endpoints.insert(endpoint) }
            }
            return others
        }
    }

    /// Records what another autoscaler scales, nil when it is gone; returns the endpoints that must look again.
    func record(_ autoscaler: AutoscalerKey, scales target: TargetKey?) -> Set<ObjectKey> {
        state.withLock { state in
            let old = state.targetOfAutoscaler[autoscaler]
            guard old != target else { return [] }
            state.targetOfAutoscaler[autoscaler] = target
            var endpoints: Set<ObjectKey> = []
            if let old {
                endpoints.formUnion(state.claims[old]?.endpoints ?? [])
                state.change(old) { $0.autoscalers.remove(autoscaler) }
            }
            if let target {
                state.change(target) { $0.autoscalers.insert(autoscaler) }
                endpoints.formUnion(state.claims[target]?.endpoints ?? [])
            }
            return endpoints
        }
    }

    /// The endpoints that name `target`.
    func endpoints(of target: TargetKey) -> Set<ObjectKey> {
        state.withLock { $0.claims[target]?.endpoints ?? [] }
    }

    /// The other autoscalers on `target`.
    func autoscalers(of target: TargetKey) -> [ForeignAutoscaler] {
        (state.withLock { $0.claims[target]?.autoscalers } ?? []).map(\.autoscaler)
    }

    /// What `endpoint` names as its target.
    func target(of endpoint: ObjectKey) -> TargetKey? {
        state.withLock { $0.targetOfEndpoint[endpoint] }
    }
}

extension TargetIndex.State {
    /// Entries without a claim go, so that the index does not outgrow the cluster.
    fileprivate mutating func change(_ target: TargetKey, _ body: (inout TargetIndex.Claims) -> Void) {
        var claims = claims[target] ?? TargetIndex.Claims()
        body(&claims)
        self.claims[target] = claims.isEmpty ? nil : claims
    }
}

/// Another controller's object that writes replicas: a HorizontalPodAutoscaler or a KEDA ScaledObject.
struct AutoscalerKey: Hashable, Sendable {
    var autoscaler: ForeignAutoscaler
    var namespace: String

    init(_ hpa: HorizontalPodAutoscaler) {
        let owner = hpa.metadata.controller.flatMap { $0.kind == "ScaledObject" ? $0.name : nil }
        autoscaler = ForeignAutoscaler(
            kind: HorizontalPodAutoscaler.resourceType.kind, name: hpa.key.name, ownerName: owner)
        namespace = hpa.key.namespace
    }

    init(_ scaledObject: ScaledObject) {
        autoscaler = ForeignAutoscaler(kind: ScaledObject.resourceType.kind, name: scaledObject.key.name)
        namespace = scaledObject.key.namespace
    }
}

/// KEDA's ScaledObject, as far as it names its target. Its `kind` defaults to Deployment.
struct ScaledObject: KubernetesObject {
    static let resourceType = ResourceType(
        group: "keda.sh", version: "v1alpha1", plural: "scaledobjects", kind: "ScaledObject")
    var metadata: ObjectMeta
    var spec: Spec?

    struct Spec: Codable, Sendable {
        var scaleTargetRef: Reference?
    }
    struct Reference: Codable, Sendable {
        var kind: String?
        var name: String?
    }

    /// The target in Martlet's terms; nil for a kind that Martlet does not scale.
    var target: TargetKey? {
        guard let reference = spec?.scaleTargetRef, let name = reference.name,
            let kind = ScalableKind(rawValue: reference.kind ?? "Deployment")
        else { return nil }
        return TargetKey(kind: kind, object: ObjectKey(namespace: metadata.namespace ?? "", name: name))
    }
}

extension HorizontalPodAutoscaler {
    /// The target in Martlet's terms; nil for a kind that Martlet does not scale.
    var target: TargetKey? {
        guard let reference = spec?.scaleTargetRef, let kind = ScalableKind(rawValue: reference.kind) else {
            return nil
        }
        return TargetKey(kind: kind, object: ObjectKey(namespace: metadata.namespace ?? "", name: reference.name))
    }
}
