import ControllerRuntime
import FoundationEssentials
import HTTPTransport
import KubernetesModel
import Synchronization
import Testing

@testable import MartletAPI
@testable import MartletOperator

/// What is asked of the mirror; what it does with it is ConnectionMirrorTests'.
@Suite("Mirror of the connection") struct MirrorPublisherTests {
    /// Nothing is written here: the mirror does not run.
    private struct NoTransport: HTTPTransport {
        func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
            Issue.record("something was sent")
            throw .connectFailed("nowhere")
        }
    }

    private static let secret = ObjectKey(namespace: "dev", name: "supabase")
    private let cluster = HistoryCluster()
    private let mirror = ConnectionMirror(
        SupabaseMirror(NoTransport(), permit: nil), leads: true, time: JumpTime(), logger: .silent, onChange: { _ in })
    private let facts = ConnectionFacts(endpointID: "ep1", isOpen: true, jobsURL: "https://api.runpod.ai/v2")
    private let endpoint = InferenceEndpoint(
        metadata: ObjectMeta(name: "image-gen", namespace: "dev"), spec: InferenceEndpointSpec())
    private let spec = ResolvedMirror(
        url: "https://project.supabase.co", table: "runpod_management", serviceName: "image-gen",
        credentials: ResolvedSecretKey(name: "supabase", key: "serviceKey"))

    private func publish(_ spec: ResolvedMirror?, isSuspended: Bool = false) async -> Finding? {
        await MirrorPublisher(mirror: mirror, objects: HistoryObjects(cluster, Crash()), demandsConsent: { false })
            .publish(facts, of: endpoint, spec, isSuspended: isSuspended)
    }

    private func hold(_ key: String?) {
        cluster.state.withLock { $0.secrets[Self.secret] = key.map { ["serviceKey": $0] } }
    }

    @Test("an endpoint without a mirror has no condition about one")
    func none() async { #expect(await publish(nil) == nil) }

    @Test("a row that is wanted and not written yet is told as such")
    func wanted() async {
        hold("service-role-key")
        #expect(await publish(spec)?.reason == "NotMirroredYet")
    }

    @Test("a Secret that is missing is told, and no row is wanted")
    func noSecret() async {
        let finding = await publish(spec)
        #expect(finding?.status == .no && finding?.reason == "SecretNotFound")
        #expect(mirror.report(of: endpoint.key) == nil)
    }

    @Test("a key that can be none is told without a letter of it", arguments: ["", "two\nlines-of-it"])
    func noKey(text: String) async {
        hold(text)
        let finding = await publish(spec)
        #expect(finding?.status == .no && finding?.reason == "SecretKeyInvalid")
        #expect(finding?.message.contains("lines-of-it") == false)
    }

    @Test("a suspended object asks for no row, not even where its Secret is missing")
    func suspended() async {
        #expect(await publish(spec, isSuspended: true) == nil)
        hold("service-role-key")
        #expect(await publish(spec, isSuspended: true) == nil)
    }

    @Test("a mirror that is taken out of the spec withdraws its row, and the condition goes")
    func removed() async {
        hold("service-role-key")
        _ = await publish(spec)
        #expect(await publish(nil) == nil)
        #expect(mirror.report(of: endpoint.key) == nil)
    }
}
