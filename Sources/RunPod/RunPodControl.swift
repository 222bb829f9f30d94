package import FoundationEssentials
package import HTTPTransport
internal import KubernetesModel

/// The `ControlPlane` over HTTP: REST v2 with one key. Cheap to copy; copies share the key's queue.
package struct RunPodControl: ControlPlane {
    private let core: CallCore
    private let hosts: RunPodHosts
    /// Nil: each operation's usual urgency.
    private var priority: CallPriority?
    private var turnWithin: Duration?

    /// A client for one key.
    ///
    /// `queue` must be the one of all control-plane clients of this key. `mayBegin` is asked when the turn of a call that
    /// changes something has come, and again next to the socket; nil: it may go at any time. `onExchange` is called for
    /// each HTTP exchange, on no particular thread. `transport` follows no redirect and takes no credential of its own.
    package init(
        key: RunPodKey, hosts: RunPodHosts = .runPod, transport: any HTTPTransport, queue: CallQueue,
        time: RunPodTime = .system, mayBegin: (@Sendable () -> Bool)? = nil,
        onExchange: (@Sendable (RunPodReport) -> Void)? = nil
    ) {
        self.hosts = hosts
        core = CallCore(
            key: key, transport: transport, queue: queue, time: time, mayBegin: mayBegin, onExchange: onExchange)
    }

    package func asking(as priority: CallPriority, turnWithin patience: Duration?) -> any ControlPlane {
        var copy = self
        copy.priority = priority
        copy.turnWithin = patience
        return copy
    }

    package func listEndpoints() async throws(RunPodError) -> [RunPodEndpoint] {
        try await list(call(.listEndpoints, .get, "/serverless", .observation))
    }

    package func endpoint(_ id: EndpointID) async throws(RunPodError) -> RunPodEndpoint {
        try await one(id, call(.getEndpoint(id), .get, "/serverless/\(id)", .observation))
    }

    package func create(_ endpoint: EndpointCreate) async throws(RunPodError) -> RunPodEndpoint {
        var call = call(.createEndpoint, .post, "/serverless", .opening)
        call.body = try WireFormat.encode(endpoint, for: call.operation)
        call.secrets = Array(endpoint.env.values.values)
        return try await core.read(call)
    }

    package func update(_ id: EndpointID, _ patch: EndpointPatch) async throws(RunPodError) -> RunPodEndpoint {
        var call = call(.updateEndpoint(id), .patch, "/serverless/\(id)", .correction)
        call.body = try WireFormat.encode(patch, for: call.operation)
        call.secrets = Array((patch.env?.values ?? [:]).values)
        return try await one(id, call)
    }

    package func delete(_ id: EndpointID) async throws(RunPodError) {
        // 204 without a byte; what a success may hold besides is nobody's business.
        try await core.perform(call(.deleteEndpoint(id), .delete, "/serverless/\(id)", .cleanup)) { _ in }
    }

    package func workers(of id: EndpointID) async throws(RunPodError) -> EndpointWorkers {
        let call = call(.listWorkers(id), .get, "/serverless/\(id)/workers", .observation)
        return try await core.read(call)
    }

    package func releases(of id: EndpointID) async throws(RunPodError) -> EndpointReleases {
        let call = call(.listReleases(id), .get, "/serverless/\(id)/releases", .observation)
        return try await core.read(call)
    }

    package func templates() async throws(RunPodError) -> [RunPodTemplate] {
        try await list(call(.listTemplates, .get, "/templates", .observation))
    }

    package func gpus() async throws(RunPodError) -> [GPUType] {
        try await list(
            call(.listGPUs, .get, "/catalog/gpus", .observation),
            [("include", "AVAILABILITY"), ("product", "SERVERLESS")])
    }

    package func billing(
        of id: EndpointID?, from: Date?, to: Date?, bucket: BillingBucket
    ) async throws(RunPodError) -> ServerlessBilling {
        // Not `/billing/endpoints`: that is another product of RunPod's, and would read zero.
        var parameters = [("bucketSize", bucket.rawValue)]
        if let from { parameters.append(("startTime", Timestamp(from).description)) }
        if let to { parameters.append(("endTime", Timestamp(to).description)) }
        if let id { parameters.append(("serverlessId", id.rawValue)) }
        var call = call(.readBilling, .get, "/billing/serverless\(Query.text(parameters))", .observation)
        call.largestAnswer = Call.largestList
        return try await core.read(call)
    }
}

extension RunPodControl {
    private func call(
        _ operation: RunPodOperation, _ method: HTTPMethod, _ path: String, _ usual: CallPriority
    ) -> Call {
        var call = Call(operation, method, hosts.controlURL + path, priority ?? usual)
        call.turnWithin = turnWithin
        return call
    }

    /// An answer about another endpoint than the one that was asked about would be acted on as if it were.
    private func one(_ id: EndpointID, _ call: Call) async throws(RunPodError) -> RunPodEndpoint {
        try await core.perform(call) { answer throws(RunPodError.Cause) in
            let endpoint: RunPodEndpoint = try WireFormat.read(answer)
            guard endpoint.id == id else { throw .malformedAnswer("the endpoint that was asked for, not another one") }
            return endpoint
        }
    }

    private func list<Element: Listed>(
        _ call: Call, _ parameters: [(String, String)] = []
    ) async throws(RunPodError) -> [Element] {
        var list = PagedList<Element>()
        var next: PageMarks.Next?
        repeat {
            var pageCall = call
            pageCall.url += Query.text(parameters + (next.map { [($0.parameter, $0.cursor)] } ?? []))
            pageCall.largestAnswer = Call.largestList
            let page = try await core.perform(pageCall) { answer throws(RunPodError.Cause) in
                var page: ListPage<Element> = try WireFormat.read(answer)
                page.marks.takeLink(answer.headers["Link"])
                return page
            }
            do throws(RunPodError.Cause) { next = try list.take(page) } catch {
                throw RunPodError(call.operation, error)
            }
        } while next != nil
        return list.elements
    }
}
