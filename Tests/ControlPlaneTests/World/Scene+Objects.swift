import Kubernetes
import KubernetesModel
import MartletAPI
import RedisTestSupport
import Testing

extension Scene {
    /// A Deployment or StatefulSet at zero; its Pods run nothing unless `template` says so.
    func createTarget(
        _ name: String = "work", kind: String = "Deployment", replicas: Int = 0, gpus: Int = 0,
        annotations: [String: JSONValue] = [:]
    ) async throws {
        // The values of labels are shorter than names may be.
        let labels: JSONValue = ["app": .string(String(name.prefix(62)))]
        var container: [String: JSONValue] = ["name": "worker", "image": "example/worker"]
        if gpus > 0 { container["resources"] = ["limits": ["nvidia.com/gpu": .string("\(gpus)")]] }
        var spec: [String: JSONValue] = [
            "replicas": .integer(Int64(replicas)), "selector": ["matchLabels": labels],
            "template": ["metadata": ["labels": labels], "spec": ["containers": [.object(container)]]],
        ]
        let metadata: JSONValue = ["name": .string(name), "annotations": .object(annotations)]
        if kind == "StatefulSet" {
            spec["serviceName"] = .string(name)
            spec["podManagementPolicy"] = "Parallel"
            let object: JSONValue = ["metadata": metadata, "spec": .object(spec)]
            _ = try await resources(StatefulSet.self).create(object, in: namespace, as: Self.manager)
        } else {
            let object: JSONValue = ["metadata": metadata, "spec": .object(spec)]
            _ = try await resources(Deployment.self).create(object, in: namespace, as: Self.manager)
        }
    }

    /// An endpoint of the scene's Redis with quick timing; `changing` overrides members of the spec (RFC 7386).
    func createEndpoint(
        _ name: String = "work", queue source: JSONValue = ["list": ["key": "jobs"]], changing changes: JSONValue = [:]
    ) async throws {
        let spec = Self.spec(port: redis.port, target: name, source).merged(with: changes)
        try await createEndpoint(name, spec: spec)
    }

    /// An endpoint of exactly that spec.
    func createEndpoint(_ name: String = "work", spec: JSONValue) async throws {
        let object: JSONValue = ["metadata": ["name": .string(name)], "spec": spec]
        _ = try await resources(InferenceEndpoint.self).create(object, in: namespace, as: Self.manager)
    }

    /// Five tasks a replica, at most 20, and down after a second, so that a test need not wait for minutes.
    static func spec(port: Int, target: String, _ source: JSONValue = ["list": ["key": "jobs"]]) -> JSONValue {
        [
            "queue": JSONValue.object([
                "redis": ["addresses": [.string("127.0.0.1:\(port)")]], "tasksPerReplica": 5,
            ]).merged(with: source),
            "workers": [
                "targetRef": ["name": .string(target)], "maxReplicas": 20,
                "scaleDown": ["cooldownSeconds": 1, "stabilizationSeconds": 0],
            ],
        ]
    }

    func patchEndpoint(_ name: String = "work", spec: JSONValue) async throws {
        let patch: JSONValue = ["spec": spec]
        try await resources(InferenceEndpoint.self).mergePatch(key(name), patch, as: Self.manager)
    }

    /// The object is accepted and its queue has been read.
    func waitUntilReady(_ name: String = "work") async throws {
        try await expectCondition("Ready", .yes, of: name)
    }

    func createSecret(
        _ name: String, _ values: [String: String], annotations: [String: JSONValue] = [:]
    ) async throws {
        let object: JSONValue = [
            "metadata": ["name": .string(name), "annotations": .object(annotations)],
            "stringData": .object(values.mapValues(JSONValue.string)),
        ]
        _ = try await resources(Secret.self).create(object, in: namespace, as: Self.manager)
    }
}

extension RedisCommands {
    /// `count` tasks with one RPUSH.
    func push(_ count: Int, to key: String = "jobs") throws {
        try send(["RPUSH", key] + (0..<count).map { "task-\($0)" })
    }
}

extension JSONValue {
    /// What a server makes of it with a merge patch (RFC 7386).
    func merged(with patch: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var result: [String: JSONValue] = if case .object(let own) = self { own } else { [:] }
        for (key, change) in changes {
            result[key] = change == .null ? nil : (result[key] ?? .null).merged(with: change)
        }
        return .object(result)
    }
}
