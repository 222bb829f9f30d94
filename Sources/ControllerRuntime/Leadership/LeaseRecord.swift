import FoundationEssentials
import Kubernetes
import KubernetesModel

/// What the Lease says, and at which version it says so.
struct LeaseRecord: Sendable, Equatable {
    var version: ResourceVersion
    /// Nil: it was released.
    var holder: String?
    /// How long others must wait for a sign of the holder; nil: it does not say.
    var duration: Duration?
    var acquired: MicroTimestamp?
    var transitions: Int

    init(version: ResourceVersion, holder: String?, duration: Duration?, transitions: Int = 0) {
        self.version = version
        self.holder = holder
        self.duration = duration
        self.transitions = transitions
    }

    init(_ lease: Lease) {
        version = lease.metadata.resourceVersion ?? ResourceVersion(rawValue: "")
        holder = lease.spec?.holderIdentity.flatMap { $0.isEmpty ? nil : $0 }
        duration = lease.spec?.leaseDurationSeconds.map { .seconds(max(0, $0)) }
        acquired = lease.spec?.acquireTime
        transitions = max(0, lease.spec?.leaseTransitions ?? 0)
    }
}

/// The changes to a Lease, each only on the version that was seen; what others keep in it stays.
struct LeasePatch: Encodable, Sendable {
    struct Metadata: Encodable, Sendable { var resourceVersion: ResourceVersion }
    var metadata: Metadata
    var spec: LeaseSpec

    /// Takes the Lease, or renews it if `identity` holds it.
    static func claim(over record: LeaseRecord, as identity: String, for duration: Duration, at now: Date) -> LeasePatch
    {
        let isRenewal = record.holder == identity
        return LeasePatch(
            metadata: Metadata(resourceVersion: record.version),
            spec: LeaseSpec(
                holderIdentity: identity, leaseDurationSeconds: Int(duration.components.seconds),
                acquireTime: isRenewal ? record.acquired ?? MicroTimestamp(now) : MicroTimestamp(now),
                renewTime: MicroTimestamp(now),
                leaseTransitions: isRenewal ? record.transitions : record.transitions + 1))
    }

    /// Gives the Lease back. A second is the shortest duration that the API takes.
    static func release(_ record: LeaseRecord, at now: Date) -> LeasePatch {
        LeasePatch(
            metadata: Metadata(resourceVersion: record.version),
            spec: LeaseSpec(holderIdentity: "", leaseDurationSeconds: 1, renewTime: MicroTimestamp(now)))
    }
}
