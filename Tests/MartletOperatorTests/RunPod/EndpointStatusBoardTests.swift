import ControllerRuntime
import FoundationEssentials
import KubernetesModel
import Testing

@testable import MartletAPI
@testable import MartletOperator

private let statusPath = "PATCH /apis/martlet.dev/v1alpha1/namespaces/dev/inferenceendpoints/w/status"
private let early = Timestamp(Date(timeIntervalSince1970: 1_800_000_000))
private let late = Timestamp(Date(timeIntervalSince1970: 1_800_000_600))

private func condition(
    _ type: String, _ status: ConditionStatus = .yes, _ reason: String? = nil, at time: Timestamp = early
) -> Condition {
    Condition(
        type: type, status: status, reason: reason ?? type, message: "about \(type)", lastTransitionTime: time,
        observedGeneration: 1)
}

private struct Patch: Decodable { var status: InferenceEndpointStatus }

/// Two controllers write one status; none may wipe out what the other says.
@Suite("Status of an endpoint with two backends", .timeLimit(.minutes(1))) struct EndpointStatusBoardTests {
    private let api = ScriptedAPI([statusPath: #"{"metadata":{"name":"w","namespace":"dev"},"spec":{}}"#])

    private func endpoint(
        workers: Bool = true, runpod: Bool = true, _ status: InferenceEndpointStatus? = nil
    ) -> InferenceEndpoint {
        var endpoint = InferenceEndpoint(
            metadata: ObjectMeta(name: "w", namespace: "dev"),
            spec: InferenceEndpointSpec(
                workers: workers ? WorkersSpec(targetRef: TargetRef(name: "w"), maxReplicas: 2) : nil,
                runpod: runpod ? RunPodSpec(image: "a/b:1") : nil))
        endpoint.status = status
        return endpoint
    }

    private func workers(_ conditions: [Condition]? = nil) -> InferenceEndpointStatus {
        InferenceEndpointStatus(
            observedGeneration: 1,
            conditions: conditions ?? [
                condition("Accepted"), condition("QueueReadable"), condition("WorkersScaled"), condition("Ready"),
            ], workers: WorkersStatus(replicas: 2))
    }

    private func runpod(_ ready: Condition = condition("RunPodReady")) -> EndpointStatusBoard.RunPodPart {
        EndpointStatusBoard.RunPodPart(
            generation: 1, runpod: RunPodStatus(endpointId: "ep1", url: "https://api.runpod.ai/v2/ep1"),
            conditions: [ready, condition("ConnectionPublished")], common: [condition("Accepted")],
            schedule: ScheduleStatus(open: true))
    }

    /// What is written in the end of all that `posts` say.
    private func written(_ posts: (EndpointStatusBoard) -> Void) async throws -> InferenceEndpointStatus {
        let time = ManualTime()
        let writer = StatusWriter(api.client(time), time: time, logger: .silent, decisionsWait: { false })
        posts(EndpointStatusBoard(writer))
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await writer.run() }
            await until { !api.bodies(of: statusPath).isEmpty }
            group.cancelAll()
        }
        let body = try #require(api.bodies(of: statusPath).last)
        return try JSONDecoder().decode(Patch.self, from: Data(body.utf8)).status
    }

    @Test("an endpoint of RunPod's alone is Ready when RunPod is, and says what schedules say")
    func runPodAlone() async throws {
        let status = try await written { $0.post(runpod(), for: endpoint(workers: false)) }
        #expect(status.conditions?["Ready"]?.status == .yes)
        #expect(status.conditions?["Accepted"]?.status == .yes)
        #expect(status.conditions?["RunPodReady"]?.status == .yes)
        #expect(status.runpod?.url == "https://api.runpod.ai/v2/ep1")
        #expect(status.schedule?.open == true && status.observedGeneration == 1)
    }

    @Test("what RunPod lacks is what the endpoint lacks, with its reason, however well the workers are")
    func runPodMissing() async throws {
        let status = try await written { board in
            board.post(workers: workers(), for: endpoint())
            board.post(runpod(condition("RunPodReady", .no, "BalanceEmpty", at: late)), for: endpoint())
        }
        let ready = status.conditions?["Ready"]
        #expect(ready?.status == .no && ready?.reason == "BalanceEmpty" && ready?.message == "about RunPodReady")
        #expect(status.conditions?["WorkersScaled"]?.status == .yes)
        #expect(status.workers?.replicas == 2)
    }

    @Test("of several things that lack the first in the order of their causes gives the reason")
    func order() async throws {
        let status = try await written { board in
            board.post(runpod(condition("RunPodReady", .no, "KeyRefused")), for: endpoint())
            board.post(
                workers: workers([
                    condition("Accepted"), condition("QueueReadable", .no, "Unreachable"), condition("WorkersScaled"),
                    condition("Ready", .no, "Unreachable"),
                ]), for: endpoint())
        }
        #expect(status.conditions?["Ready"]?.reason == "Unreachable")
        #expect(status.conditions?["RunPodReady"]?.reason == "KeyRefused")
        #expect(status.conditions?.count { $0.type == "Ready" } == 1)
    }

    @Test("the workers' word later does not wipe out the driver's, nor the other way round")
    func bothKept() async throws {
        let status = try await written { board in
            board.post(runpod(), for: endpoint())
            board.post(workers: workers(), for: endpoint())
            board.post(runpod(), for: endpoint())
        }
        let types = Set(status.conditions?.map(\.type) ?? [])
        #expect(
            types == ["Accepted", "QueueReadable", "WorkersScaled", "RunPodReady", "ConnectionPublished", "Ready"])
        #expect(status.conditions?["Ready"]?.status == .yes)
    }

    @Test("after a restart the driver that speaks first leaves what the workers' controller said before")
    func driverFirst() async throws {
        let before = endpoint(workers())
        let status = try await written { $0.post(runpod(), for: before) }
        #expect(status.workers?.replicas == 2)
        #expect(status.conditions?["WorkersScaled"]?.status == .yes)
    }

    @Test("after a restart the workers' controller that speaks first leaves what the driver said before")
    func workersFirst() async throws {
        var old = workers()
        old.conditions?.append(condition("RunPodReady", .no, "Throttled"))
        // The workers' controller writes over the conditions that the object has, and of its own kinds only.
        let status = try await written { $0.post(workers: old, for: endpoint(workers())) }
        #expect(status.conditions?["RunPodReady"]?.reason == "Throttled")
        #expect(status.runpod == nil, "the record is not this write's")
    }

    @Test("with its runpod part gone an endpoint has no condition about it any more")
    func withdrawn() async throws {
        var old = workers()
        old.conditions?.append(condition("RunPodReady", .no, "Deleting"))
        let status = try await written { board in
            board.withdrawRunPod(endpoint().key)
            board.post(workers: old, for: endpoint(runpod: false, old))
        }
        let told = Set(status.conditions?.map(\.type) ?? [])
        #expect(told.isDisjoint(with: EndpointStatusBoard.runPodTypes))
    }

    @Test("Ready keeps the time of its transition while it stays what it was")
    func transition() async throws {
        var old = workers()
        old.conditions = old.conditions?.map { $0.type == "Ready" ? condition("Ready", at: early) : $0 }
        let before = endpoint(old)
        let status = try await written { board in
            board.post(workers: workers(), for: before)
            board.post(runpod(condition("RunPodReady", at: late)), for: before)
        }
        #expect(status.conditions?["Ready"]?.lastTransitionTime == early)
    }
}
