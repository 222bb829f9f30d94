internal import ControllerRuntime
internal import FoundationEssentials
internal import Kubernetes
internal import KubernetesModel
internal import MartletAPI
internal import MartletDecisions

/// Decides whether an endpoint may act, before anything is read or written for it.
struct Admission: Sendable {
    let endpoints: Cache<InferenceEndpoint>
    let targets: Targets
    let index: TargetIndex
    let secrets: SecretReader
    let consent: ConsentGate

    /// What became of the check.
    enum Verdict: Sendable {
        case admitted(Admitted)
        case rejected(Rejection)
        /// Rejected because the queue's credentials are not to be had; a closing can be carried out without them.
        case unreadable(Admitted, Rejection)
        /// The endpoint has no in-cluster workers; there is nothing to scale.
        case absent
    }

    /// Checks the spec, the target, the claims on it, and whether every object involved consents.
    ///
    /// Throws only what may pass by itself (the API server is away).
    func check(_ endpoint: InferenceEndpoint, _ resolution: SpecResolution) async throws -> Verdict {
        let resolved: ResolvedScaling
        switch resolution {
        case .accepted(let value):
            guard let scaling = value.scaling else { return .absent }
            resolved = scaling
        case .refused(let problems):
            let message = problems.map(\.description).joined(separator: " ")
            return .rejected(Rejection(reason: problems.first?.reason.rawValue ?? "Malformed", message: message))
        }
        guard let key = endpoint.targetKey, let target = targets[key], !target.isBeingDeleted else {
            let name = "\(resolved.workers.target.kind) \(resolved.workers.target.name)"
            return .rejected(
                Rejection(
                    reason: "TargetNotFound",
                    message: "\(name) does not exist in this namespace; create it or change workers.targetRef."))
        }
        guard !target.selector.isEmpty else {
            return .rejected(
                Rejection(reason: "TargetInvalid", message: "\(key) has no selector, so its Pods can't be told apart."))
        }
        let demandsConsent = consent.isDemanded
        guard !demandsConsent || target.consents else {
            return .rejected(
                Rejection(
                    reason: "ConsentMissing",
                    message:
                        "\(key) does not carry the annotation \(Consent.annotation): \"true\"; its owner must set it."))
        }
        do {
            let configuration = try await secrets.configuration(
                of: resolved.queue, in: endpoint.key.namespace, demandingConsent: demandsConsent)
            return .admitted(
                Admitted(
                    resolved: resolved, target: target, server: configuration,
                    refusal: refusal(of: endpoint, on: key)))
        } catch let problem as CredentialProblem {
            let admitted = Admitted(
                resolved: resolved, target: target, server: QueueServerConfiguration(addresses: []),
                refusal: refusal(of: endpoint, on: key))
            return .unreadable(
                admitted, Rejection(reason: problem.reason, message: problem.message, mayPass: true))
        }
    }

    private func refusal(of endpoint: InferenceEndpoint, on target: TargetKey) -> Refusal? {
        let rivals = index.endpoints(of: target).compactMap { endpoints[$0] }
        let autoscalers = index.autoscalers(of: target)
        guard rivals.count > 1 || !autoscalers.isEmpty else { return nil }
        return TargetClaims.refusal(
            of: TargetClaim(endpoint), among: rivals.filter { !$0.metadata.isBeingDeleted }.map(TargetClaim.init),
            autoscalers: autoscalers)
    }
}

/// An endpoint that may observe, and write unless `refusal` says why not.
struct Admitted: Sendable {
    var resolved: ResolvedScaling
    var target: ScaleTarget
    var server: QueueServerConfiguration
    var refusal: Refusal?
}

/// Why an endpoint does nothing: `Accepted=False`.
struct Rejection: Sendable, Equatable {
    var reason: String
    var message: String
    /// Whether nothing that is watched would tell that the cause is gone.
    var mayPass = false
}

extension TargetClaim {
    fileprivate init(_ endpoint: InferenceEndpoint) {
        self.init(
            endpoint: endpoint.key, uid: endpoint.metadata.uid ?? "",
            createdAt: endpoint.metadata.creationTimestamp?.date ?? .distantFuture)
    }
}

extension InferenceEndpoint {
    /// What it names as its target, well-formed or not; nil for a kind that Martlet does not scale.
    var targetKey: TargetKey? {
        guard case .valid(let spec) = spec, let reference = spec.workers?.targetRef,
            let kind = ScalableKind(rawValue: reference.kind ?? ScalableKind.deployment.rawValue)
        else { return nil }
        return TargetKey(kind: kind, object: ObjectKey(namespace: key.namespace, name: reference.name))
    }
}

/// The objects that can be scaled, as last seen.
struct Targets: Sendable {
    let deployments: Cache<Deployment>
    let statefulSets: Cache<StatefulSet>

    subscript(key: TargetKey) -> ScaleTarget? {
        switch key.kind {
        case .deployment: deployments[key.object].map(ScaleTarget.init)
        case .statefulSet: statefulSets[key.object].map(ScaleTarget.init)
        }
    }
}
