internal import FoundationEssentials
internal import KubernetesModel

/// JSON as the API server reads and writes it.
enum WireFormat {
    // Both are safe to share: neither is changed after it was made.
    private static let decoder = JSONDecoder()
    private static let encoder = {
        let encoder = JSONEncoder()
        // Stable bytes: what is sent can be compared, in tests and by people.
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }()

    static func decode<T: Decodable>(_: T.Type, from data: Data) throws -> T {
        try decoder.decode(T.self, from: data)
    }

    static func encode(_ value: some Encodable) throws -> [UInt8] { [UInt8](try encoder.encode(value)) }

    /// Where and what was expected, never what was there: foreign bytes and secrets stay out of messages.
    static func describe(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, let context): "\(path(context.codingPath + [key])) is missing"
        case DecodingError.valueNotFound(_, let context): "\(path(context.codingPath)) is null"
        case DecodingError.typeMismatch(let type, let context): "\(path(context.codingPath)) is not of type \(type)"
        case DecodingError.dataCorrupted(let context):
            context.codingPath.isEmpty ? "not valid JSON" : "\(path(context.codingPath)) has an invalid value"
        default: "not readable"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.map { key in key.intValue.map { "[\($0)]" } ?? key.stringValue }.joined(separator: ".")
    }
}

/// A body with the `apiVersion` and `kind` that creating and applying demand; those of the content win.
struct TypedBody<Content: Encodable>: Encodable {
    let type: ResourceType
    let content: Content

    private enum Fields: String, CodingKey { case apiVersion, kind }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Fields.self)
        try fields.encode(type.apiVersion, forKey: .apiVersion)
        try fields.encode(type.kind, forKey: .kind)
        try content.encode(to: encoder)
    }
}
