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

    /// The number of an integer reply.
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
