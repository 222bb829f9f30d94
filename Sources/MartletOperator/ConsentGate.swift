internal import ControllerRuntime
internal import Kubernetes
internal import KubernetesModel
internal import Synchronization

/// Knows whether owners must have agreed by annotation, or whether the API server checks an endpoint's author itself.
final class ConsentGate: Sendable {
    /// The policy that the chart installs on servers with ValidatingAdmissionPolicy (1.30).
    static let policyBinding = "martlet-endpoint-authors"
    private static let bindings = ResourceType(
        group: "admissionregistration.k8s.io", version: "v1", plural: "validatingadmissionpolicybindings",
        kind: "ValidatingAdmissionPolicyBinding", isNamespaced: false)
    private static let lookInterval = Duration.seconds(60)

    private let mode: ConsentMode
    private let policies: Resources<PartialObject>?
    private let isBound = Mutex(false)
    private let time: any TimeSource

    init(_ mode: ConsentMode, client: KubernetesClient, discovery: Discovery, time: any TimeSource) {
        self.mode = mode
        self.time = time
        policies = discovery.has(Self.bindings) ? client.resources(PartialObject.self, at: Self.bindings) : nil
    }

    /// Whether targets and Secrets need the annotation right now.
    var isDemanded: Bool {
        switch mode {
        case .on: true
        case .off: false
        case .auto: !isBound.withLock { $0 }
        }
    }

    /// Keeps an eye on the policy until the task is cancelled. What can't be seen is not relied on.
    func run() async throws {
        guard mode == .auto, policies != nil else { return }
        while true {
            await look()
            try await time.sleep(for: Self.lookInterval)
        }
    }

    /// Looks for the policy once.
    func look() async {
        guard mode == .auto, let policies else { return }
        let found = (try? await policies.get(ObjectKey(name: Self.policyBinding))) != nil
        isBound.withLock { $0 = found }
    }
}
