internal import Glibc
internal import Kubernetes
internal import KubernetesModel
internal import RunPod

/// Finds API keys: in Secrets of the cluster, or in the environment.
struct RunPodKeySource {
    /// As RunPod's own tools call it.
    static let variable = "RUNPOD_API_KEY"

    /// The key of the environment; nil: not set. Throws if it can't be one.
    static func environment() throws(CommandFailure) -> RunPodKey? {
        guard let text = getenv(variable).map({ String(cString: $0) }), !text.isEmpty else { return nil }
        guard let key = RunPodKey(text) else {
            throw CommandFailure("\(variable) is no API key: something but visible ASCII is in it")
        }
        return key
    }

    /// The key of the environment. Throws what to do if it is not set.
    static func demandedEnvironment() throws(CommandFailure) -> RunPodKey {
        guard let key = try environment() else {
            throw CommandFailure("without a cluster the API key comes from the environment: set \(variable)")
        }
        return key
    }

    let client: KubernetesClient

    /// The key in `field` of a Secret. Where the Secret may not be read, `RUNPOD_API_KEY` is taken instead, if it is set.
    func key(_ secret: ObjectKey, _ field: String) async throws(CommandFailure) -> RunPodKey {
        let found: Secret
        do throws(KubernetesError) {
            found = try await client.resources(Secret.self).get(secret)
        } catch {
            if error.isForbidden, let key = try Self.environment() { return key }
            guard !error.isNotFound else {
                throw CommandFailure(
                    "Secret \(secret) with the RunPod API key does not exist; create it with key \(field)")
            }
            throw CommandFailure("\(error)" + (error.isForbidden ? "; you may set \(Self.variable) instead" : ""))
        }
        return try Self.key(in: found, field)
    }

    static func key(in secret: Secret, _ field: String) throws(CommandFailure) -> RunPodKey {
        guard let bytes = secret.data[field] else {
            throw CommandFailure("Secret \(secret.key) has no key \(field)")
        }
        guard let key = RunPodKey(String(decoding: bytes, as: UTF8.self)) else {
            throw CommandFailure("key \(field) of Secret \(secret.key) holds no API key")
        }
        return key
    }
}
