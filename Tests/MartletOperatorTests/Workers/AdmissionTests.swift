import ControllerRuntime
import KubernetesModel
import MartletAPI
import MartletDecisions
import Redis
import Testing

@testable import Kubernetes
@testable import MartletOperator

private let lists = (
    endpoints: "GET /apis/martlet.dev/v1alpha1/inferenceendpoints", deployments: "GET /apis/apps/v1/deployments",
    statefulSets: "GET /apis/apps/v1/statefulsets"
)
private let secretPath = "GET /api/v1/namespaces/dev/secrets/redis"

private func endpoint(_ name: String, createdAt: String) -> String {
    """
    {"metadata":{"name":"\(name)","namespace":"dev","uid":"\(name)","creationTimestamp":"\(createdAt)"},
     "spec":{"queue":{"redis":{"addresses":["redis.dev.svc:6379"],"credentialsSecretRef":{"name":"redis"}},"celery":{}},
             "workers":{"targetRef":{"name":"worker"}}}}
    """
}
private let olderJSON = endpoint("older", createdAt: "2027-01-01T00:00:00Z")
private let youngerJSON = endpoint("younger", createdAt: "2027-01-02T00:00:00Z")

private let consent = #","annotations":{"martlet.dev/allow":"true"}"#
private func deployment(_ annotations: String) -> String {
    """
    {"metadata":{"name":"worker","namespace":"dev"\(annotations)},
     "spec":{"replicas":0,"selector":{"matchLabels":{"app":"worker"}}}}
    """
}
private func secret(_ annotations: String) -> String {
    #"{"metadata":{"name":"redis","namespace":"dev"\#(annotations)},"data":{"password":"c2VjcmV0"}}"#
}

@Suite("Admission", .timeLimit(.minutes(1))) struct AdmissionTests {
    private let time = ManualTime()
    private let older = ObjectKey(namespace: "dev", name: "older")
    private let younger = ObjectKey(namespace: "dev", name: "younger")

    private func api(
        endpoints: String = ScriptedAPI.list(olderJSON), target: String = deployment(consent),
        secret: String = secret(consent)
    ) -> ScriptedAPI {
        ScriptedAPI([
            lists.endpoints: endpoints, lists.deployments: ScriptedAPI.list(target),
            lists.statefulSets: ScriptedAPI.list(), secretPath: secret,
        ])
    }

    /// What becomes of the endpoint `key` on that server, with `autoscaler` on its target.
    private func verdict(
        on key: ObjectKey, _ api: ScriptedAPI, autoscaler: HorizontalPodAutoscaler? = nil
    ) async throws -> Admission.Verdict {
        let client = api.client(time)
        let index = TargetIndex()
        if let autoscaler { _ = index.record(AutoscalerKey(autoscaler), scales: autoscaler.target) }
        let wake = Wake(
            queue: WorkQueue(time: time), index: index, pods: WorkerPods(),
            scheduleQueue: WorkQueue(time: time), schedules: ScheduleIndex(), runpodQueue: WorkQueue(time: time))
        let endpoints = Cache<InferenceEndpoint>(
            client, in: [], time: time, logger: .silent, onChange: wake.endpoint)
        let deployments = Cache<Deployment>(client, in: [], time: time, logger: .silent) { _ in }
        let statefulSets = Cache<StatefulSet>(client, in: [], time: time, logger: .silent) { _ in }
        let admission = Admission(
            endpoints: endpoints, targets: Targets(deployments: deployments, statefulSets: statefulSets), index: index,
            secrets: SecretReader(client, time: time),
            consent: ConsentGate(
                .on, client: client,
                discovery: Discovery(server: ServerVersion(major: 1, minor: 33), broken: [:], served: []), time: time))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try? await endpoints.run() }
            group.addTask { try? await deployments.run() }
            group.addTask { try? await statefulSets.run() }
            try await endpoints.waitUntilSynced()
            try await deployments.waitUntilSynced()
            try await statefulSets.waitUntilSynced()
            defer { group.cancelAll() }
            let endpoint = try #require(endpoints[key])
            return try await admission.check(endpoint, endpoint.resolution)
        }
    }

    private func rejection(on key: ObjectKey, _ api: ScriptedAPI) async throws -> Rejection? {
        return switch try await verdict(on: key, api) {
        case .rejected(let rejection), .unreadable(_, let rejection): rejection
        case .admitted, .absent: nil
        }
    }

    private func admitted(
        on key: ObjectKey, _ api: ScriptedAPI, autoscaler: HorizontalPodAutoscaler? = nil
    ) async throws -> Admitted? {
        guard case .admitted(let admitted) = try await verdict(on: key, api, autoscaler: autoscaler) else { return nil }
        return admitted
    }

    @Test("a target and a Secret whose owners agreed are used")
    func agreed() async throws {
        let admitted = try #require(try await admitted(on: older, api()))
        #expect(admitted.refusal == nil)
        #expect(admitted.server.credentials?.password == "secret")
    }

    @Test("a target whose owner has not agreed is left alone, and no Secret is read for it")
    func targetWithoutConsent() async throws {
        let api = api(target: deployment(""))
        #expect(try await rejection(on: older, api)?.reason == "ConsentMissing")
        #expect(api.requests == [])
    }

    @Test("a Secret whose owner has not agreed gives nothing")
    func secretWithoutConsent() async throws {
        let rejection = try await rejection(on: older, api(secret: secret("")))
        #expect(rejection?.reason == "ConsentMissing")
        #expect(rejection?.message.contains("Secret redis") == true)
    }

    @Test("of two endpoints on one target only the older may write")
    func rivals() async throws {
        let both = ScriptedAPI.list(olderJSON, youngerJSON)
        #expect(try await admitted(on: older, api(endpoints: both))?.refusal == nil)
        #expect(try await admitted(on: younger, api(endpoints: both))?.refusal?.reason == "TargetClaimed")
    }

    @Test("an HPA on the target keeps the only endpoint from writing")
    func autoscaler() async throws {
        let hpa = HorizontalPodAutoscaler(
            metadata: ObjectMeta(name: "h", namespace: "dev"),
            spec: HorizontalPodAutoscalerSpec(scaleTargetRef: ScaleTargetRef(kind: "Deployment", name: "worker")))
        #expect(try await admitted(on: older, api(), autoscaler: hpa)?.refusal?.reason == "AnotherAutoscaler")
    }
}
