internal import FoundationEssentials

/// A Secret with its values decoded from base64. Printing one, in whatever way, shows keys only.
public struct Secret: KubernetesObject, Equatable {
    /// Where the API has the kind.
    public static let resourceType = ResourceType(group: "", version: "v1", plural: "secrets", kind: "Secret")
    /// Name, labels, owners.
    public var metadata: ObjectMeta
    /// `Opaque`, `kubernetes.io/tls` …
    public var type: String?
    /// The values by key, decoded.
    public var data: [String: [UInt8]]

    /// One to compare with or to send, made by hand.
    public init(metadata: ObjectMeta, type: String? = nil, data: [String: [UInt8]] = [:]) {
        self.metadata = metadata
        self.type = type
        self.data = data
    }

    private enum CodingKeys: String, CodingKey { case metadata, type, data }

    /// Decodes the values; throws `DecodingError`, without the value, for one that is not base64.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        metadata = try fields.decode(ObjectMeta.self, forKey: .metadata)
        type = try fields.decodeIfPresent(String.self, forKey: .type)
        data = try (fields.decodeIfPresent([String: String].self, forKey: .data) ?? [:]).mapValues { text in
            guard let bytes = Data(base64Encoded: text) else {
                throw DecodingError.dataCorruptedError(forKey: .data, in: fields, debugDescription: "not base64")
            }
            return [UInt8](bytes)
        }
    }

    /// Writes the API's form.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(metadata, forKey: .metadata)
        try fields.encodeIfPresent(type, forKey: .type)
        try fields.encode(data.mapValues { Data($0).base64EncodedString() }, forKey: .data)
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Its keys only.
    public var description: String { "Secret \(key) with keys \(data.keys.sorted())" }
    /// As `description`, so that no way of printing shows more.
    public var debugDescription: String { description }
    /// As `description`, for `dump` and debuggers.
    public var customMirror: Mirror { Mirror(self, children: ["metadata": metadata, "keys": data.keys.sorted()]) }
}
