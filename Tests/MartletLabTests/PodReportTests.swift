import FoundationEssentials
import KubernetesModel
import Testing

@testable import MartletLab

@Suite("A Pod's status")
struct PodReportTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    private func pod(conditions: String = "[]") throws -> KubeletPod {
        let text = """
            {"metadata": {"name": "p", "namespace": "n", "creationTimestamp": "2027-01-15T07:59:00Z"},
             "spec": {"containers": [{"name": "a", "image": "i"}, {"name": "b"}]},
             "status": {"phase": "Pending", "conditions": \(conditions)}}
            """
        return try JSONDecoder().decode(KubeletPod.self, from: Data(text.utf8))
    }

    private func status(_ container: ContainerState, conditions: String = "[]") throws -> JSONValue {
        let report = PodReport(container: container, restarts: 2)
        let patch = try report.patch(for: pod(conditions: conditions), podIP: "10.0.0.1", hostIP: "10.0.0.2", now: now)
        return try #require(patch["status"])
    }

    private func condition(_ type: String, in status: JSONValue) -> JSONValue? {
        status["conditions"]?.array?.first { $0["type"] == .string(type) }
    }

    @Test("running is Running and Ready, every container with it")
    func running() throws {
        let status = try status(.running(since: now))
        #expect(status["phase"] == "Running")
        #expect(status["podIP"] == "10.0.0.1")
        #expect(condition("Ready", in: status)?["status"] == "True")
        let containers = try #require(status["containerStatuses"]?.array)
        #expect(containers.map { $0["name"] } == ["a", "b"])
        #expect(containers.allSatisfy { $0["ready"] == true && $0["restartCount"] == 2 })
    }

    @Test("a container that waits to be restarted keeps its Pod Running and makes it not Ready")
    func waiting() throws {
        let status = try status(.waiting(reason: "CrashLoopBackOff", message: "m"))
        #expect(status["phase"] == "Running")
        #expect(condition("Ready", in: status)?["status"] == "False")
        let state = status["containerStatuses"]?.array?.first?["state"]
        #expect(state == ["waiting": ["reason": "CrashLoopBackOff", "message": "m"]])
    }

    @Test("the exit code decides between Succeeded and Failed", arguments: [(0, "Succeeded"), (137, "Failed")])
    func terminated(code: Int32, phase: String) throws {
        let end = ContainerTermination(code: code, reason: .error, startedAt: now, finishedAt: now)
        #expect(try status(.terminated(end))["phase"] == .string(phase))
    }

    @Test("conditions that others wrote go back unchanged")
    func foreignConditions() throws {
        let scheduled = #"{"type": "PodScheduled", "status": "True", "lastTransitionTime": "2027-01-15T07:59:30Z"}"#
        let disrupted = #"{"type": "DisruptionTarget", "status": "True", "reason": "Eviction", "message": "m"}"#
        let status = try status(.running(since: now), conditions: "[\(scheduled), \(disrupted)]")
        #expect(
            condition("PodScheduled", in: status) == [
                "type": "PodScheduled", "status": "True", "lastTransitionTime": "2027-01-15T07:59:30Z",
            ])
        #expect(
            condition("DisruptionTarget", in: status) == [
                "type": "DisruptionTarget", "status": "True", "reason": "Eviction", "message": "m",
            ])
    }

    @Test("a condition that stays what it was keeps its time of change")
    func transitionTime() throws {
        let before = #"[{"type": "Ready", "status": "True", "lastTransitionTime": "2027-01-15T07:00:00Z"}]"#
        let still = try status(.running(since: now), conditions: before)
        #expect(condition("Ready", in: still)?["lastTransitionTime"] == "2027-01-15T07:00:00Z")
        let changed = try status(.waiting(reason: "r", message: ""), conditions: before)
        #expect(condition("Ready", in: changed)?["lastTransitionTime"] == .string(Timestamp(now).description))
    }
}
