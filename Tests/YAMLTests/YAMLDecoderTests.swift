import Testing
import YAML

private struct Kubeconfig: Decodable, Equatable {
    struct NamedCluster: Decodable, Equatable {
        struct Cluster: Decodable, Equatable {
            var server: String
            var insecureSkipTLSVerify: Bool?

            enum CodingKeys: String, CodingKey {
                case server
                case insecureSkipTLSVerify = "insecure-skip-tls-verify"
            }
        }

        var name: String
        var cluster: Cluster
    }

    var apiVersion: String
    var clusters: [NamedCluster]
    var currentContext: String

    enum CodingKeys: String, CodingKey {
        case apiVersion, clusters
        case currentContext = "current-context"
    }
}

struct YAMLDecoderTests {
    @Test func `a kubeconfig is read`() throws {
        let text = """
            apiVersion: v1
            kind: Config
            current-context: "lab"
            preferences: {}
            clusters:
            - name: lab
              cluster:
                server: https://127.0.0.1:6443
                insecure-skip-tls-verify: true
            - cluster: {server: https://example:443}
              name: other
            users:
            - name: admin
              user:
                token: abc
            """
        let config = try YAMLDecoder().decode(Kubeconfig.self, from: text)
        #expect(
            config
                == Kubeconfig(
                    apiVersion: "v1",
                    clusters: [
                        .init(
                            name: "lab",
                            cluster: .init(server: "https://127.0.0.1:6443", insecureSkipTLSVerify: true)),
                        .init(name: "other", cluster: .init(server: "https://example:443")),
                    ], currentContext: "lab"))
    }

    @Test func `JSON is YAML`() throws {
        #expect(
            try YAMLDecoder().decode([String: [Int]].self, from: #"{"a": [1, 2], "b": []}"#) == ["a": [1, 2], "b": []])
    }

    @Test func `the documents of a manifest are read and empty ones left out`() throws {
        let text = "---\n# first\nkind: A\n---\n---\nkind: B\n"
        let documents = try YAMLDecoder().documents([String: String].self, from: Array(text.utf8))
        #expect(documents == [["kind": "A"], ["kind": "B"]])
    }

    @Test func `one document is expected where one is asked for`() {
        #expect(throws: YAMLError.self) { try YAMLDecoder().decode([Int].self, from: "[1]\n---\n[2]\n") }
    }

    @Test func `a wrong shape is a decoding error`() {
        #expect(throws: DecodingError.self) { try YAMLDecoder().decode([String: Int].self, from: "a: b") }
        #expect(throws: DecodingError.self) { try YAMLDecoder().decode([String: Int].self, from: "") }
    }
}
