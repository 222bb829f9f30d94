/// A Pod, cut down to what a scaler with ten thousand of them needs. Read-only: it is never written back.
public struct Pod: KubernetesObject, Equatable {
    /// Where the API has the kind.
    public static let resourceType = ResourceType(group: "", version: "v1", plural: "pods", kind: "Pod")
    /// Of the annotations only the deletion cost and Martlet's own are kept.
    public var metadata: ObjectMeta
    /// Nil until the scheduler has bound the Pod.
    public var nodeName: String?
    /// Pending until the server says otherwise.
    public var phase: PodPhase
    /// Whether the condition `Ready` is true.
    public var isReady: Bool
    /// `status.startTime`: when the kubelet took the Pod on, by its Node's clock.
    public var startedAt: Timestamp?

    /// One made by hand; what is not given is left out.
    public init(
        metadata: ObjectMeta, nodeName: String? = nil, phase: PodPhase = .pending, isReady: Bool = false,
        startedAt: Timestamp? = nil
    ) {
        self.metadata = metadata
        self.nodeName = nodeName
        self.phase = phase
        self.isReady = isReady
        self.startedAt = startedAt
    }

    /// Whether deletion has begun (`metadata.deletionTimestamp`).
    public var isTerminating: Bool { metadata.isBeingDeleted }
    /// The number that ranks Pods when a ReplicaSet shrinks, lowest first; nil if unset or malformed.
    public var deletionCost: Int? { metadata.annotations?[Self.deletionCostAnnotation].flatMap { Int($0) } }

    /// The annotation behind `deletionCost`, honoured from Kubernetes 1.22 (KEP-2255).
    public static let deletionCostAnnotation = "controller.kubernetes.io/pod-deletion-cost"
    private static let keptPrefix = "martlet.dev/"
}

/// Where a Pod is in its life.
public enum PodPhase: String, Codable, Sendable {
    case pending = "Pending"
    case running = "Running"
    case succeeded = "Succeeded"
    case failed = "Failed"
    /// The node does not answer, or the phase is one that this version does not know.
    case unknown = "Unknown"
}

extension Pod {
    private enum Fields: String, CodingKey { case metadata, spec, status }
    private struct Spec: Codable { var nodeName: String? }
    private struct Status: Codable {
        var phase: String?
        var conditions: [PodCondition]?
        var startTime: Timestamp?
    }
    private struct PodCondition: Codable {
        var type: String
        var status: String
    }

    /// Keeps what the type declares and drops the rest.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Fields.self)
        var metadata = try fields.decode(ObjectMeta.self, forKey: .metadata)
        metadata.finalizers = nil
        metadata.generateName = nil
        if let annotations = metadata.annotations {
            let kept = annotations.filter { $0.key == Self.deletionCostAnnotation || $0.key.hasPrefix(Self.keptPrefix) }
            metadata.annotations = kept.isEmpty ? nil : kept
        }
        self.metadata = metadata
        nodeName = try fields.decodeIfPresent(Spec.self, forKey: .spec)?.nodeName
        let status = try fields.decodeIfPresent(Status.self, forKey: .status)
        phase = status?.phase.map { PodPhase(rawValue: $0) ?? .unknown } ?? .pending
        isReady = status?.conditions?.contains { $0.type == "Ready" && $0.status == "True" } ?? false
        startedAt = status?.startTime
    }

    /// Writes the API's form.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Fields.self)
        try fields.encode(metadata, forKey: .metadata)
        try fields.encode(Spec(nodeName: nodeName), forKey: .spec)
        let ready = PodCondition(type: "Ready", status: isReady ? "True" : "False")
        try fields.encode(Status(phase: phase.rawValue, conditions: [ready], startTime: startedAt), forKey: .status)
    }
}
