import KubernetesModel
import Testing

@testable import Kubernetes

@Suite struct KubeconfigTests {
    /// "fake-ca", "fake-cert" and "fake-key" in base64.
    private let full = """
        apiVersion: v1
        kind: Config
        current-context: dev
        preferences: {}
        clusters:
        - name: near
          cluster:
            server: https://127.0.0.1:6443/
            certificate-authority-data: ZmFrZS1jYQ==
            tls-server-name: kubernetes.example
        - name: far
          cluster: {server: "https://far.example/k8s/clusters/c-1", certificate-authority: pki/ca.crt}
        contexts:
        - name: dev
          context: {cluster: near, user: admin, namespace: team-a}
        - name: files
          context: {cluster: far, user: files}
        - name: nobody
          context: {cluster: near, user: ""}
        users:
        - name: admin
          user:
            client-certificate-data: ZmFrZS1jZXJ0
            client-key-data: ZmFrZS1rZXk=
        - name: files
          user: {client-certificate: /abs/c.crt, client-key: pki/c.key, tokenFile: run/token, token: fake-inline}
        """

    private func load(
        _ files: [String: String], _ paths: [String] = ["/home/u/.kube/config"], context: String? = nil
    ) throws -> KubernetesConfiguration {
        let reading = FileReading { path in files[path].map { Array($0.utf8) } }
        return try KubeconfigLoader(files: reading).load(paths, context: context)
    }

    @Test("The current context gives server, namespace, authorities and client certificate")
    func currentContext() throws {
        let configuration = try load(["/home/u/.kube/config": full])
        #expect(configuration.server == "https://127.0.0.1:6443")
        #expect(configuration.namespace == "team-a")
        #expect(configuration.contextName == "dev")
        #expect(configuration.credential == .none)
        #expect(
            configuration.tls
                == TLSIdentity(
                    authorities: Array("fake-ca".utf8), certificate: Array("fake-cert".utf8),
                    privateKey: Array("fake-key".utf8), serverName: "kubernetes.example"))
    }

    @Test("Paths count from the kubeconfig's folder, and a token file wins over a token")
    func files() throws {
        let files = [
            "/home/u/.kube/config": full, "/home/u/.kube/pki/ca.crt": "CA", "/abs/c.crt": "CERT",
            "/home/u/.kube/pki/c.key": "KEY",
        ]
        let configuration = try load(files, context: "files")
        #expect(configuration.server == "https://far.example/k8s/clusters/c-1")
        #expect(configuration.namespace == "default")
        #expect(configuration.tls.authorities == Array("CA".utf8))
        #expect(configuration.tls.privateKey == Array("KEY".utf8))
        #expect(configuration.credential == .tokenFile(path: "/home/u/.kube/run/token"))
    }

    @Test("Of several files the first to name an entry wins, and missing ones are passed over")
    func merging() throws {
        let first = """
            current-context: ""
            clusters: [{name: near, cluster: {server: "https://first.example", insecure-skip-tls-verify: true}}]
            users: [{name: admin, user: {token: fake-token}}]
            """
        let configuration = try load(
            ["/a/first": first, "/b/second": full, "/empty": ""], ["/none", "/empty", "/a/first", "/b/second"])
        #expect(configuration.server == "https://first.example")
        #expect(configuration.credential == .token("fake-token"))
        #expect(configuration.namespace == "team-a")
        #expect(configuration.tls.verification == .none)
    }

    @Test("A context without a user is anonymous")
    func anonymous() throws {
        let configuration = try load(["/home/u/.kube/config": full], context: "nobody")
        #expect(configuration.credential == .none)
        #expect(configuration.tls.certificate == nil)
    }

    private func oneUser(_ user: String, cluster: String = "{server: \"https://a.example\"}") -> [String: String] {
        [
            "/home/u/.kube/config": """
            current-context: c
            clusters: [{name: a, cluster: \(cluster)}]
            contexts: [{name: c, context: {cluster: a, user: u}}]
            users: [{name: u, user: \(user)}]
            """
        ]
    }

    @Test(
        "What is not supported is named instead of ignored",
        arguments: [
            ("{auth-provider: {name: gcp}}", "auth-provider"),
            ("{username: u, password: canary}", "username"), ("{token: t, as: other}", "as"),
        ])
    func notSupported(user: String, feature: String) {
        #expect(throws: ConfigurationError.notSupported(feature: feature, user: "u")) { try load(oneUser(user)) }
    }

    @Test("References that lead nowhere are named")
    func missing() {
        #expect(throws: ConfigurationError.missing(entry: "context", name: "x")) {
            try load(["/home/u/.kube/config": full], context: "x")
        }
        #expect(throws: ConfigurationError.missing(entry: "current-context", name: "")) {
            try load(["/home/u/.kube/config": "clusters: []"])
        }
        #expect(throws: ConfigurationError.missing(entry: "cluster", name: "b")) {
            try load(["/home/u/.kube/config": "{current-context: c, contexts: [{name: c, context: {cluster: b}}]}"])
        }
        #expect(throws: ConfigurationError.noKubeconfig(paths: ["/home/u/.kube/config"])) { try load([:]) }
        #expect(throws: ConfigurationError.unreadable(path: "/home/u/.kube/pki/ca.crt")) {
            try load(["/home/u/.kube/config": full], context: "files")
        }
    }

    @Test(
        "Values that cannot be used name their field and are not quoted",
        arguments: [
            ("{}", "{}", "server"), ("{}", "{server: \"canary.example:6443\"}", "server"),
            ("{}", "{server: \"https://u:canary@a.example\"}", "server"),
            (
                "{client-key-data: \"%canary%\", client-certificate-data: ZmFrZQ==}", "{server: \"https://a\"}",
                "client-key-data"
            ),
            ("{client-certificate-data: ZmFrZQ==}", "{server: \"https://a\"}", "client-certificate"),
            (
                "{}", "{server: \"https://a\", insecure-skip-tls-verify: true, certificate-authority-data: ZmFrZQ==}",
                "insecure-skip-tls-verify"
            ),
        ])
    func invalid(user: String, cluster: String, field: String) {
        #expect {
            try load(oneUser(user, cluster: cluster))
        } throws: { error in
            guard case ConfigurationError.invalid(let named, _) = error else { return false }
            return named == field && !"\(error)".contains("canary")
        }
    }

    @Test(
        "A file that is no kubeconfig is named and not quoted", arguments: ["a: [canary", "users: [canary]", "canary"])
    func malformed(text: String) {
        #expect {
            try load(["/home/u/.kube/config": text])
        } throws: { error in
            guard case ConfigurationError.malformed(let path, _) = error else { return false }
            return path == "/home/u/.kube/config" && !"\(error)".contains("canary")
        }
    }
}
