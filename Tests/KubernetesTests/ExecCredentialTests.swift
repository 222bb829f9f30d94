import Foundation
import HTTPTransport
import KubernetesModel
import Logging
import Synchronization
import Testing

@testable import Kubernetes

/// The client with a plugin behind it.
@Suite struct ExecCredentialTests {
    private static let path = "/api/v1/namespaces/dev/configmaps/a"
    private let key = ObjectKey(namespace: "dev", name: "a")
    private static let map = ScriptedTransport.Reply.json(200, #"{"metadata": {"name": "a"}}"#)
    private static let unauthorized = ScriptedTransport.Reply.json(
        401, #"{"status": "Failure", "reason": "Unauthorized", "code": 401}"#)

    private func server(_ replies: [ScriptedTransport.Reply]) -> ScriptedTransport {
        ScriptedTransport(replies.map { .init(method: .get, target: Self.path, reply: $0) })
    }

    /// A plugin whose every run gives `token-<number of the run>`.
    private func counting(_ folder: PluginFolder) throws -> ExecPlugin {
        ExecPlugin(
            try folder.add(
                """
                echo >> "$0.runs"
                n=$(wc -l < "$0.runs")
                echo '\(PluginFolder.answer(#"{"token": "token-'$n'"}"#))'
                """))
    }

    private func maps(_ server: ScriptedTransport, _ plugin: ExecPlugin, _ clock: ManualClock = ManualClock())
        -> Resources<ConfigMap>
    {
        KubernetesClient(server, credential: .exec(plugin), time: clock.time).resources(ConfigMap.self)
    }

    @Test("A plugin without expiry runs once for many requests, also for those at the same time")
    func once() async throws {
        let folder = try PluginFolder()
        let server = server(Array(repeating: Self.map, count: 20))
        let maps = maps(server, try counting(folder))
        try await withThrowingTaskGroup { group in
            for _ in 0..<20 { group.addTask { _ = try await maps.get(key) } }
            try await group.waitForAll()
        }
        #expect(server.requests.allSatisfy { $0.headers["Authorization"] == "Bearer token-1" })
        #expect(folder.text("plugin.runs") == "\n")
    }

    @Test("A refused token makes the plugin run once more, and the request is repeated once")
    func refused() async throws {
        let folder = try PluginFolder()
        let (server, clock) = (server([Self.unauthorized, Self.map, Self.unauthorized]), ManualClock())
        let maps = maps(server, try counting(folder), clock)
        _ = try await maps.get(key)
        #expect(server.requests.map { $0.headers["Authorization"] } == ["Bearer token-1", "Bearer token-2"])
        // Refused again at once: the plugin is not what will help.
        let error = await failure { () throws(KubernetesError) in try await maps.get(key) }
        #expect(error?.isUnauthorized == true)
        #expect(folder.text("plugin.runs") == "\n\n")
    }

    @Test("A failure is the error of the request, and the plugin is left alone for five seconds")
    func failing() async throws {
        let folder = try PluginFolder()
        let (server, clock) = (server([]), ManualClock())
        let maps = maps(server, ExecPlugin(try folder.add("echo >> \"$0.runs\"; exit 1")), clock)
        for _ in 0..<3 {
            let error = await failure { () throws(KubernetesError) in try await maps.get(key) }
            #expect(error?.isRetryable == true)
            #expect(error.map { "\($0)".contains("exit code 1") } == true)
        }
        #expect(folder.text("plugin.runs") == "\n")
        clock.advance(by: .seconds(5))
        _ = await failure { () throws(KubernetesError) in try await maps.get(key) }
        #expect(folder.text("plugin.runs") == "\n\n")
    }

    private func token(of source: ExecCredentialSource) async -> Result<String?, KubernetesError.Cause> {
        do throws(KubernetesError.Cause) { return .success(try await source.current().authorization) } catch {
            return .failure(error)
        }
    }

    @Test("Whoever waits for a plugin may be cancelled, and the others get the credential")
    func cancellation() async throws {
        let gate = DispatchSemaphore(value: 0)
        let source = ExecCredentialSource(time: ManualClock().time) { () throws(KubernetesError.Cause) in
            gate.wait()
            return ExecCredential(token: "t")
        }
        async let patient = token(of: source)
        let impatient = await withTaskGroup(of: Result<String?, KubernetesError.Cause>.self) { group in
            group.addTask { await token(of: source) }
            group.cancelAll()
            return await group.next()
        }
        #expect(impatient == .failure(.cancelled))
        gate.signal()
        #expect(await patient == .success("Bearer t"))
    }

    @Test("A certificate gets a transport of its own, and a new one when it changes")
    func certificates() throws {
        let made = Journal<ClientCertificate?>()
        let source = TransportSource { certificate in
            made.write(certificate)
            return ScriptedTransport([])
        }
        let (first, second) = (
            ClientCertificate(certificate: [1], privateKey: [2]), ClientCertificate(certificate: [1], privateKey: [3])
        )
        for certificate in [first, first, second, second] {
            _ = try source.transport(showing: certificate)
        }
        #expect(made.entries == [first, second])
        #expect(throws: KubernetesError.Cause.self) {
            _ = try TransportSource(ScriptedTransport([])).transport(showing: first)
        }
    }

    @Test("A credential of a plugin shows in no description")
    func canary() {
        var plugin = ExecPlugin("/bin/login", ["--password", "canary"])
        plugin.environment["SECRET"] = "canary"
        let configuration = KubernetesConfiguration(
            server: ScriptedTransport.server, credential: .exec(plugin))
        var dumped = ""
        dump(configuration, to: &dumped)
        dump(configuration.credential, to: &dumped)
        dump(plugin, to: &dumped)
        for text in ["\(configuration.credential)", "\(plugin)", String(reflecting: plugin), dumped] {
            #expect(!text.contains("canary"))
        }
    }
}
