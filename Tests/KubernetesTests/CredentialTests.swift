import HTTPTransport
import KubernetesModel
import Logging
import Synchronization
import Testing

@testable import Kubernetes

@Suite struct CredentialTests {
    private let key = ObjectKey(namespace: "dev", name: "a")
    private let path = "/api/v1/namespaces/dev/configmaps/a"
    private let map = ScriptedTransport.Reply.json(200, #"{"metadata": {"name": "a"}}"#)
    private let unauthorized = ScriptedTransport.Reply.json(
        401, #"{"status": "Failure", "reason": "Unauthorized", "code": 401}"#)

    private final class TokenFile: Sendable {
        let content = Mutex<String?>("first\n")
        let reads = Mutex(0)
        var reading: FileReading {
            FileReading { _ in
                self.reads.withLock { $0 += 1 }
                return self.content.withLock { $0 }.map { Array($0.utf8) }
            }
        }
    }

    private func maps(
        _ server: ScriptedTransport, _ file: TokenFile, _ clock: ManualClock
    ) -> Resources<ConfigMap> {
        let configuration = KubernetesConfiguration(
            server: ScriptedTransport.server, credential: .tokenFile(path: "/token"))
        let core = RequestCore(
            configuration: configuration, transports: TransportSource(server), limits: RequestLimits(),
            time: clock.time,
            logger: Logger(label: "test"), onRequest: nil, files: file.reading)
        return Resources(type: ConfigMap.resourceType, core: core)
    }

    private func server(_ replies: [ScriptedTransport.Reply]) -> ScriptedTransport {
        ScriptedTransport(replies.map { .init(method: .get, target: path, reply: $0) })
    }

    @Test("A token file is read at most once a minute, and a new token is used after that")
    func rotation() async throws {
        let (server, file, clock) = (server([map, map, map]), TokenFile(), ManualClock())
        let maps = maps(server, file, clock)
        _ = try await maps.get(key)
        file.content.withLock { $0 = "second" }
        clock.advance(by: .seconds(59))
        _ = try await maps.get(key)
        #expect(file.reads.withLock { $0 } == 1)
        clock.advance(by: .seconds(1))
        _ = try await maps.get(key)
        #expect(
            server.requests.map { $0.headers["Authorization"] } == ["Bearer first", "Bearer first", "Bearer second"])
    }

    @Test("A refused token is read again at once, and the request repeated if it changed")
    func refused() async throws {
        let (server, file) = (server([map, unauthorized, map]), TokenFile())
        let maps = maps(server, file, ManualClock())
        _ = try await maps.get(key)
        file.content.withLock { $0 = "second" }
        _ = try await maps.get(key)
        #expect(server.requests.last?.headers["Authorization"] == "Bearer second")
    }

    @Test("A refused token that did not change is not tried again")
    func refusedForGood() async {
        let server = server([unauthorized])
        let maps = maps(server, TokenFile(), ManualClock())
        let error = await failure { () throws(KubernetesError) in try await maps.get(key) }
        #expect(error?.isUnauthorized == true)
        #expect(server.remaining.isEmpty)
    }

    @Test("While the file cannot be read the last token serves on")
    func unreadable() async throws {
        let (server, file, clock) = (server([map, map]), TokenFile(), ManualClock())
        let maps = maps(server, file, clock)
        _ = try await maps.get(key)
        file.content.withLock { $0 = nil }
        clock.advance(by: .seconds(61))
        _ = try await maps.get(key)
        #expect(server.requests.last?.headers["Authorization"] == "Bearer first")
    }

    @Test("A file that was never readable fails the request before it is sent")
    func neverReadable() async {
        let file = TokenFile()
        file.content.withLock { $0 = "  \n" }
        let maps = maps(server([]), file, ManualClock())
        let error = await failure { () throws(KubernetesError) in try await maps.get(key) }
        #expect(error?.cause == .credential("cannot read a token from /token"))
        #expect(error?.isRetryable == true)
    }

    @Test("A token shows in no error and no description")
    func canary() async {
        let configuration = KubernetesConfiguration(
            server: ScriptedTransport.server,
            tls: TLSIdentity(certificate: Array("canary".utf8), privateKey: Array("canary".utf8)),
            credential: .token("canary"))
        let client = KubernetesClient(server([unauthorized]), credential: .token("canary"))
        let error = await failure { () throws(KubernetesError) in try await client.resources(ConfigMap.self).get(key) }
        var dumped = ""
        dump(configuration, to: &dumped)
        dump(configuration.credential, to: &dumped)
        dump(configuration.tls, to: &dumped)
        if let error { dump(error, to: &dumped) }
        for text in ["\(configuration)", "\(configuration.credential)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("canary") && !text.contains("99"))
        }
    }
}
