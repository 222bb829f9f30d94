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

extension RESPValue {
    /// A map's values by name, also of a map that RESP2 sends as a plain array; empty for anything else.
    package var fields: [String: RESPValue] {
        switch self {
        case .map(let pairs), .array(let pairs):
            var fields: [String: RESPValue] = [:]
            for index in stride(from: 0, to: pairs.count - 1, by: 2) {
                if let name = pairs[index].text { fields[name] = pairs[index + 1] }
            }
            return fields
        case .null, .integer, .double, .boolean, .string, .error, .set, .push: return [:]
        }
    }
}
