import FoundationEssentials
import KubernetesModel

/// What a Pod's status is to say. Every container is reported as the first one is: the laboratory runs only that.
struct PodReport: Sendable, Equatable {
    var container: ContainerState
    var lastTermination: ContainerTermination?
    var restarts: Int
}

enum ContainerState: Sendable, Equatable {
    case waiting(reason: String, message: String)
    case running(since: Date)
    case terminated(ContainerTermination)
}

struct ContainerTermination: Sendable, Equatable {
    enum Reason: String, Sendable { case completed = "Completed", error = "Error" }
    var code: Int32
    var reason: Reason
    var startedAt: Date
    var finishedAt: Date
}

extension ContainerTermination {
    init(_ exit: ProcessExit, startedAt: Date, finishedAt: Date) {
        let code = exit.containerCode
        self.init(code: code, reason: code == 0 ? .completed : .error, startedAt: startedAt, finishedAt: finishedAt)
    }
}

extension PodReport {
    /// The merge patch for `/status` of `pod`. A merge patch replaces lists whole, so the conditions that others wrote
    /// (`PodScheduled` is the scheduler's, `DisruptionTarget` the evictor's) go back as they were read.
    func patch(for pod: KubeletPod, podIP: String, hostIP: String, now: Date) -> JSONValue {
        let own = ["Initialized": true, "ContainersReady": isReady, "Ready": isReady]
        let kept = (pod.status?.conditions ?? []).filter { own[$0.type] == nil }.map(\.json)
        let written = own.sorted { $0.key < $1.key }.map { type, holds in
            condition(type, holds: holds, before: pod.status?.conditions, now: now)
        }
        return [
            "status": [
                "phase": .string(phase.rawValue), "hostIP": .string(hostIP), "podIP": .string(podIP),
                "podIPs": [["ip": .string(podIP)]],
                "startTime": .string((pod.metadata.creationTimestamp ?? Timestamp(now)).description),
                "conditions": .array(kept + written),
                "containerStatuses": .array(pod.spec.containers.map(containerStatus)),
            ]
        ]
    }

    private var isReady: Bool { if case .running = container { true } else { false } }

    private var phase: PodPhase {
        switch container {
        // A Pod whose container is to be started again is Running, ready or not.
        case .waiting, .running: .running
        case .terminated(let end): end.code == 0 ? .succeeded : .failed
        }
    }

    private func condition(
        _ type: String, holds: Bool, before: [KubeletPod.Condition]?, now: Date
    ) -> JSONValue {
        let status = holds ? "True" : "False"
        let same = before?.first { $0.type == type && $0.status == status }
        let since = same?.lastTransitionTime ?? Timestamp(now)
        return KubeletPod.Condition(type: type, status: status, lastTransitionTime: since).json
    }

    private func containerStatus(_ spec: KubeletPod.Container) -> JSONValue {
        var status: [String: JSONValue] = [
            "name": .string(spec.name), "image": .string(spec.image ?? ""), "imageID": "",
            "ready": .bool(isReady), "started": .bool(isReady), "restartCount": .integer(Int64(restarts)),
            "state": container.json,
        ]
        if let lastTermination { status["lastState"] = ContainerState.terminated(lastTermination).json }
        return .object(status)
    }
}

extension ContainerState {
    fileprivate var json: JSONValue {
        switch self {
        case .waiting(let reason, let message):
            ["waiting": ["reason": .string(reason), "message": .string(message)]]
        case .running(let since): ["running": ["startedAt": .string(Timestamp(since).description)]]
        case .terminated(let end):
            [
                "terminated": [
                    "exitCode": .integer(Int64(end.code)), "reason": .string(end.reason.rawValue),
                    "startedAt": .string(Timestamp(end.startedAt).description),
                    "finishedAt": .string(Timestamp(end.finishedAt).description),
                ]
            ]
        }
    }
}

extension KubeletPod.Condition {
    fileprivate var json: JSONValue {
        var fields: [String: JSONValue] = ["type": .string(type), "status": .string(status)]
        if let reason { fields["reason"] = .string(reason) }
        if let message { fields["message"] = .string(message) }
        if let lastTransitionTime { fields["lastTransitionTime"] = .string(lastTransitionTime.description) }
        return .object(fields)
    }
}
