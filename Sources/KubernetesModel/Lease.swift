/// A coordination.k8s.io Lease: who leads, since when, and until when others must wait.
public struct Lease: KubernetesObject, Equatable {
    /// Where the API has the kind.
    public static let resourceType = ResourceType(
        group: "coordination.k8s.io", version: "v1", plural: "leases", kind: "Lease")
    /// Name, labels, owners.
    public var metadata: ObjectMeta
    /// What is wanted.
    public var spec: LeaseSpec?

    /// One to compare with or to send, made by hand.
    public init(metadata: ObjectMeta, spec: LeaseSpec? = nil) {
        self.metadata = metadata
        self.spec = spec
    }
}

/// The claim that a Lease records.
public struct LeaseSpec: Codable, Sendable, Equatable {
    /// Nil or empty: nobody.
    public var holderIdentity: String?
    /// How long others must wait after `renewTime`.
    public var leaseDurationSeconds: Int?
    /// When the holder took it.
    public var acquireTime: MicroTimestamp?
    /// When the holder last said that it lives.
    public var renewTime: MicroTimestamp?
    /// How often it changed hands.
    public var leaseTransitions: Int?

    /// One made by hand; what is not given is left out.
    public init(
        holderIdentity: String? = nil, leaseDurationSeconds: Int? = nil, acquireTime: MicroTimestamp? = nil,
        renewTime: MicroTimestamp? = nil, leaseTransitions: Int? = nil
    ) {
        self.holderIdentity = holderIdentity
        self.leaseDurationSeconds = leaseDurationSeconds
        self.acquireTime = acquireTime
        self.renewTime = renewTime
        self.leaseTransitions = leaseTransitions
    }
}
