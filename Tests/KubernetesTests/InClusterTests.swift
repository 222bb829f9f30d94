import Testing

@testable import Kubernetes

@Suite struct InClusterTests {
    private let folder = "/var/run/secrets/kubernetes.io/serviceaccount"
    private let environment = ["KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"]
    private var mounted: [String: String] {
        ["\(folder)/token": "fake-token", "\(folder)/ca.crt": "fake-ca", "\(folder)/namespace": "martlet\n"]
    }

    private func load(_ environment: [String: String], _ files: [String: String]) throws -> KubernetesConfiguration {
        let reading = FileReading { path in files[path].map { Array($0.utf8) } }
        return try KubernetesConfiguration.inCluster(environment: environment, files: reading)
    }

    @Test("A Pod finds its server, authorities, token file and namespace")
    func mountedAccount() throws {
        let configuration = try load(environment, mounted)
        #expect(configuration.server == "https://10.0.0.1:443")
        #expect(configuration.namespace == "martlet")
        #expect(configuration.tls.authorities == Array("fake-ca".utf8))
        #expect(configuration.credential == .tokenFile(path: "\(folder)/token"))
    }

    @Test("An IPv6 address is written in brackets")
    func ipv6() throws {
        let configuration = try load(
            ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "6443"], mounted)
        #expect(configuration.server == "https://[fd00::1]:6443")
    }

    @Test(
        "What is missing is named",
        arguments: ["KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "token", "ca.crt"])
    func missing(part: String) {
        var (environment, files) = (environment, mounted)
        environment[part] = nil
        files["\(folder)/\(part)"] = nil
        let name = part.hasPrefix("KUBERNETES") ? part : "\(folder)/\(part)"
        #expect(throws: ConfigurationError.notInCluster(missing: name)) { try load(environment, files) }
    }

    @Test("A kubeconfig that is named wins over the ServiceAccount")
    func automatic() {
        var environment = environment
        environment["KUBECONFIG"] = "/nowhere/a:/nowhere/b"
        #expect(throws: ConfigurationError.noKubeconfig(paths: ["/nowhere/a", "/nowhere/b"])) {
            try KubernetesConfiguration.automatic(environment: environment)
        }
        #expect(throws: ConfigurationError.noKubeconfig(paths: ["/nowhere/c"])) {
            try KubernetesConfiguration.automatic(path: "/nowhere/c", environment: environment)
        }
        #expect(throws: ConfigurationError.noKubeconfig(paths: ["/nowhere/.kube/config"])) {
            try KubernetesConfiguration.load(environment: ["HOME": "/nowhere"])
        }
    }
}
