internal import ArgumentParser
internal import Kubernetes
internal import KubernetesModel
internal import MartletAPI
internal import RunPod

/// Shows, or deletes, RunPod endpoints that Martlet made and nobody owns any more.
struct OrphansCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "orphans", abstract: "Show RunPod endpoints of this cluster that no InferenceEndpoint owns.",
        discussion: """
            An endpoint is this cluster's by the marker MARTLET_OWNER in its environment. One that deletionPolicy Retain \
            left behind is shown too. --delete asks for each, closes it, deletes it and waits until RunPod says 404.
            """)

    @OptionGroup var options: AccountOptions
    @OptionGroup var output: OutputOptions

    @Option(help: "The cluster's id in markers. Default: the uid of kube-system. Also MARTLET_CLUSTER_ID.")
    var clusterId: String?

    @Flag(help: "Delete them, asking for each.")
    var delete = false

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    func run() async throws {
        try await reportingFailures {
            let client = try options.cluster.client()
            let cluster = try await clusterID(client)
            let search = OrphanSearch(cluster: cluster, namespace: options.namespace)
            var objects = try await self.objects(client)
            let sources = try await keys(client, objects)
            var found: [(orphan: OrphanSearch.Orphan, control: RunPodControl)] = []
            for source in sources.keys {
                let control = RunPodConnection(key: source, hosts: try options.hosts.hosts()).control
                let endpoints = try await control.listEndpoints()
                // Listed again, after RunPod was: what came into being between the lists has an owner in the later one.
                objects = try await self.objects(client)
                for orphan in search.orphans(among: endpoints, objects: objects)
                where !found.contains(where: { $0.orphan.endpoint.id == orphan.endpoint.id }) {
                    found.append((orphan, control))
                }
            }
            show(found.map(\.orphan))
            if delete { try await remove(found, search, client) }
            if sources.isIncomplete { throw ExitCode(ExitCodes.unknown) }
        }
    }

    private func show(_ orphans: [OrphanSearch.Orphan]) {
        switch output.format {
        case .json: Stdout.line(JSONText.pretty(.array(orphans.map(OrphanText.json))))
        case .text:
            Stdout.line(orphans.isEmpty ? "No orphans." : PlainText.safe(OrphanText.table(orphans)))
        }
    }

    private func remove(
        _ found: [(orphan: OrphanSearch.Orphan, control: RunPodControl)], _ search: OrphanSearch,
        _ client: KubernetesClient
    ) async throws {
        var areAllGone = true
        for (orphan, control) in found {
            let id = orphan.endpoint.id
            guard orphan.kind == .abandoned else {
                Stderr.line("\(id): left to the operator, whose object has another endpoint")
                continue
            }
            let name = PlainText.safe(orphan.endpoint.name ?? "-")
            let question = "Delete \(id) (\(name), workers \(OrphanText.workers(orphan.endpoint)))?"
            if !yes, try !Confirmation.ask(question) { continue }
            let outcome = try await OrphanRemoval(control: control).remove(orphan) { endpoint in
                let objects = try await objects(client)
                return search.orphans(among: [endpoint], objects: objects).first?.kind == .abandoned
            }
            switch outcome {
            case .gone: Stderr.line("\(id): deleted")
            case .spared: Stderr.line("\(id): left alone, it is no orphan any more")
            case .lingering:
                areAllGone = false
                Stderr.line("\(id): RunPod took the deletion and still shows it; look again with martlet orphans")
            case .failed(let error, let isClosed):
                areAllGone = false
                let state = isClosed ? "its workers are at 0, so it costs nothing" : "IT MAY STILL COST MONEY"
                Stderr.line("\(id): not deleted (\(state)): \(PlainText.safe("\(error)"))")
            }
        }
        if !areAllGone { throw ExitCode(ExitCodes.nothingDone) }
    }

    private func clusterID(_ client: KubernetesClient) async throws -> String {
        if let id = clusterId ?? EnvironmentTwin.text("cluster-id"), !id.isEmpty { return id }
        do throws(KubernetesError) {
            let system = try await client.resources(Namespace.self).get(ObjectKey(name: "kube-system"))
            if let uid = system.metadata.uid { return uid }
        } catch {
            throw CommandFailure("the cluster's id can't be read, give --cluster-id: \(error)")
        }
        throw CommandFailure("the cluster's id can't be read: give --cluster-id")
    }

    /// All InferenceEndpoints; with --namespace and no right to see all, those of that namespace.
    private func objects(_ client: KubernetesClient) async throws -> [InferenceEndpoint] {
        do {
            return try await EndpointList.all(client, in: nil)
        } catch let error as KubernetesError where error.isForbidden {
            guard let namespace = options.namespace else { throw error }
            return try await EndpointList.all(client, in: namespace)
        }
    }

    /// The keys to look with. A Secret that can't be read is told and left out.
    private func keys(
        _ client: KubernetesClient, _ objects: [InferenceEndpoint]
    ) async throws -> (keys: [RunPodKey], isIncomplete: Bool) {
        if let key = try await options.namedKey() { return ([key], false) }
        var keys: [RunPodKey] = []
        var isIncomplete = false
        for location in SecretLocation.named(by: objects)
        where options.namespace == nil || location.object.namespace == options.namespace {
            do throws(CommandFailure) {
                let key = try await RunPodKeySource(client: client).key(location.object, location.field)
                if !keys.contains(key) { keys.append(key) }
            } catch {
                isIncomplete = true
                Stderr.line("Warning: \(PlainText.safe("\(error)")); orphans of its account are not shown")
            }
        }
        guard !keys.isEmpty else {
            throw CommandFailure("no API key: give --secret namespace/name or set \(RunPodKeySource.variable)")
        }
        return (keys, isIncomplete)
    }
}
