internal import KubernetesModel

/// A kubeconfig file, or several merged: only what `KubernetesConfiguration` is made of.
struct Kubeconfig: Decodable {
    var clusters: [String: Cluster] = [:]
    var users: [String: User] = [:]
    var contexts: [String: Context] = [:]
    var currentContext: String?

    struct Cluster: Decodable {
        var server: String?
        var authorities = FileOrData()
        var insecureSkipTLSVerify: Bool
        var tlsServerName: String?
        var proxyURL: String?
        /// What an exec plugin is told besides.
        var execConfig: JSONValue?
    }

    struct User: Decodable {
        var certificate = FileOrData()
        var key = FileOrData()
        var token: String?
        var tokenFile: String?
        var exec: Exec?
        /// Ways to authenticate that are named in the file but are none of ours.
        var unsupported: [String]
    }

    struct Context: Decodable {
        var cluster: String?
        var user: String?
        var namespace: String?
    }

    /// PEM given in place, or by a path that is relative to the kubeconfig's folder.
    struct FileOrData: Sendable {
        var path: String?
        var base64: String?
    }

    init() {}

    /// Takes over what `other`, a file further behind in the list, adds: the first to name something wins.
    mutating func merge(_ other: Kubeconfig) {
        clusters.merge(other.clusters) { first, _ in first }
        users.merge(other.users) { first, _ in first }
        contexts.merge(other.contexts) { first, _ in first }
        currentContext = currentContext ?? other.currentContext
    }

    /// Makes the paths that the file names absolute: they count from the folder that it lies in.
    mutating func resolvePaths(from folder: String) {
        func resolve(_ path: inout String?) {
            guard let relative = path, !relative.hasPrefix("/") else { return }
            path = "\(folder)/\(relative)"
        }
        clusters = clusters.mapValues { cluster in
            var cluster = cluster
            resolve(&cluster.authorities.path)
            return cluster
        }
        users = users.mapValues { user in
            var user = user
            resolve(&user.certificate.path)
            resolve(&user.key.path)
            resolve(&user.tokenFile)
            // A bare name is looked for in PATH.
            if var exec = user.exec, exec.command?.contains("/") == true {
                resolve(&exec.command)
                user.exec = exec
            }
            return user
        }
    }
}

extension Kubeconfig {
    private enum CodingKeys: String, CodingKey {
        case clusters, users, contexts
        case currentContext = "current-context"
    }
    private struct NamedCluster: Decodable {
        var name: String
        var cluster: Cluster
    }
    private struct NamedUser: Decodable {
        var name: String
        var user: User?
    }
    private struct NamedContext: Decodable {
        var name: String
        var context: Context
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        for named in try fields.decodeIfPresent([NamedCluster].self, forKey: .clusters) ?? []
        where clusters[named.name] == nil {
            clusters[named.name] = named.cluster
        }
        for named in try fields.decodeIfPresent([NamedUser].self, forKey: .users) ?? [] where users[named.name] == nil {
            users[named.name] = named.user ?? User()
        }
        for named in try fields.decodeIfPresent([NamedContext].self, forKey: .contexts) ?? []
        where contexts[named.name] == nil {
            contexts[named.name] = named.context
        }
        let current = try fields.decodeIfPresent(String.self, forKey: .currentContext)
        currentContext = current.flatMap { $0.isEmpty ? nil : $0 }
    }
}

extension Kubeconfig.Cluster {
    private enum CodingKeys: String, CodingKey {
        case server
        case path = "certificate-authority"
        case data = "certificate-authority-data"
        case insecure = "insecure-skip-tls-verify"
        case serverName = "tls-server-name"
        case proxy = "proxy-url"
        case extensions
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        server = try fields.decodeIfPresent(String.self, forKey: .server)
        authorities.path = try fields.decodeIfPresent(String.self, forKey: .path)
        authorities.base64 = try fields.decodeIfPresent(String.self, forKey: .data)
        insecureSkipTLSVerify = try fields.decodeIfPresent(Bool.self, forKey: .insecure) ?? false
        tlsServerName = try fields.decodeIfPresent(String.self, forKey: .serverName)
        proxyURL = try fields.decodeIfPresent(String.self, forKey: .proxy)
        execConfig = try fields.decodeIfPresent([Kubeconfig.Extension].self, forKey: .extensions)?
            .first { $0.name == Kubeconfig.Extension.exec }?.extension
    }
}

extension Kubeconfig.User {
    private enum CodingKeys: String, CodingKey {
        case token, tokenFile, username, password, exec, impersonate = "as"
        case certificatePath = "client-certificate"
        case certificateData = "client-certificate-data"
        case keyPath = "client-key"
        case keyData = "client-key-data"
        case authProvider = "auth-provider"
    }

    init() { unsupported = [] }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        certificate.path = try fields.decodeIfPresent(String.self, forKey: .certificatePath)
        certificate.base64 = try fields.decodeIfPresent(String.self, forKey: .certificateData)
        key.path = try fields.decodeIfPresent(String.self, forKey: .keyPath)
        key.base64 = try fields.decodeIfPresent(String.self, forKey: .keyData)
        token = try fields.decodeIfPresent(String.self, forKey: .token)
        tokenFile = try fields.decodeIfPresent(String.self, forKey: .tokenFile)
        unsupported = []
        exec = try fields.decodeIfPresent(Kubeconfig.Exec.self, forKey: .exec)
        for key in [CodingKeys.authProvider, .username, .password, .impersonate]
        where fields.contains(key) && !((try? fields.decodeNil(forKey: key)) ?? false) {
            unsupported.append(key.stringValue)
        }
    }
}
