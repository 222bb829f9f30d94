internal import KubernetesModel

/// A program that hands out credentials: `users[].user.exec` of a kubeconfig (KEP-541). Printing it shows no argument and
/// no variable.
public struct ExecPlugin: Sendable, Equatable {
    /// The program as it was named: a path, or a name to be looked for in `PATH`.
    var command: String
    var arguments: [String]
    /// All variables that the program sees, but for `KUBERNETES_EXEC_INFO`.
    var environment: [String: String]
    var version: Version
    /// For people who lack the program.
    var installHint: String?
    /// What the program is told of the cluster; nil: nothing.
    var cluster: ExecCluster?

    /// The protocol spoken with the program. The two differ in name only, as far as we go.
    enum Version: String, Sendable, CaseIterable {
        case v1 = "client.authentication.k8s.io/v1"
        case v1beta1 = "client.authentication.k8s.io/v1beta1"
    }
}

extension ExecPlugin: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The program's name.
    public var description: String { "exec plugin \(command)" }
    /// As `description`, so that no way of printing shows more.
    public var debugDescription: String { description }
    /// As `description`, for `dump` and debuggers.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// The cluster as a plugin is told of it, under the names that the protocol gives the fields.
struct ExecCluster: Sendable, Equatable, Encodable {
    var server: String
    var serverName: String?
    var insecure: Bool?
    /// PEM in base64.
    var authorities: String?
    var proxy: String?
    /// The cluster's extension `client.authentication.k8s.io/exec`, as it stands.
    var config: JSONValue?

    private enum CodingKeys: String, CodingKey {
        case server, config
        case serverName = "tls-server-name"
        case insecure = "insecure-skip-tls-verify"
        case authorities = "certificate-authority-data"
        case proxy = "proxy-url"
    }
}
