internal import ArgumentParser
internal import Kubernetes
internal import KubernetesModel
internal import MartletAPI
internal import RunPod

/// Which RunPod account a command asks, for commands that are about no single endpoint.
struct AccountOptions: ParsableArguments {
    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var hosts: RunPodHostOptions

    @Option(name: .shortAndLong, help: "Namespace. Default: the context's.")
    var namespace: String?

    @Option(
        help: ArgumentHelp(
            "The Secret with the API key, as namespace/name or namespace/name:key. Default: RUNPOD_API_KEY, else the "
                + "Secrets that InferenceEndpoints name.", valueName: "secret"))
    var secret: String?

    func validate() throws {
        if let secret, SecretLocation(secret) == nil {
            throw ValidationError("--secret is namespace/name or namespace/name:key, not '\(secret.prefix(80))'")
        }
    }

    /// The key that the flags or the environment name; nil: neither does.
    func namedKey() async throws -> RunPodKey? {
        if let secret {
            guard let location = SecretLocation(secret) else { throw CommandFailure("--secret is namespace/name") }
            return try await RunPodKeySource(client: cluster.client()).key(location.object, location.field)
        }
        return try RunPodKeySource.environment()
    }

    /// The account of one key: the one that is named, else the only one of the namespace's InferenceEndpoints.
    func account() async throws -> RunPodConnection {
        let hosts = try hosts.hosts()
        if let key = try await namedKey() { return RunPodConnection(key: key, hosts: hosts) }
        let client: KubernetesClient
        do { client = try cluster.client() } catch {
            throw CommandFailure("no API key: set \(RunPodKeySource.variable), or let the cluster tell it (\(error))")
        }
        let namespace = namespace ?? client.namespace
        let locations = SecretLocation.named(by: try await EndpointList.all(client, in: namespace))
        guard let location = locations.first else {
            throw CommandFailure(
                "no API key: no InferenceEndpoint of namespace \(namespace) has a runpod part; "
                    + "give --secret namespace/name or set \(RunPodKeySource.variable)")
        }
        guard locations.count == 1 else {
            throw CommandFailure(
                "several API keys: choose by --secret \(locations.map(\.description).joined(separator: " | "))")
        }
        let key = try await RunPodKeySource(client: client).key(location.object, location.field)
        return RunPodConnection(key: key, hosts: hosts)
    }
}

/// A key of a Secret.
struct SecretLocation: Hashable, Sendable, Comparable, CustomStringConvertible {
    var object: ObjectKey
    var field: String

    /// As `credentialsSecretRef` of an InferenceEndpoint has it.
    private static let usualField = "apiKey"

    /// Nil unless it is `namespace/name` or `namespace/name:key`.
    init?(_ text: String) {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, !halves[0].isEmpty else { return nil }
        let parts = halves[1].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty, parts.last?.isEmpty == false else { return nil }
        object = ObjectKey(namespace: String(halves[0]), name: String(name))
        field = parts.count == 2 ? String(parts[1]) : Self.usualField
    }

    private init(_ object: ObjectKey, _ field: String) {
        self.object = object
        self.field = field
    }

    /// The distinct ones, in order; objects without a RunPod part, or with a refused spec, name none.
    static func named(by endpoints: [InferenceEndpoint]) -> [SecretLocation] {
        let locations = endpoints.compactMap { endpoint -> SecretLocation? in
            guard let reference = try? EndpointAddress.credentials(of: endpoint) else { return nil }
            return SecretLocation(
                ObjectKey(namespace: endpoint.key.namespace, name: reference.name), reference.key)
        }
        return Set(locations).sorted()
    }

    var description: String { "\(object.namespace)/\(object.name):\(field)" }
    static func < (left: SecretLocation, right: SecretLocation) -> Bool { left.description < right.description }
}

/// InferenceEndpoints of the cluster: all of them or an error, never a part.
enum EndpointList {
    /// `namespace` nil: of all namespaces.
    static func all(_ client: KubernetesClient, in namespace: String?) async throws -> [InferenceEndpoint] {
        let endpoints = client.resources(InferenceEndpoint.self)
        var items: [InferenceEndpoint] = []
        var next: PageToken?
        repeat {
            let page = try await endpoints.page(in: namespace, after: next)
            items += page.items
            next = page.next
        } while next != nil
        return items
    }
}
