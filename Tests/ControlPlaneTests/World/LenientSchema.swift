import Kubernetes
import KubernetesModel
import MartletAPI

extension ControlPlane {
    /// Serves InferenceEndpoints without any schema while `body` runs, as a server does that holds objects older than
    /// a rule: what the operator reads then is whatever a user wrote.
    func withoutSchema(_ body: () async throws -> Void) async throws {
        let definition = ObjectKey(name: "inferenceendpoints.martlet.dev")
        let raw = client.resources(RawObject.self, at: CustomResourceDefinition.resourceType)
        let strict = try await raw.get(definition)
        let lenient: JSONValue = [
            "openAPIV3Schema": ["type": "object", "x-kubernetes-preserve-unknown-fields": true]
        ]
        try await raw.mergePatch(definition, strict.patch(schema: lenient), as: Scene.manager)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        try await raw.mergePatch(definition, strict.patch(schema: strict.schema), as: Scene.manager)
        try outcome.get()
    }
}

/// An object with all its fields.
struct RawObject: KubernetesObject {
    static let resourceType = CustomResourceDefinition.resourceType
    var metadata: ObjectMeta
    var spec: JSONValue

    /// The schema of the definition's only version.
    var schema: JSONValue { spec["versions"]?.array?.first?["schema"] ?? .null }

    /// Lists are replaced whole by a merge patch.
    func patch(schema: JSONValue) -> JSONValue {
        guard case .object(var version)? = spec["versions"]?.array?.first else { return [:] }
        version["schema"] = schema
        return ["spec": ["versions": [.object(version)]]]
    }
}
