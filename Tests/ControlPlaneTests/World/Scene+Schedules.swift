import Kubernetes
import KubernetesModel
import MartletAPI
import RedisTestSupport
import Testing

extension Scene {
    /// A schedule in UTC over `work`, with these windows.
    func createSchedule(
        _ name: String = "hours", of endpoint: String = "work", windows: [JSONValue], changing changes: JSONValue = [:]
    ) async throws {
        let spec: JSONValue = [
            "timeZone": "UTC", "targets": [["name": .string(endpoint)]], "windows": .array(windows),
        ]
        let object: JSONValue = ["metadata": ["name": .string(name)], "spec": spec.merged(with: changes)]
        _ = try await resources(GPUSchedule.self).create(object, in: namespace, as: Self.manager)
    }

    func schedule(_ name: String = "hours") async throws -> GPUSchedule {
        try await resources(GPUSchedule.self).get(key(name))
    }

    func patchSchedule(_ spec: JSONValue, of name: String = "hours") async throws {
        let patch: JSONValue = ["spec": spec]
        try await resources(GPUSchedule.self).mergePatch(key(name), patch, as: Self.manager)
    }

    /// Sets the override of an endpoint.
    func override(_ word: String, on name: String = "work") async throws {
        let patch: JSONValue = ["metadata": ["annotations": ["martlet.dev/override": .string(word)]]]
        try await resources(InferenceEndpoint.self).mergePatch(key(name), patch, as: Self.manager)
    }

    /// Waits for a condition of a schedule with that status and reason.
    func expectSchedule(
        _ type: String, _ status: ConditionStatus, _ reason: String, of name: String = "hours",
        at location: SourceLocation = #_sourceLocation
    ) async throws {
        var last: Condition?
        let reached = try await eventually {
            last = try await schedule(name).status?.conditions?[type]
            return last?.status == status && last?.reason == reason
        }
        guard !reached else { return }
        Issue.record(
            "\(name): \(type) is \(String(describing: last)) instead of \(status.rawValue) \(reason)",
            sourceLocation: location)
    }
}
