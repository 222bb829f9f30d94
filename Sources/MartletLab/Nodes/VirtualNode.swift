import FoundationEssentials
import KubernetesModel

/// One Node that exists on paper only: what it is called, what it offers and what it repels.
struct VirtualNode: Sendable, Equatable {
    /// On every virtual node, so that all can be selected, waited for and deleted.
    static let label = "lab.martlet.dev/node"

    var name: String
    var address: String
    var labels: [String: String]
    var capacity: [String: Quantity]
    var taints: [Taint]

    /// The Node that a kubelet registers: its first status goes with it.
    func node(now: Date) -> Node {
        var all = ["kubernetes.io/hostname": name, "kubernetes.io/os": "linux", Self.label: "virtual"]
        all.merge(labels) { _, given in given }
        return Node(
            metadata: ObjectMeta(name: name, labels: all), spec: NodeSpec(taints: taints.isEmpty ? nil : taints),
            status: NodeStatus(conditions: Self.conditions(now: now), capacity: capacity, allocatable: capacity))
    }

    /// The merge patch of a status heartbeat.
    func statusPatch(now: Date) -> Node.StatusPatch { .init(status: node(now: now).status) }

    /// The Lease that tells the node lifecycle controller that the kubelet lives.
    func lease(now: Date) -> Lease {
        Lease(
            metadata: ObjectMeta(name: name, namespace: Self.leaseNamespace),
            spec: LeaseSpec(holderIdentity: name, leaseDurationSeconds: 40, renewTime: MicroTimestamp(now)))
    }

    var leaseKey: ObjectKey { ObjectKey(namespace: Self.leaseNamespace, name: name) }

    private static let leaseNamespace = "kube-node-lease"

    private static func conditions(now: Date) -> [ObservedCondition] {
        let time = Timestamp(now)
        let ready = ObservedCondition(
            type: "Ready", status: .yes, reason: "KubeletReady", message: "the laboratory plays the kubelet",
            lastHeartbeatTime: time, lastTransitionTime: time)
        let pressures = ["MemoryPressure", "DiskPressure", "PIDPressure"].map { type in
            ObservedCondition(
                type: type, status: .no, reason: "KubeletHasSufficient", lastHeartbeatTime: time,
                lastTransitionTime: time)
        }
        return [ready] + pressures
    }
}

extension Node {
    /// A merge patch of nothing but the status.
    struct StatusPatch: Encodable, Sendable {
        var status: NodeStatus?
    }
}

extension Lease {
    /// A merge patch of nothing but the renewal.
    struct RenewalPatch: Encodable, Sendable {
        struct Spec: Encodable, Sendable { var renewTime: MicroTimestamp }
        var spec: Spec
        init(now: Date) { spec = Spec(renewTime: MicroTimestamp(now)) }
    }
}
