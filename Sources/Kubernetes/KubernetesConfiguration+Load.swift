public import FoundationEssentials
internal import HTTPTransport
internal import YAML

extension KubernetesConfiguration {
    /// The configuration of a context of a kubeconfig; nil means the one that the file calls current.
    ///
    /// `paths` nil: the files of `KUBECONFIG`, else `~/.kube/config`. Several are merged as kubectl does: the first that
    /// names an entry wins, and those that do not exist are passed over.
    ///
    /// The way leads through the cluster's `proxy-url`, else the environment's proxy (`HTTPS_PROXY`, `NO_PROXY`). An exec
    /// plugin gets `environment` and what the file adds.
    public static func load(
        paths: [String]? = nil, context: String? = nil,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ConfigurationError) -> KubernetesConfiguration {
        let paths = paths ?? defaultPaths(environment)
        return try KubeconfigLoader(files: .system, environment: environment).load(paths, context: context)
    }

    /// The configuration that a Pod gets through its ServiceAccount. The environment's proxy counts here too.
    public static func inCluster(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ConfigurationError) -> KubernetesConfiguration {
        try inCluster(environment: environment, files: .system)
    }

    /// What fits where we run: a kubeconfig that was named (by `path`, `context` or `KUBECONFIG`), else the
    /// ServiceAccount of the Pod, else `~/.kube/config`.
    public static func automatic(
        path: String? = nil, context: String? = nil,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ConfigurationError) -> KubernetesConfiguration {
        let isNamed = path != nil || context != nil || !(environment["KUBECONFIG"] ?? "").isEmpty
        if !isNamed, environment["KUBERNETES_SERVICE_HOST"] != nil { return try inCluster(environment: environment) }
        return try load(paths: path.map { [$0] }, context: context, environment: environment)
    }

    private static func defaultPaths(_ environment: [String: String]) -> [String] {
        let listed = (environment["KUBECONFIG"] ?? "").split(separator: ":").map(String.init)
        if !listed.isEmpty { return listed }
        return environment["HOME"].map { ["\($0)/.kube/config"] } ?? []
    }

    /// Where every kubelet mounts a Pod's ServiceAccount.
    private static let serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount"

    static func inCluster(
        environment: [String: String], files: FileReading
    ) throws(ConfigurationError) -> KubernetesConfiguration {
        guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty else {
            throw .notInCluster(missing: "KUBERNETES_SERVICE_HOST")
        }
        guard let port = environment["KUBERNETES_SERVICE_PORT"], !port.isEmpty else {
            throw .notInCluster(missing: "KUBERNETES_SERVICE_PORT")
        }
        let token = "\(serviceAccount)/token"
        guard files.read(token) != nil else { throw .notInCluster(missing: token) }
        guard let authorities = files.read("\(serviceAccount)/ca.crt") else {
            throw .notInCluster(missing: "\(serviceAccount)/ca.crt")
        }
        let namespace = files.read("\(serviceAccount)/namespace")
            .map { String(decoding: $0, as: UTF8.self).filter { !$0.isWhitespace } }
        let address = host.contains(":") ? "[\(host)]" : host
        let server = "https://\(address):\(port)"
        return KubernetesConfiguration(
            server: server, namespace: namespace.flatMap { $0.isEmpty ? nil : $0 } ?? "default",
            tls: TLSIdentity(authorities: authorities), credential: .tokenFile(path: token),
            proxy: try proxy(for: server, environment))
    }

    static func proxy(
        for server: String, _ environment: [String: String]
    ) throws(ConfigurationError) -> HTTPProxy? {
        guard let address = ServerAddress(server) else { return nil }
        return try ProxyEnvironment(environment).proxy(for: address)
    }
}

/// Reads kubeconfig files, merges them and picks a context.
struct KubeconfigLoader {
    let files: FileReading
    var environment: [String: String] = [:]

    func load(_ paths: [String], context wanted: String?) throws(ConfigurationError) -> KubernetesConfiguration {
        let merged = try merge(paths)
        guard let name = wanted ?? merged.currentContext else { throw .missing(entry: "current-context", name: "") }
        guard let context = merged.contexts[name] else { throw .missing(entry: "context", name: name) }
        let clusterName = context.cluster ?? ""
        guard let cluster = merged.clusters[clusterName] else { throw .missing(entry: "cluster", name: clusterName) }
        var user = Kubeconfig.User()
        let userName = context.user ?? ""
        if !userName.isEmpty {
            guard let named = merged.users[userName] else { throw .missing(entry: "user", name: userName) }
            user = named
        }
        if let feature = user.unsupported.first { throw .notSupported(feature: feature, user: userName) }
        let namespace = context.namespace.flatMap { $0.isEmpty ? nil : $0 } ?? "default"
        let server = try server(of: cluster)
        let tls = try identity(cluster, user)
        return KubernetesConfiguration(
            server: server, namespace: namespace, tls: tls, credential: try credential(of: user, cluster, tls),
            proxy: try proxy(cluster, server), contextName: name)
    }

    private func proxy(_ cluster: Kubeconfig.Cluster, _ server: String) throws(ConfigurationError) -> HTTPProxy? {
        if let url = cluster.proxyURL, !url.isEmpty { return try HTTPProxy(kubeconfig: url) }
        return try KubernetesConfiguration.proxy(for: server, environment)
    }

    private func merge(_ paths: [String]) throws(ConfigurationError) -> Kubeconfig {
        var merged = Kubeconfig()
        var isAnyThere = false
        for path in paths {
            guard let bytes = files.read(path) else { continue }
            isAnyThere = true
            // `touch ~/.kube/config` makes a file that kubectl accepts.
            if bytes.isEmpty { continue }
            var file: Kubeconfig
            do {
                file = try YAMLDecoder().decode(Kubeconfig.self, from: String(decoding: bytes, as: UTF8.self))
            } catch let error as DecodingError {
                throw .malformed(path: path, problem: WireFormat.describe(error))
            } catch {
                // A YAML error may quote the line, and any line may hold a credential.
                throw .malformed(path: path, problem: "not valid YAML")
            }
            file.resolvePaths(from: folder(of: path))
            merged.merge(file)
        }
        guard isAnyThere else { throw .noKubeconfig(paths: paths) }
        return merged
    }

    private func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return String(path[..<slash])
    }

    private func server(of cluster: Kubeconfig.Cluster) throws(ConfigurationError) -> String {
        guard let server = cluster.server, !server.isEmpty else { throw .invalid(field: "server", problem: "missing") }
        guard server.hasPrefix("https://") || server.hasPrefix("http://") else {
            throw .invalid(field: "server", problem: "not an http or https URL")
        }
        // The URL appears in logs.
        if server.contains("@") { throw .invalid(field: "server", problem: "credentials in a URL are not supported") }
        return server
    }

    private func identity(
        _ cluster: Kubeconfig.Cluster, _ user: Kubeconfig.User
    ) throws(ConfigurationError) -> TLSIdentity {
        let identity = TLSIdentity(
            authorities: try pem(cluster.authorities, "certificate-authority"),
            certificate: try pem(user.certificate, "client-certificate"),
            privateKey: try pem(user.key, "client-key"),
            serverName: cluster.tlsServerName.flatMap { $0.isEmpty ? nil : $0 },
            verification: cluster.insecureSkipTLSVerify ? .none : .full)
        if identity.verification == .none, identity.authorities != nil {
            throw .invalid(field: "insecure-skip-tls-verify", problem: "contradicts certificate-authority")
        }
        if (identity.certificate == nil) != (identity.privateKey == nil) {
            throw .invalid(field: "client-certificate", problem: "certificate and key must come together")
        }
        return identity
    }

    private func pem(_ source: Kubeconfig.FileOrData, _ field: String) throws(ConfigurationError) -> [UInt8]? {
        if let base64 = source.base64, !base64.isEmpty {
            guard let data = Data(base64Encoded: base64, options: .ignoreUnknownCharacters), !data.isEmpty else {
                throw .invalid(field: "\(field)-data", problem: "not base64")
            }
            return [UInt8](data)
        }
        guard let path = source.path, !path.isEmpty else { return nil }
        guard let bytes = files.read(path) else { throw .unreadable(path: path) }
        return bytes
    }

    /// A file wins over a token in place, as in kubectl: it is the one that is kept fresh. Both win over a plugin.
    private func credential(
        of user: Kubeconfig.User, _ cluster: Kubeconfig.Cluster, _ tls: TLSIdentity
    ) throws(ConfigurationError) -> Credential {
        if let path = user.tokenFile, !path.isEmpty { return .tokenFile(path: path) }
        if let token = user.token, !token.isEmpty { return .token(token) }
        guard let exec = user.exec else { return .none }
        let told = ExecCluster(
            server: cluster.server ?? "", serverName: tls.serverName,
            insecure: cluster.insecureSkipTLSVerify ? true : nil,
            authorities: tls.authorities.map { Data($0).base64EncodedString() }, proxy: cluster.proxyURL,
            config: cluster.execConfig)
        return .exec(try ExecPlugin(exec, environment: environment, cluster: told))
    }
}
