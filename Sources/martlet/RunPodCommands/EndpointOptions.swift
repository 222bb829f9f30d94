internal import ArgumentParser
internal import Kubernetes
internal import KubernetesModel
internal import MartletAPI
internal import RunPod

/// Which endpoint a command is about: an InferenceEndpoint of the cluster, or a RunPod endpoint by its id.
struct EndpointOptions: ParsableArguments {
    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var hosts: RunPodHostOptions

    @Option(name: .shortAndLong, help: "Namespace. Default: the context's.")
    var namespace: String?

    @Option(
        help:
            "A RunPod endpoint by its id, in place of NAME and without a cluster; the API key comes from RUNPOD_API_KEY."
    )
    var endpointId: String?

    func validate() throws {
        if let endpointId, EndpointID(endpointId) == nil { throw ValidationError("--endpoint-id is no endpoint's id") }
    }

    /// NAME and what follows it; with `--endpoint-id` there is no NAME, and the first word belongs to what follows.
    func words(_ name: String?, _ rest: [String]) throws(CommandFailure) -> (name: String?, rest: [String]) {
        if endpointId != nil { return (nil, (name.map { [$0] } ?? []) + rest) }
        guard let name else { throw CommandFailure("name an InferenceEndpoint, or give --endpoint-id") }
        return (name, rest)
    }

    /// What a hint must repeat so that a command finds the same endpoint.
    func hint(_ name: String?) -> String {
        guard let name else { return "--endpoint-id \(endpointId ?? "ID")" }
        return name + (namespace.map { " -n \($0)" } ?? "")
    }

    /// Finds the endpoint and its key. Throws what to do.
    func session(_ name: String?) async throws -> EndpointSession {
        let hosts = try hosts.hosts()
        if let endpointId {
            guard let id = EndpointID(endpointId) else { throw CommandFailure("--endpoint-id is no endpoint's id") }
            let account = RunPodConnection(key: try RunPodKeySource.demandedEnvironment(), hosts: hosts)
            return EndpointSession(id: id, hint: hint(nil), account: account, object: nil)
        }
        let client = try cluster.client()
        let key = ObjectKey(namespace: namespace ?? client.namespace, name: name ?? "")
        let object = try await client.resources(InferenceEndpoint.self).get(key)
        let address = try EndpointAddress(object)
        let apiKey = try await RunPodKeySource(client: client).key(address.secret, address.secretKey)
        return EndpointSession(
            id: address.id, hint: hint(name), account: RunPodConnection(key: apiKey, hosts: hosts), object: object)
    }
}

/// An endpoint that can be asked.
struct EndpointSession: Sendable {
    let id: EndpointID
    /// What hints call it.
    let hint: String
    let account: RunPodConnection
    /// Nil when it is known by its RunPod id only.
    let object: InferenceEndpoint?

    /// The control plane is asked for as long whether jobs can run; then the job is submitted without knowing.
    private static let longestLook = Duration.seconds(5)

    /// Throws what to do where a submitted job would wait in vain: the schedules have closed the endpoint, its
    /// `workers.max` is 0, it is gone, it has no queue. Returns the bounds, if RunPod told them: a key that may only send
    /// jobs, or a control plane that is away, must not keep a job from its queue.
    func ensureTakesJobs() async throws -> WorkersBounds? {
        if let object, let problem = EndpointAddress.closedProblem(object) { throw problem }
        guard let result = await look() else { return nil }
        switch result {
        case .success(let endpoint):
            if let problem = Self.problem(endpoint, hint: hint) { throw problem }
            return endpoint.workers
        case .failure(let error):
            if case .unauthorized = error.cause { throw error }
            if error.isNotFound {
                throw CommandFailure(
                    "RunPod has no endpoint \(id) under this API key: it was deleted, or the key is another account's")
            }
            return nil
        }
    }

    static func problem(_ endpoint: RunPodEndpoint, hint: String) -> CommandFailure? {
        if endpoint.type == .loadBalancer {
            return CommandFailure(
                "endpoint \(endpoint.id) is load-balanced: it takes requests directly and has no jobs")
        }
        guard endpoint.workers?.max == 0 else { return nil }
        return CommandFailure(
            "endpoint \(endpoint.id) is closed: its workers.max is 0, so no worker takes jobs. "
                + "Open it: martlet open \(hint). --even-if-closed queues the job all the same.")
    }

    /// Nil: no answer in time.
    private func look() async -> Result<RunPodEndpoint, RunPodError>? {
        await withTaskGroup(of: Result<RunPodEndpoint, RunPodError>?.self) { group in
            group.addTask {
                do throws(RunPodError) { return .success(try await account.control.endpoint(id)) } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                try? await ContinuousClock().sleep(for: Self.longestLook)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }
}
