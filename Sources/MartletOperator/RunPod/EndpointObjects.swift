internal import FoundationEssentials
internal import Kubernetes
internal import KubernetesModel
internal import MartletAPI
internal import MartletDecisions

/// What the RunPod driver needs of the cluster, so that its histories can be played in a process without one.
protocol EndpointObjects: Sendable {
    /// The object as last seen.
    func endpoint(_ key: ObjectKey) -> InferenceEndpoint?
    /// Every object, in no order.
    var all: [InferenceEndpoint] { get }
    /// The object as it is now; nil: it is gone.
    func live(_ key: ObjectKey) async throws -> InferenceEndpoint?
    /// Whether an object of that uid is there now, whatever its name. Reads the server, not the cache.
    func exists(uid: String, in namespace: String) async throws -> Bool
    /// Puts the driver's finalizer on; comes back with the object.
    func mark(_ endpoint: InferenceEndpoint) async throws -> InferenceEndpoint
    /// Takes the driver's finalizer off.
    func release(_ endpoint: InferenceEndpoint) async throws
    /// Writes the record; throws `isConflict` if the patch's version is not the object's.
    func write(_ patch: RunPodRecordPatch, to key: ObjectKey) async throws -> InferenceEndpoint
    /// A text of a Secret. Throws `CredentialProblem` for what its author can put right.
    func text(_ reference: SecretText) async throws -> String
    /// Has the Secrets of an endpoint read anew next time: what they say was refused.
    func distrust(_ reference: SecretText) async
    /// Tells people what happened.
    func announce(_ event: EndpointEvent, about endpoint: InferenceEndpoint)
    /// Tells people of an endpoint whose object is gone, in the namespace where that was.
    func announce(_ event: OrphanEvent, about id: String, named name: String?, of marker: OwnerMarker)
    /// Writes an endpoint that no key reaches into the ledger.
    func abandon(_ endpoint: UnmanagedEndpoint, of object: ObjectKey) async throws
    /// Writes an endpoint that the spec keeps into the ledger of those.
    func retain(_ endpoint: UnmanagedEndpoint, of object: ObjectKey) async throws
    /// What stands in that ledger.
    func retained() async throws -> [UnmanagedEndpoint]
}

/// One key of a Secret.
struct SecretText: Sendable, Hashable {
    var secret: ObjectKey
    var key: String
    /// Whether its owner must have agreed by annotation.
    var demandsConsent: Bool
}
