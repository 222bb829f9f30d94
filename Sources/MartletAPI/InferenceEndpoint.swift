public import KubernetesModel

/// Capacity for one model: in-cluster workers behind a queue, a RunPod serverless endpoint, or both.
///
/// Decoding never fails for what a user wrote: a list of a thousand objects must not be lost to one bad field.
/// What can't be read is kept as ``SpecDecoding/malformed(_:)``; a status that can't be read counts as absent.
public struct InferenceEndpoint: KubernetesObject, Equatable {
    /// `inferenceendpoints.martlet.dev`, version `v1alpha1`.
    public static let resourceType = ResourceType(
        group: "martlet.dev", version: "v1alpha1", plural: "inferenceendpoints", kind: "InferenceEndpoint")

    /// Name, namespace, generation and what else the operator reads.
    public var metadata: ObjectMeta
    /// What is asked for, as far as it can be read.
    public var spec: SpecDecoding
    /// What the operator last said; nil before it has, or if it can't be read.
    public var status: InferenceEndpointStatus?

    /// An object to be created.
    public init(metadata: ObjectMeta, spec: InferenceEndpointSpec, status: InferenceEndpointStatus? = nil) {
        self.metadata = metadata
        self.spec = .valid(spec)
        self.status = status
    }

    /// Throws only for metadata that no API server sends.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        metadata = try container.decode(ObjectMeta.self, forKey: .metadata)
        spec = SpecDecoding(from: container, forKey: .spec)
        status = (try? container.decodeIfPresent(InferenceEndpointStatus.self, forKey: .status)) ?? nil
    }

    /// Writes `apiVersion` and `kind` too, so that the object can be created; a malformed spec is left out.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Self.resourceType.apiVersion, forKey: .apiVersion)
        try container.encode(Self.resourceType.kind, forKey: .kind)
        try container.encode(metadata, forKey: .metadata)
        if case .valid(let spec) = spec { try container.encode(spec, forKey: .spec) }
        try container.encodeIfPresent(status, forKey: .status)
    }

    enum CodingKeys: String, CodingKey { case apiVersion, kind, metadata, spec, status }
}

/// What became of the `spec` that the API server sent.
public enum SpecDecoding: Sendable, Equatable {
    case valid(InferenceEndpointSpec)
    /// Where and what, such as `spec.queue.tasksPerReplica: expected a whole number`; never the value itself.
    case malformed(String)

    init<Key: CodingKey>(from container: KeyedDecodingContainer<Key>, forKey key: Key) {
        do {
            self = .valid(try container.decodeIfPresent(InferenceEndpointSpec.self, forKey: key) ?? .init())
        } catch {
            self = .malformed(Self.describe(error))
        }
    }

    /// The values are left out on purpose: an `env` entry may hold a secret.
    private static func describe(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "spec: can't be read" }
        switch error {
        case .typeMismatch(let type, let context): return "\(path(context)): expected \(noun(for: type))"
        case .valueNotFound(let type, let context): return "\(path(context)): expected \(noun(for: type)), not null"
        case .keyNotFound(let key, let context):
            return "\(path(context)): \(key.stringValue.prefix(longestName)) is required"
        case .dataCorrupted(let context): return "\(path(context)): not an allowed value"
        @unknown default: return "spec: can't be read"
        }
    }

    private static func path(_ context: DecodingError.Context) -> String {
        var path = ""
        for key in context.codingPath {
            if let index = key.intValue {
                path += "[\(index)]"
            } else {
                path += (path.isEmpty ? "" : ".") + key.stringValue.prefix(longestName)
            }
        }
        return path
    }

    private static func noun(for type: any Any.Type) -> String {
        switch type {
        case is any FixedWidthInteger.Type: "a whole number"
        case is Bool.Type: "true or false"
        case is String.Type: "a text"
        case is [Any].Type: "a list"
        default: "an object"
        }
    }

    /// Characters of a key shown in a message; a foreign key may be a megabyte long.
    private static var longestName: Int { 64 }
}
