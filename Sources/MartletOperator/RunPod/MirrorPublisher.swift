internal import ControllerRuntime
internal import FoundationEssentials
internal import KubernetesModel
internal import MartletAPI
internal import MartletDecisions

/// Says what an endpoint's mirrored row should hold, and what its condition says. Never waits for the mirror.
struct MirrorPublisher: Sendable {
    let mirror: ConnectionMirror
    let objects: any EndpointObjects
    let demandsConsent: @Sendable () -> Bool

    /// The condition `Mirrored` as it stands; nil: the object has no mirror, or nothing is known of its row yet.
    ///
    /// An object on its way out passes facts without an id, so that its row says so before its endpoint is gone.
    func publish(
        _ facts: ConnectionFacts, of endpoint: InferenceEndpoint, _ spec: ResolvedMirror?, isSuspended: Bool
    ) async -> Finding? {
        guard let spec else {
            mirror.withdraw(endpoint.key)
            return nil
        }
        if !isSuspended {
            let reference = SecretText(
                secret: ObjectKey(namespace: endpoint.key.namespace, name: spec.credentials.name),
                key: spec.credentials.key, demandsConsent: demandsConsent())
            do {
                guard let key = MirrorKey(try await objects.text(reference)) else {
                    return Finding(
                        "Mirrored", .no, "SecretKeyInvalid",
                        "Key \(reference.key) of Secret \(reference.secret.name) is empty or holds what no key holds.")
                }
                if mirror.report(of: endpoint.key)?.reason == "KeyRefused" { await objects.distrust(reference) }
                mirror.want(
                    MirrorRow(
                        serviceName: spec.serviceName, endpointID: facts.endpointID,
                        isActive: facts.isOpen && facts.endpointID != nil),
                    at: MirrorPlace(spec, key: key),
                    by: TargetClaim(
                        endpoint: endpoint.key, uid: endpoint.metadata.uid ?? "",
                        createdAt: endpoint.metadata.creationTimestamp?.date ?? .distantFuture))
            } catch let problem as CredentialProblem {
                return Finding("Mirrored", .no, problem.reason, problem.message)
            } catch {
                return Finding(
                    "Mirrored", .unknown, "SecretUnreadable",
                    "Secret \(reference.secret.name) can't be read at the moment.")
            }
        }
        return mirror.report(of: endpoint.key).map { Finding("Mirrored", $0.status, $0.reason, $0.message) }
    }

    /// The object is gone, or has no RunPod endpoint any more.
    func forget(_ key: ObjectKey) { mirror.withdraw(key) }
}
