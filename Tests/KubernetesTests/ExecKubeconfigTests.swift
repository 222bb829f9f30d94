import KubernetesModel
import Testing

@testable import Kubernetes

@Suite struct ExecKubeconfigTests {
    private func load(
        exec: String, cluster: String = "{server: \"https://a.example\"}", environment: [String: String] = [:]
    ) throws -> KubernetesConfiguration {
        let text = """
            current-context: c
            clusters: [{name: a, cluster: \(cluster)}]
            contexts: [{name: c, context: {cluster: a, user: u}}]
            users: [{name: u, user: {exec: \(exec)}}]
            """
        let reading = FileReading { path in path == "/home/u/.kube/config" ? Array(text.utf8) : nil }
        return try KubeconfigLoader(files: reading, environment: environment)
            .load(["/home/u/.kube/config"], context: nil)
    }

    private func plugin(_ configuration: KubernetesConfiguration) throws -> ExecPlugin {
        guard case .exec(let plugin) = configuration.credential else {
            throw ConfigurationError.noKubeconfig(paths: [])
        }
        return plugin
    }

    private let v1 = "apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never"

    @Test("A plugin is taken over with its arguments, and its variables are added to ours")
    func wholeEntry() throws {
        let configuration = try load(
            exec: "{\(v1), command: aws, args: [eks, get-token], env: [{name: A, value: new}], installHint: get it}",
            environment: ["A": "old", "PATH": "/bin"])
        let expected = ExecPlugin(
            command: "aws", arguments: ["eks", "get-token"], environment: ["A": "new", "PATH": "/bin"], version: .v1,
            installHint: "get it")
        #expect(try plugin(configuration) == expected)
    }

    @Test(
        "A path counts from the kubeconfig's folder, a bare name does not",
        arguments: [("aws", "aws"), ("./bin/aws", "/home/u/.kube/./bin/aws"), ("/opt/aws", "/opt/aws")])
    func commandPath(written: String, command: String) throws {
        #expect(try plugin(try load(exec: "{\(v1), command: \(written)}")).command == command)
    }

    @Test("The cluster is told only to a plugin that asks, with its extension")
    func clusterInformation() throws {
        let cluster = """
            {server: "https://a.example", certificate-authority-data: Q0E=, proxy-url: "http://p.example",
            extensions: [{name: other, extension: 1}, {name: client.authentication.k8s.io/exec, extension: {a: b}}]}
            """
        #expect(try plugin(try load(exec: "{\(v1), command: x}", cluster: cluster)).cluster == nil)
        let told = try plugin(try load(exec: "{\(v1), command: x, provideClusterInfo: true}", cluster: cluster)).cluster
        #expect(
            told
                == ExecCluster(
                    server: "https://a.example", authorities: "Q0E=", proxy: "http://p.example",
                    config: .object(["a": .string("b")])))
    }

    @Test("v1beta1 needs no interactiveMode")
    func beta() throws {
        let configuration = try load(exec: "{apiVersion: client.authentication.k8s.io/v1beta1, command: x}")
        #expect(try plugin(configuration).version == .v1beta1)
    }

    @Test(
        "An entry that cannot be used names its field and is not quoted",
        arguments: [
            ("{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never}", "exec.command"),
            ("{command: canary}", "exec.apiVersion"),
            ("{apiVersion: client.authentication.k8s.io/v1alpha1, command: canary}", "exec.apiVersion"),
            ("{apiVersion: client.authentication.k8s.io/v1, command: canary}", "exec.interactiveMode"),
            (
                "{apiVersion: client.authentication.k8s.io/v1, command: canary, interactiveMode: Always}",
                "exec.interactiveMode"
            ),
            (
                "{apiVersion: client.authentication.k8s.io/v1beta1, command: canary, interactiveMode: Canary}",
                "exec.interactiveMode"
            ),
            (
                "{apiVersion: client.authentication.k8s.io/v1beta1, command: x, env: [{name: a=b, value: canary}]}",
                "exec.env"
            ),
            ("{apiVersion: client.authentication.k8s.io/v1beta1, command: x, args: [\"canary\\0\"]}", "exec"),
        ])
    func invalid(exec: String, field: String) {
        #expect {
            try load(exec: exec)
        } throws: { error in
            guard case ConfigurationError.invalid(let named, _) = error else { return false }
            return named == field && !"\(error)".contains("canary")
        }
    }
}
