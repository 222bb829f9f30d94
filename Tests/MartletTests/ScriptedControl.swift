import FoundationEssentials
import KubernetesModel
import RunPod
import Synchronization

/// The control plane as a transcript about one endpoint.
final class ScriptedControl: ControlPlane, Sendable {
    enum Answer: Sendable {
        case endpoint(RunPodEndpoint)
        case done
        case error(RunPodError.Cause)
    }

    private struct State {
        var gets: [Answer]
        var update: Answer
        var delete: Answer
        var calls: [String] = []
    }

    private let state: Mutex<State>

    /// The last of `gets` is repeated.
    init(gets: [Answer], update: Answer = .done, delete: Answer = .done) {
        state = Mutex(State(gets: gets, update: update, delete: delete))
    }

    /// What was asked, such as `get`, `patch 0/0`, `delete`.
    var calls: [String] { state.withLock { $0.calls } }

    func endpoint(_ id: EndpointID) async throws(RunPodError) -> RunPodEndpoint {
        let answer = state.withLock { state in
            state.calls.append("get")
            return state.gets.count > 1 ? state.gets.removeFirst() : state.gets[0]
        }
        return try result(answer, .getEndpoint(id), id)
    }

    func update(_ id: EndpointID, _ patch: EndpointPatch) async throws(RunPodError) -> RunPodEndpoint {
        let answer = state.withLock { state in
            state.calls.append("patch \(patch.workers?.min ?? -1)/\(patch.workers?.max ?? -1)")
            return state.update
        }
        var endpoint = try result(answer, .updateEndpoint(id), id)
        endpoint.workers = patch.workers
        return endpoint
    }

    func delete(_ id: EndpointID) async throws(RunPodError) {
        let answer = state.withLock { state in
            state.calls.append("delete")
            return state.delete
        }
        _ = try result(answer, .deleteEndpoint(id), id)
    }

    private func result(
        _ answer: Answer, _ operation: RunPodOperation, _ id: EndpointID
    ) throws(RunPodError) -> RunPodEndpoint {
        switch answer {
        case .endpoint(let endpoint): endpoint
        case .done: RunPodEndpoint(id: id)
        case .error(let cause): throw RunPodError(operation, cause)
        }
    }

    func listEndpoints() async throws(RunPodError) -> [RunPodEndpoint] { throw RunPodError(.listEndpoints, .withheld) }
    func create(_ endpoint: EndpointCreate) async throws(RunPodError) -> RunPodEndpoint {
        throw RunPodError(.createEndpoint, .withheld)
    }
    func workers(of id: EndpointID) async throws(RunPodError) -> EndpointWorkers {
        throw RunPodError(.listWorkers(id), .withheld)
    }
    func releases(of id: EndpointID) async throws(RunPodError) -> EndpointReleases {
        throw RunPodError(.listReleases(id), .withheld)
    }
    func templates() async throws(RunPodError) -> [RunPodTemplate] { throw RunPodError(.listTemplates, .withheld) }
    func gpus() async throws(RunPodError) -> [GPUType] { throw RunPodError(.listGPUs, .withheld) }
    func billing(
        of id: EndpointID?, from: Date?, to: Date?, bucket: BillingBucket
    ) async throws(RunPodError) -> ServerlessBilling { throw RunPodError(.readBilling, .withheld) }
}
