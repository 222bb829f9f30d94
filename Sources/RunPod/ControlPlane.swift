package import FoundationEssentials

/// What can be asked of RunPod about serverless endpoints: the border between Martlet's driver and REST v2.
///
/// * Idempotent calls are repeated a few times where no answer came; `create` never is.
/// * Every call waits for its turn under the key's rate limit, the more urgent first (`CallPriority`).
/// * Calls that change something are sent only while the client's permit says so.
/// * No call verifies itself: after a write, read back (F20).
package protocol ControlPlane: Sendable {
    /// All endpoints of the account: the complete list or an error, never a part of it (F22).
    func listEndpoints() async throws(RunPodError) -> [RunPodEndpoint]
    /// One endpoint as it is now.
    func endpoint(_ id: EndpointID) async throws(RunPodError) -> RunPodEndpoint
    /// Creates an endpoint; sent once. After an error that `mayHaveTakenEffect`, list before creating again.
    func create(_ endpoint: EndpointCreate) async throws(RunPodError) -> RunPodEndpoint
    /// Changes what `patch` names; the whole endpoint comes back. `patch` should be `admissible(for:)` it.
    func update(_ id: EndpointID, _ patch: EndpointPatch) async throws(RunPodError) -> RunPodEndpoint
    /// Deletes the endpoint, its workers and its jobs. `RunPodError.isNotFound` means that it is done already.
    func delete(_ id: EndpointID) async throws(RunPodError)
    /// Its workers of this moment.
    func workers(of id: EndpointID) async throws(RunPodError) -> EndpointWorkers
    /// Its releases and the progress of the latest.
    func releases(of id: EndpointID) async throws(RunPodError) -> EndpointReleases
    /// The templates of the account.
    func templates() async throws(RunPodError) -> [RunPodTemplate]
    /// GPU types with what is free of them for serverless workers.
    func gpus() async throws(RunPodError) -> [GPUType]
    /// What endpoints cost from `from` until before `to` (nil: RunPod's last 30 days, until now); of all endpoints
    /// where `id` is nil.
    func billing(
        of id: EndpointID?, from: Date?, to: Date?, bucket: BillingBucket
    ) async throws(RunPodError) -> ServerlessBilling
    /// The same, whose calls all have this urgency instead of the operation's usual one: the driver knows that a change
    /// of bounds closes an endpoint, the client does not. A call whose turn does not come within `patience` (nil: as long
    /// as it takes) is not sent and fails with `RunPodError.isExpired`.
    func asking(as priority: CallPriority, turnWithin patience: Duration?) -> any ControlPlane
}

extension ControlPlane {
    /// For stand-ins without a rate limit: urgency changes nothing.
    package func asking(as priority: CallPriority, turnWithin patience: Duration?) -> any ControlPlane { self }

    /// For as long as it takes.
    package func asking(as priority: CallPriority) -> any ControlPlane { asking(as: priority, turnWithin: nil) }
}
