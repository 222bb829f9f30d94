import ControllerRuntime
import FoundationEssentials
import Kubernetes
import KubernetesModel
import Testing

@testable import MartletAPI
@testable import MartletDecisions
@testable import MartletOperator

/// When the driver looks after the connection's ConfigMap.
@Suite("What the driver publishes") struct DriverReportTests {
    private static let jobsURL = "https://api.runpod.ai/v2"
    private let server = ConfigMapServer()
    private let time = JumpTime()

    private var report: DriverReport {
        let client = server.client()
        let nowhere = ScriptedAPI([:]).client(ManualTime())
        return DriverReport(
            board: EndpointStatusBoard(
                StatusWriter(nowhere, time: time, logger: .silent, decisionsWait: { false })),
            announcer: Announcer(events: EventRecorder(nowhere.resources(), component: "test", instance: "test")),
            connections: ConnectionPublisher(configMaps: client.resources(ConfigMap.self)),
            mirrors: MirrorPublisher(
                mirror: ConnectionMirror(
                    SupabaseMirror(server, permit: nil), leads: false, time: time, logger: .silent,
                    onChange: { _ in }),
                objects: HistoryObjects(HistoryCluster(), Crash()), demandsConsent: { false }),
            metrics: RunPodMetrics(), scheduleMetrics: ScheduleMetrics(), jobsURL: Self.jobsURL, time: time)
    }

    private func endpoint(connection name: String, generation: Int64 = 1) -> InferenceEndpoint {
        var metadata = ObjectMeta(name: "image-gen", namespace: "dev")
        metadata.uid = "uid-1"
        metadata.generation = generation
        var endpoint = InferenceEndpoint(
            metadata: metadata,
            spec: InferenceEndpointSpec(
                runpod: RunPodSpec(
                    credentialsSecretRef: SecretKeyRef(name: "runpod"), image: "example/worker:1",
                    gpu: RunPodGPUSpec(pools: ["ADA_24"]), workers: RunPodWorkersSpec(min: 0, max: 1)),
                connection: ConnectionSpec(configMapName: name)))
        endpoint.status = InferenceEndpointStatus(runpod: RunPodStatus(endpointId: "ep1"))
        return endpoint
    }

    private func tell(
        _ endpoint: InferenceEndpoint, _ memory: inout DriverMemory, isOpen: Bool = true, isRetiring: Bool = false
    ) async throws {
        memory.refresh(endpoint)
        guard case .accepted(let accepted) = memory.resolution else {
            Issue.record("the spec is refused")
            return
        }
        let now = time.now
        var snapshot = EndpointSnapshot(
            now: now, name: "martlet-dev-image-gen-1", spec: accepted.runpod, record: endpoint.record,
            key: .usable(fingerprint: "key-one"))
        snapshot.capacity = BackendCapacity(isOpen: isOpen, min: 0, max: isOpen ? 1 : 0, since: now, cause: .schedule)
        snapshot.isRetiring = isRetiring
        let look = DriverLook(
            endpoint: endpoint, snapshot: snapshot, account: nil,
            translation: EndpointTranslation(
                name: snapshot.name, marker: OwnerMarker(cluster: "c", namespace: "dev", uid: "uid-1"),
                spec: accepted.runpod, variables: [:]),
            keyProblem: nil,
            schedule: EndpointScheduleReport(
                .ungoverned, OverrideReading(of: endpoint, at: now), lastTransition: nil, now: now),
            nextTransition: nil)
        let plan = EndpointPlan(
            step: .hold, reason: "", finding: RunPodFinding(.yes, .ready, "ready"), recheckAt: nil,
            history: EndpointHistory())
        await report.report(plan, look, &memory)
    }

    @Test("at rest the ConfigMap is neither read nor written; opening and closing are told in it at once")
    func whenItChanges() async throws {
        let endpoint = endpoint(connection: "llm")
        var memory = DriverMemory(endpoint)
        try await tell(endpoint, &memory)
        #expect(server["dev/llm"]?.data?["open"] == "true")
        let before = server.requests.count
        for _ in 0..<10 { try await tell(endpoint, &memory) }
        #expect(server.requests.count == before)
        try await tell(endpoint, &memory, isOpen: false)
        #expect(server["dev/llm"]?.data?["open"] == "false")
        #expect(server["dev/llm"]?.data?["endpointId"] == "ep1")
    }

    @Test("another name in the spec is published at once, though nothing else changed")
    func renamed() async throws {
        let endpoint = endpoint(connection: "llm")
        var memory = DriverMemory(endpoint)
        try await tell(endpoint, &memory)
        try await tell(self.endpoint(connection: "other", generation: 2), &memory)
        #expect(server["dev/other"]?.data?["endpointId"] == "ep1")
    }

    @Test("what could not be written is tried again with each report")
    func refused() async throws {
        let endpoint = endpoint(connection: "llm")
        var memory = DriverMemory(endpoint)
        server.refuse(403)
        try await tell(endpoint, &memory)
        #expect(memory.connection?.status == .no)
        server.refuse(nil)
        try await tell(endpoint, &memory)
        #expect(memory.connection?.status == .yes)
        #expect(server["dev/llm"]?.data?["endpointId"] == "ep1")
    }

    @Test("on its way out an object writes no ConfigMap: it goes with its owner")
    func retiring() async throws {
        let endpoint = endpoint(connection: "llm")
        var memory = DriverMemory(endpoint)
        try await tell(endpoint, &memory, isRetiring: true)
        #expect(server.requests.isEmpty)
    }
}
