import FoundationEssentials
import Kubernetes
import KubernetesModel
import MartletAPI
import RedisTestSupport
import Testing

extension Scenarios {
    @Suite("Secrets stay secret")
    struct CanaryTests {
        @Test("What a Secret holds is in no log, event, status or metric", arguments: ["text", "json"])
        func canary(format: String) async throws {
            let password = "canary-pass-4711", user = "canary-user-4711", key = "canary-key-4711"
            try await Scene.play(flags: ["--log-level", "trace", "--log-format", format]) { scene in
                let rude = try EchoServer()
                defer { rude.stop() }
                let jobs = try scene.commands()
                try jobs.send("ACL", "SETUSER", user, "on", ">\(password)", "~*", "&*", "+@all")
                try await scene.createSecret("right", ["user": user, "password": password, key: "canary-value-4711"])
                try await scene.createSecret("wrong", ["user": user, "password": "\(password)-wrong", key: "x"])
                try await scene.createSecret(
                    "broken",
                    [
                        "ca.crt": "-----BEGIN CERTIFICATE-----\n\(password)\n-----END CERTIFICATE-----\n",
                        "tls.crt": password, "tls.key": "-----BEGIN PRIVATE KEY-----\n\(password)\n", key: "x",
                    ])
                func credentials(_ secret: String) -> JSONValue {
                    ["credentialsSecretRef": ["name": .string(secret), "usernameKey": "user"]]
                }
                let cases: [(name: String, condition: String, reason: String, redis: JSONValue)] = [
                    ("right", "Accepted", "Accepted", credentials("right")),
                    ("wrong", "QueueReadable", "AuthenticationFailed", credentials("wrong")),
                    ("authority", "QueueReadable", "TLSFailed", ["tls": ["caSecretRef": ["name": "broken"]]]),
                    ("identity", "QueueReadable", "TLSFailed", ["tls": ["certificateSecretRef": ["name": "broken"]]]),
                    (
                        "absent", "Accepted", "SecretKeyMissing",
                        ["credentialsSecretRef": ["name": "right", "passwordKey": "not-there"]]
                    ),
                    (
                        "rude", "QueueReadable", "",
                        credentials("right").merged(with: ["addresses": [.string("127.0.0.1:\(rude.port)")]])
                    ),
                ]
                for (name, _, _, redis) in cases {
                    try await scene.createTarget(name)
                    try await scene.createEndpoint(name, changing: ["queue": ["redis": redis]])
                }
                for (name, condition, reason, _) in cases {
                    try await scene.expectCondition(
                        condition, reason == "Accepted" ? .yes : .no, reason.isEmpty ? nil : reason, of: name)
                }
                try await scene.waitUntilReady("right")
                try jobs.push(10)
                try await scene.expectReplicas(2, of: "right")
                #expect(await eventually { rude.heard.contains(password) })

                let told = try await everythingTold(scene)
                #expect(told.contains("AuthenticationFailed"))
                for canary in ["4711", Data(password.utf8).base64EncodedString()] {
                    let found = told.ranges(of: canary).first.map { told[..<$0.upperBound].suffix(300) }
                    #expect(found == nil, "\(canary) was told")
                }
            }
        }

        /// Logs, metrics, and each event and endpoint with all its fields.
        private func everythingTold(_ scene: Scene) async throws -> String {
            var told = await scene.martlet.output
            told += try await scene.martlet.metrics
            let encoder = JSONEncoder()
            for event in try await scene.resources(Event.self).page(in: scene.namespace, limit: 5000).items {
                told += String(decoding: try encoder.encode(event), as: UTF8.self)
            }
            for endpoint in try await scene.resources(InferenceEndpoint.self).page(in: scene.namespace).items {
                told += String(decoding: try encoder.encode(endpoint), as: UTF8.self)
            }
            return told
        }
    }
}

/// A server that answers whatever it hears with an error that repeats it.
private final class EchoServer: Sendable {
    let port: Int
    private let process: ChildProcess

    init() throws {
        port = try RedisServerProcess.freePort()
        process = try ChildProcess(
            ["/usr/bin/env", "python3", "-u", "-c", Self.program, "\(port)"],
            log: "/tmp/martlet-scenario-echo-\(port).log")
    }

    var heard: String { process.output }

    func stop() {
        process.kill()
        try? FileManager.default.removeItem(atPath: process.log)
    }

    private static let program = """
        import socket, sys
        server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
        while True:
            client, _ = server.accept()
            try:
                while data := client.recv(65536):
                    words = data.replace(b"\\r\\n", b" ")
                    print(words)
                    client.sendall(b"-ERR you said " + words + b"\\r\\n")
            except OSError:
                pass
        """
}
