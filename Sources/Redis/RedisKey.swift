/// The name of a key, compared byte by byte as Redis does (two spellings of `é` are two keys).
public struct RedisKey: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// As given; Celery's priority lists hold control characters.
    public let name: String

    /// Any text is a key.
    public init(_ name: String) { self.name = name }
    /// A literal is its own name.
    public init(stringLiteral name: String) { self.name = name }

    /// Equal bytes.
    public static func == (left: RedisKey, right: RedisKey) -> Bool {
        left.name.utf8.elementsEqual(right.name.utf8)
    }

    /// Over the bytes.
    public func hash(into hasher: inout Hasher) {
        var name = name
        name.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// The name as it is.
    public var description: String { name }
}
