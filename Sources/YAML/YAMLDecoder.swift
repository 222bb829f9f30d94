internal import FoundationEssentials

/// Reads YAML into `Decodable` types by way of the JSON data model.
///
/// Scalars follow the core schema of YAML 1.2: `true`, `null`, `0x1f` and `1e3` are values; `yes`, `on`, dates and
/// anything quoted are strings. Anchors, aliases and merge keys (`<<`) are expanded within `YAMLLimits`.
public struct YAMLDecoder: Sendable {
    /// A decoder with the limits of `YAMLLimits`.
    public init() {}

    /// The only document of `text`. Throws `YAMLError` for malformed text, `DecodingError` where the shape is wrong.
    public func decode<T: Decodable>(_ type: T.Type, from text: String) throws -> T {
        try decode(type, from: Array(text.utf8))
    }

    /// The only document of `bytes`, which are UTF-8. Throws as the other form does.
    public func decode<T: Decodable>(_ type: T.Type, from bytes: [UInt8]) throws -> T {
        let documents = try YAMLValue.documents(in: bytes)
        guard documents.count <= 1 else {
            throw YAMLError(reason: "\(documents.count) documents where one is expected", line: 1, column: 1)
        }
        return try decode(type, from: documents.first ?? .null)
    }

    /// Every document of a stream separated by `---`; empty ones are left out.
    public func documents<T: Decodable>(_ type: T.Type, from bytes: [UInt8]) throws -> [T] {
        try YAMLValue.documents(in: bytes).filter { $0 != .null }.map { try decode(type, from: $0) }
    }

    private func decode<T: Decodable>(_ type: T.Type, from value: YAMLValue) throws -> T {
        try JSONDecoder().decode(type, from: Data(value.json()))
    }
}
