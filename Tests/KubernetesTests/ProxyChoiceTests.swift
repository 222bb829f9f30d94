import HTTPTransport
import Testing

@testable import Kubernetes

@Suite struct ProxyChoiceTests {
    private func proxy(_ server: String, _ environment: [String: String]) throws -> String? {
        let address = try #require(ServerAddress(server))
        return try ProxyEnvironment(environment).proxy(for: address).map { "\($0)" }
    }

    @Test(
        "The environment's proxy depends on the server's scheme, and the upper case wins",
        arguments: [
            ("https://a.example", ["HTTPS_PROXY": "http://p:1", "https_proxy": "http://q:1"], "http://p:1"),
            ("https://a.example", ["HTTPS_PROXY": "", "https_proxy": "https://q"], "https://q:443"),
            ("http://a.example", ["HTTP_PROXY": "socks5://p"], "socks5h://p:1080"),
            ("https://a.example", ["HTTPS_PROXY": "p.example:3128"], "http://p.example:3128"),
            ("https://a.example", ["HTTP_PROXY": "http://p", "ALL_PROXY": "http://p"], nil),
            ("https://localhost:6443", ["HTTPS_PROXY": "http://p"], nil),
            ("https://127.0.0.2:6443", ["HTTPS_PROXY": "http://p"], nil),
            ("https://[::1]:6443", ["HTTPS_PROXY": "http://p"], nil),
        ] as [(String, [String: String], String?)])
    func choice(server: String, environment: [String: String], expected: String?) throws {
        #expect(try proxy(server, environment) == expected)
    }

    @Test(
        "NO_PROXY names hosts, domains, addresses, networks and ports",
        arguments: [
            ("https://a.example", "*", true), ("https://a.example", "b.example, *", true),
            ("https://a.example", "a.example", true), ("https://A.Example", "a.eXample", true),
            ("https://b.a.example", "a.example", true), ("https://ba.example", "a.example", false),
            ("https://a.example", ".a.example", false), ("https://b.a.example", ".a.example", true),
            ("https://a.example", "*.a.example", false), ("https://b.a.example", "*.a.example", true),
            ("https://a.example:6443", "a.example:6443", true), ("https://a.example", "a.example:6443", false),
            ("https://a.example", "a.example:443", true), ("http://a.example", ".example:80", true),
            ("https://10.96.0.1:443", "10.0.0.0/8", true), ("https://11.0.0.1", "10.0.0.0/8", false),
            ("https://10.96.0.1", "10.96.0.1", true), ("https://10.96.0.1:443", "10.96.0.1:6443", false),
            ("https://10.96.0.1", "10.96.0.0/31", true), ("https://10.96.0.2", "10.96.0.0/31", false),
            ("https://10.96.0.1", "0.0.0.0/0", true), ("https://10.96.0.1", "::/0", false),
            ("https://10.96.0.1", "10.0.0.0/33", false), ("https://10.96.0.1", "10", false),
            ("https://[fd00::1]:6443", "fd00::/8", true), ("https://[fd00::1]:6443", "[fd00::1]:6443", true),
            ("https://[fd00::1]:6443", "fd00::1", true), ("https://[fd00::1]:6443", "fd00::2", false),
            ("https://a.example", ",:, :80,.,*.,[", false), ("https://a.example", "", false),
        ])
    func exemptions(server: String, list: String, isExempt: Bool) throws {
        let expected = isExempt ? nil : "http://p:80"
        #expect(try proxy(server, ["HTTPS_PROXY": "http://p", "HTTP_PROXY": "http://p", "NO_PROXY": list]) == expected)
    }

    @Test("A proxy that cannot be used names its variable and is not quoted")
    func invalid() {
        for url in ["ftp://u:canary@p", "http://u:canary@", "http://u:canary@p:port"] {
            #expect {
                try proxy("https://a.example", ["HTTPS_PROXY": url])
            } throws: { error in
                guard case ConfigurationError.invalid("HTTPS_PROXY", _) = error else { return false }
                return !"\(error)".contains("canary")
            }
        }
    }

    private func load(_ proxyURL: String, _ environment: [String: String]) throws -> KubernetesConfiguration {
        let text = """
            current-context: c
            clusters: [{name: a, cluster: {server: "https://a.example", proxy-url: "\(proxyURL)"}}]
            contexts: [{name: c, context: {cluster: a}}]
            """
        let reading = FileReading { _ in Array(text.utf8) }
        return try KubeconfigLoader(files: reading, environment: environment).load(["/k"], context: nil)
    }

    @Test("A kubeconfig's proxy-url wins over the environment, which must not exempt from it")
    func proxyURL() throws {
        let environment = ["HTTPS_PROXY": "http://other", "NO_PROXY": "*"]
        let configuration = try load("socks5://u:canary@p.example:99", environment)
        #expect(configuration.proxy.map { "\($0)" } == "socks5h://p.example:99")
        var dumped = ""
        dump(configuration, to: &dumped)
        dump(configuration.proxy, to: &dumped)
        #expect(!dumped.contains("canary"))
        #expect(try load("", ["HTTPS_PROXY": "http://other"]).proxy.map { "\($0)" } == "http://other:80")
    }

    @Test(
        "A proxy-url that cannot be used is named and not quoted", arguments: ["ftp://canary", "canary", "canary:80"])
    func invalidProxyURL(url: String) {
        #expect {
            try load(url, [:])
        } throws: { error in
            guard case ConfigurationError.invalid("proxy-url", _) = error else { return false }
            return !"\(error)".contains("canary")
        }
    }

    @Test("A Pod reaches its API server through the environment's proxy unless it is exempt")
    func inCluster() throws {
        let folder = "/var/run/secrets/kubernetes.io/serviceaccount"
        let reading = FileReading { path in path.hasPrefix(folder) ? Array("fake".utf8) : nil }
        var environment = [
            "KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443", "HTTPS_PROXY": "http://p:3128",
        ]
        let through = try KubernetesConfiguration.inCluster(environment: environment, files: reading)
        #expect(through.proxy.map { "\($0)" } == "http://p:3128")
        environment["NO_PROXY"] = "10.96.0.0/12"
        #expect(try KubernetesConfiguration.inCluster(environment: environment, files: reading).proxy == nil)
    }
}
