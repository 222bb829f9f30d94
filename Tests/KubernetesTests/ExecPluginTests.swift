import Foundation
import KubernetesModel
import Testing

@testable import Kubernetes

/// Real programs, really run.
@Suite struct ExecPluginTests {
    private let folder: PluginFolder

    init() throws { folder = try PluginFolder() }

    private func failure(of plugin: ExecPlugin, timeout: Duration = .seconds(60)) -> String {
        do throws(KubernetesError.Cause) {
            let credential = try plugin.run(timeout: timeout)
            Issue.record("the plugin gave \(credential)")
            return ""
        } catch {
            guard case .credential(let text) = error else {
                Issue.record("\(error)")
                return ""
            }
            return text
        }
    }

    @Test("A token and its expiry are read", arguments: ExecPlugin.Version.allCases)
    func token(version: ExecPlugin.Version) throws {
        let path = try folder.add(
            status: #"{"token": "fake-token", "expirationTimestamp": "2026-11-21T10:00:00Z"}"#, version: version)
        let credential = try ExecPlugin(path, version: version).run()
        #expect(
            credential
                == ExecCredential(token: "fake-token", certificate: nil, expires: Timestamp("2026-11-21T10:00:00Z")))
    }

    @Test("A certificate is read with its key")
    func certificate() throws {
        let path = try folder.add(status: #"{"clientCertificateData": "CERT\n", "clientKeyData": "KEY\n"}"#)
        let credential = try ExecPlugin(path).run()
        let expected = ClientCertificate(certificate: Array("CERT\n".utf8), privateKey: Array("KEY\n".utf8))
        #expect(credential == ExecCredential(token: nil, certificate: expected, expires: nil))
    }

    @Test("A plugin gets its arguments, its variables, no input, no file of ours and default signals")
    func surroundings() throws {
        let file = open("/dev/null", O_RDONLY)
        defer { close(file) }
        let path = try folder.add(
            """
            cd "$FOLDER"
            printf '%s|' "$@" > arguments
            printf '%s' "$KUBERNETES_EXEC_INFO" > info
            cat > input
            ls /proc/self/fd > files
            grep Sig /proc/self/status > signals
            printf '%s' "$ANSWER"
            """)
        var plugin = ExecPlugin(path, ["a b", "", "*"])
        plugin.environment["FOLDER"] = folder.path
        plugin.environment["ANSWER"] = PluginFolder.answer(#"{"token": "t"}"#)
        plugin.cluster = ExecCluster(
            server: "https://a.example", serverName: "b.example", insecure: nil, authorities: "Q0E=", proxy: "http://p",
            config: .object(["audience": .string("x")]))
        #expect(try plugin.run().token == "t")
        #expect(folder.text("arguments") == "a b||*|")
        #expect(folder.text("input").isEmpty)
        // 3 is the folder that `ls` reads.
        #expect(folder.text("files") == "0\n1\n2\n3\n")
        #expect(folder.text("signals").contains("SigBlk:\t0000000000000000"))
        // 32 and 33 are the C library's own, which it ignores in the child.
        let ignored = folder.text("signals").split(separator: "\n").first { $0.hasPrefix("SigIgn:") }
        #expect(ignored?.suffix(16) == "0000000180000000" || ignored?.suffix(16) == "0000000000000000")
        let info = try JSONDecoder().decode(JSONValue.self, from: Data(folder.text("info").utf8))
        #expect(info["kind"]?.string == "ExecCredential")
        #expect(info["apiVersion"]?.string == "client.authentication.k8s.io/v1")
        #expect(info["spec"]?["interactive"] == .bool(false))
        #expect(
            info["spec"]?["cluster"]
                == .object([
                    "server": .string("https://a.example"), "tls-server-name": .string("b.example"),
                    "certificate-authority-data": .string("Q0E="), "proxy-url": .string("http://p"),
                    "config": .object(["audience": .string("x")]),
                ]))
    }

    @Test("A bare name is looked for in the absolute folders of PATH, past what is no program")
    func searchPath() throws {
        _ = try folder.add(status: #"{"token": "t"}"#, as: "login")
        try FileManager.default.createDirectory(atPath: "\(folder.path)/first/login", withIntermediateDirectories: true)
        var plugin = ExecPlugin("login")
        plugin.environment["PATH"] = "relative:\(folder.path)/first:\(folder.path):/bin"
        #expect(try plugin.run().token == "t")
    }

    @Test("A plugin that is not there is named, with the hint how to get it")
    func missing() {
        #expect(
            failure(of: ExecPlugin("no-such-plugin", hint: "Install it from example.com."))
                == "exec plugin no-such-plugin is not there, or may not be executed. Install it from example.com.")
        #expect(failure(of: ExecPlugin("\(folder.path)/none")).hasSuffix("may not be executed"))
    }

    @Test(
        "What cannot be used is told without repeating it",
        arguments: [
            ("", "wrote no ExecCredential: not valid JSON"), ("canary", "wrote no ExecCredential: not valid JSON"),
            (#"{"kind": "Canary"}"#, "wrote something that is no ExecCredential"),
            (
                #"{"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1beta1", "status": {"token": "canary"}}"#,
                "answered in another version than client.authentication.k8s.io/v1, which the kubeconfig names as its apiVersion"
            ),
            (
                #"{"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1"}"#,
                "gave no status, so no credential"
            ),
            (PluginFolder.answer(#"{"token": ""}"#), "gave neither a token nor a certificate"),
            (
                PluginFolder.answer(#"{"token": "t", "clientCertificateData": "canary"}"#),
                "gave a certificate without its key, or the reverse"
            ),
            (
                PluginFolder.answer(#"{"token": "t", "expirationTimestamp": "canary"}"#),
                "wrote no ExecCredential: status.expirationTimestamp has an invalid value"
            ),
            (
                PluginFolder.answer(#"{"token": ["canary"]}"#),
                "wrote no ExecCredential: status.token is not of type String"
            ),
        ])
    func garbage(output: String, problem: String) throws {
        let path = try folder.add("cat <<'END'\n\(output)\nEND")
        #expect(failure(of: ExecPlugin(path)) == "exec plugin \(path) \(problem)")
    }

    @Test("A failure is told by its code or its signal, and no word of the plugin's is repeated")
    func failing() throws {
        let path = try folder.add("echo canary; echo 'not logged in' >&2; exit 3")
        #expect(
            failure(of: ExecPlugin(path))
                == "exec plugin \(path) failed with exit code 3; its own words are in the error output of this process")
        #expect(failure(of: ExecPlugin(try folder.add("kill -9 $$"))).hasSuffix("was ended by signal 9"))
    }

    @Test("A program that the kernel cannot run is told in the kernel's words")
    func notAProgram() throws {
        let path = try folder.add(file: "neither script nor binary", as: "data")
        #expect(failure(of: ExecPlugin(path)).hasSuffix("did not start: Exec format error"))
    }

    @Test("A plugin that hangs is ended with its children", arguments: ["", "exec >&-"])
    func hanging(closing: String) throws {
        let path = try folder.add("\(closing)\nsleep 60 >\"$0.alive\" & wait")
        try #require(mkfifo("\(path).alive", 0o600) == 0)
        // Without a writer, opening would wait for one.
        let alive = open("\(path).alive", O_RDONLY | O_NONBLOCK)
        defer { close(alive) }
        #expect(
            failure(of: ExecPlugin(path), timeout: .milliseconds(500))
                == "exec plugin \(path) was ended after 0.5 seconds: it ran on, or something that it started held its output open"
        )
        // Waits until nobody holds the other end, which is when the child has died.
        _ = fcntl(alive, F_SETFL, 0)
        var byte = UInt8(0)
        let start = ContinuousClock.now
        #expect(read(alive, &byte, 1) == 0)
        #expect(ContinuousClock.now - start < .seconds(50), "the child slept to its end")
    }

    @Test("A plugin that writes without end is ended")
    func endless() throws {
        let path = try folder.add("while :; do echo canary canary canary canary; done")
        #expect(failure(of: ExecPlugin(path)) == "exec plugin \(path) was ended: it wrote more than 1048576 bytes")
    }
}
