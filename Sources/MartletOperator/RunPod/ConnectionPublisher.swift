internal import FoundationEssentials
internal import Kubernetes
internal import KubernetesModel
internal import MartletAPI
internal import MartletDecisions

/// What applications need to use an endpoint.
struct ConnectionFacts: Sendable, Hashable {
    /// Nil: there is no endpoint at the moment.
    var endpointID: String?
    var isOpen: Bool
    /// Base URL of the jobs, without a slash at the end.
    var jobsURL: String

    /// As the ConfigMap holds it; every key is always there.
    var data: [String: String] {
        let base = endpointID.map { "\(jobsURL)/\($0)" }
        func url(_ path: String) -> String { base.map { "\($0)/\(path)" } ?? "" }
        return [
            "endpointId": endpointID ?? "", "runUrl": url("run"), "runsyncUrl": url("runsync"),
            "statusUrl": url("status"), "healthUrl": url("health"), "openaiBaseUrl": url("openai/v1"),
            "open": isOpen ? "true" : "false",
        ]
    }
}

/// Keeps the ConfigMap that an endpoint's author named up to date. One that exists without the endpoint as its owner is
/// somebody else's, and left alone.
struct ConnectionPublisher: Sendable {
    let configMaps: Resources<ConfigMap>

    private struct Body: Encodable {
        struct Metadata: Encodable {
            var name: String
            var labels = ["app.kubernetes.io/managed-by": "martlet"]
            var ownerReferences: [OwnerReference]
        }
        var metadata: Metadata
        var data: [String: String]
    }
    private struct Patch: Encodable {
        struct Metadata: Encodable { var resourceVersion: ResourceVersion? }
        var metadata: Metadata
        var data: [String: String]
    }

    /// Writes `facts` if the ConfigMap holds something else. Nil: it does now; else why it can't.
    func publish(_ facts: ConnectionFacts, in name: String, for endpoint: InferenceEndpoint) async -> Finding? {
        let key = ObjectKey(namespace: endpoint.key.namespace, name: name)
        do throws(KubernetesError) {
            do throws(KubernetesError) {
                let map = try await configMaps.get(key)
                guard map.metadata.ownerReferences?.contains(where: { $0.uid == endpoint.metadata.uid }) == true else {
                    return Finding(
                        "ConnectionPublished", .no, "ConnectionConflict",
                        "ConfigMap \(name) exists and is not this endpoint's: delete it, or name another in "
                            + "connection.configMapName.")
                }
                let isSame = facts.data.allSatisfy { map.data?[$0.key] == $0.value }
                if !isSame {
                    let version = Patch.Metadata(resourceVersion: map.metadata.resourceVersion)
                    try await configMaps.mergePatch(key, Patch(metadata: version, data: facts.data), as: .martlet)
                }
            } catch {
                guard error.isNotFound else { throw error }
                let owner = OwnerReference(
                    apiVersion: InferenceEndpoint.resourceType.apiVersion, kind: InferenceEndpoint.resourceType.kind,
                    name: endpoint.key.name, uid: endpoint.metadata.uid ?? "", controller: true)
                let body = Body(metadata: .init(name: name, ownerReferences: [owner]), data: facts.data)
                _ = try await configMaps.create(body, in: key.namespace, as: .martlet)
            }
        } catch {
            return Finding(
                "ConnectionPublished", .no, "ConnectionNotWritten", "ConfigMap \(name) can't be written: \(error)")
        }
        return Finding("ConnectionPublished", .yes, "Published", "ConfigMap \(name) holds the endpoint's id and URLs.")
    }
}
