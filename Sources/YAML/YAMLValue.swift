internal import CYAML

/// A YAML document in the JSON data model. Keys are strings; their order is not kept.
public enum YAMLValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case int(Int64)
    /// Also an integer that `Int64` does not hold.
    case double(Double)
    case string(String)
    case array([YAMLValue])
    case object([String: YAMLValue])

    /// Every document of the stream `bytes` (UTF-8, or UTF-16 with a byte order mark); an empty one is `null`.
    ///
    /// Throws for malformed text, duplicate keys, keys that are no scalars, tags that JSON has no type for, and what
    /// exceeds `YAMLLimits`.
    public static func documents(in bytes: [UInt8]) throws(YAMLError) -> [YAMLValue] {
        // A typed error does not pass through `withUnsafeBytes` of an array.
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(YAMLError) in
                var composer = YAMLComposer(YAMLEventParser(bytes))
                return try composer.documents()
            }
        }
        return try result.get()
    }

    /// The document as JSON text. Infinite numbers and NaN, which JSON lacks, become null.
    public func json() -> [UInt8] {
        var text: [UInt8] = []
        write(to: &text)
        return text
    }

    private func write(to text: inout [UInt8]) {
        switch self {
        case .null: text += "null".utf8
        case .bool(let value): text += (value ? "true" : "false").utf8
        case .int(let value): text += String(value).utf8
        case .double(let value): text += (value.isFinite ? String(value) : "null").utf8
        case .string(let value): Self.write(value, to: &text)
        case .array(let elements):
            text.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { text.append(UInt8(ascii: ",")) }
                element.write(to: &text)
            }
            text.append(UInt8(ascii: "]"))
        case .object(let members):
            text.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { text.append(UInt8(ascii: ",")) }
                Self.write(member.key, to: &text)
                text.append(UInt8(ascii: ":"))
                member.value.write(to: &text)
            }
            text.append(UInt8(ascii: "}"))
        }
    }

    /// RFC 8259, 7: quotation mark, reverse solidus and control characters must be escaped.
    private static func write(_ string: String, to text: inout [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        text.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
            case 0..<0x20: text += "\\u00".utf8 + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: text.append(byte)
            }
        }
        text.append(UInt8(ascii: "\""))
    }
}
