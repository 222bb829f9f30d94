internal import KubernetesModel

extension Kubeconfig {
    /// `users[].user.exec`.
    struct Exec: Decodable {
        var command: String?
        var args: [String]?
        var env: [Variable]?
        var apiVersion: String?
        var installHint: String?
        var provideClusterInfo: Bool?
        var interactiveMode: String?

        struct Variable: Decodable {
            var name: String
            var value: String
        }
    }

    /// `clusters[].cluster.extensions[]`.
    struct Extension: Decodable {
        var name: String
        var `extension`: JSONValue?

        /// What a plugin is told of the cluster beyond the protocol's own fields.
        static let exec = "client.authentication.k8s.io/exec"
    }
}

extension ExecPlugin {
    /// The plugin of a kubeconfig; `environment` is ours, to which the file adds. `cluster` is told to those that ask.
    init(
        _ exec: Kubeconfig.Exec, environment: [String: String], cluster: ExecCluster
    ) throws(ConfigurationError) {
        guard let command = exec.command, !command.isEmpty else {
            throw .invalid(field: "exec.command", problem: "missing")
        }
        guard let version = Version(rawValue: exec.apiVersion ?? "") else {
            let known = Version.allCases.map(\.rawValue).joined(separator: " or ")
            throw .invalid(field: "exec.apiVersion", problem: "must be \(known); write the user anew with its tool")
        }
        switch (exec.interactiveMode, version) {
        case ("Never", _), ("IfAvailable", _), (nil, .v1beta1): break
        case (nil, .v1): throw .invalid(field: "exec.interactiveMode", problem: "must be Never or IfAvailable")
        case ("Always", _):
            throw .invalid(
                field: "exec.interactiveMode",
                problem: "Always wants a terminal, which plugins don't get here; use a user who logs in without one")
        case (.some, _): throw .invalid(field: "exec.interactiveMode", problem: "must be Never or IfAvailable")
        }
        var environment = environment
        for variable in exec.env ?? [] {
            guard !variable.name.isEmpty, !variable.name.contains("=") else {
                throw .invalid(field: "exec.env", problem: "a variable without a usable name")
            }
            environment[variable.name] = variable.value
        }
        let texts = [command] + (exec.args ?? []) + environment.flatMap { [$0.key, $0.value] }
        guard !texts.contains(where: { $0.utf8.contains(0) }) else {
            throw .invalid(field: "exec", problem: "a text with a zero byte")
        }
        self.init(
            command: command, arguments: exec.args ?? [], environment: environment, version: version,
            installHint: exec.installHint.flatMap { $0.isEmpty ? nil : $0 },
            cluster: exec.provideClusterInfo == true ? cluster : nil)
    }
}
