import FoundationEssentials
import Kubernetes
import KubernetesModel
import Logging
import Testing

extension Scenarios {
    @Suite("A kubeconfig with an exec plugin")
    struct ExecPluginTests {
        /// Gives a token that the server does not know, and, run again, the administrator's certificate.
        private static let plugin = """
            #!/bin/sh
            answer() { printf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{%s}}' "$1"; }
            pem() { printf '"'; while IFS= read -r line; do printf '%s\\\\n' "$line"; done <"$1"; printf '"'; }
            echo "$KUBERNETES_EXEC_INFO" >>"$0.runs"
            if [ "$(wc -l <"$0.runs")" = 1 ]; then answer '"token":"unknown"'; exit; fi
            answer "\\"clientCertificateData\\":$(pem "$PKI/admin.crt"),\\"clientKeyData\\":$(pem "$PKI/admin.key")"
            """

        @Test("A refused token makes the plugin run again, and the certificate that it gives then is the one shown")
        func certificate() async throws {
            let cluster = try ControlPlane.shared()
            let folder = "\(cluster.directory)/exec-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let script = "\(folder)/login"
            // By another process: what is open for writing in one that starts processes may not be executable yet.
            try ChildProcess.run(
                ["/bin/sh", "-c", #"printf '%s' "$1" >"$2" && chmod 755 "$2""#, "sh", Self.plugin, script])
            let server = try KubernetesConfiguration.load(paths: [cluster.kubeconfig]).server
            try """
            current-context: c
            clusters: [{name: a, cluster: {server: "\(server)", certificate-authority: ../pki/ca.crt}}]
            contexts: [{name: c, context: {cluster: a, user: u}}]
            users:
            - name: u
              user:
                exec:
                  apiVersion: client.authentication.k8s.io/v1
                  command: ./login
                  interactiveMode: Never
                  provideClusterInfo: true
                  env: [{name: PKI, value: "\(cluster.directory)/pki"}]
            """.write(toFile: "\(folder)/config", atomically: true, encoding: .utf8)

            let client = KubernetesClient(
                configuration: try .load(paths: ["\(folder)/config"]), logger: Logger(label: "scenario"))
            let namespace = try await client.resources(Namespace.self).get(ObjectKey(name: "kube-system"))
            #expect(namespace.metadata.name == "kube-system")
            let runs = try String(contentsOfFile: "\(script).runs", encoding: .utf8).split(separator: "\n")
            #expect(runs.count == 2)
            #expect(runs.allSatisfy { $0.contains(server) && $0.contains("certificate-authority-data") })
        }
    }
}
