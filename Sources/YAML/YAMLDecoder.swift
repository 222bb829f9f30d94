/// Reads YAML into `Decodable` types by way of the JSON data model.
///
/// Scalars follow the core schema of YAML 1.2: `true`, `null`, `0x1f` and `1e3` are values, `yes`, `on` and anything
/// quoted are strings.
public struct YAMLDecoder: Sendable {
    /// A decoder with the default limits.
    public init() {}

    /// The only document of `text`. Throws `YAMLError` for malformed text, `DecodingError` where the shape is wrong.
    public func decode<T: Decodable>(_ type: T.Type, from text: String) throws -> T {
        try decode(type, from: Array(text.utf8))
    }

    /// The only document of `bytes`, which are UTF-8. Throws as the other form does.
    public func decode<T: Decodable>(_ type: T.Type, from bytes: [UInt8]) throws -> T { fatalError() }

    /// Every document of a stream separated by `---`; empty ones are left out.
    public func documents<T: Decodable>(_ type: T.Type, from bytes: [UInt8]) throws -> [T] { fatalError() }
}
