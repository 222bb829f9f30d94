/// One reply, in the terms of RESP3; what RESP2 sends fits into the same cases.
///
/// Attributes are read and dropped. A verbatim string is a ``string(_:)`` without its format, a big number a
/// ``string(_:)`` of its digits.
public enum RESPValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case double(Double)
    case boolean(Bool)
    case string([UInt8])
    case error(RedisReplyError)
    case array([RESPValue])
    case set([RESPValue])
    /// Keys and values, alternating, in the order of the server.
    case map([RESPValue])
    /// Out of band: answers no command.
    case push([RESPValue])

    /// The text of a string, with bytes that are no UTF-8 replaced.
    public var text: String? {
        guard case .string(let bytes) = self else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    public var integer: Int? {
        guard case .integer(let number) = self else { return nil }
        return Int(number)
    }

    /// The elements of an array or a set.
    public var elements: [RESPValue]? {
        switch self {
        case .array(let elements), .set(let elements): elements
        case .null, .integer, .double, .boolean, .string, .error, .map, .push: nil
        }
    }
}

/// The name of a key, compared byte by byte as Redis does (two spellings of `é` are two keys).
public struct RedisKey: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    public let name: String

    public init(_ name: String) { self.name = name }
    public init(stringLiteral name: String) { self.name = name }

    public static func == (left: RedisKey, right: RedisKey) -> Bool {
        left.name.utf8.elementsEqual(right.name.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        var name = name
        name.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    public var description: String { name }
}

/// A command with its arguments, ready to be sent.
public struct RedisCommand: Hashable, Sendable {
    public let arguments: [String]

    public init(_ arguments: String...) { self.arguments = arguments }
    public init(arguments: [String]) { self.arguments = arguments }
}

/// What a server sends without being asked.
public enum RedisPush: Hashable, Sendable {
    /// These keys changed since this connection last read them (`CLIENT TRACKING`).
    case invalidated([RedisKey])
    /// Anything may have changed (`FLUSHALL`, `FLUSHDB`).
    case invalidatedAll
    case message(channel: String, payload: [UInt8])
    case patternMessage(pattern: String, channel: String, payload: [UInt8])
}
