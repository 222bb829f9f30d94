internal import FoundationEssentials
internal import KubernetesModel

/// JSON as commands print it: members sorted, slashes as they are.
enum JSONText {
    /// Over several lines, for people and for files.
    static func pretty(_ value: JSONValue) -> String { text(value, [.prettyPrinted]) }
    /// On one line, for streams of values.
    static func line(_ value: JSONValue) -> String { text(value, []) }

    private static func text(_ value: JSONValue, _ formatting: JSONEncoder.OutputFormatting) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting.union([.sortedKeys, .withoutEscapingSlashes])
        return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
    }

    /// Nil for what is no JSON.
    static func parse(_ bytes: [UInt8]) -> JSONValue? {
        try? JSONDecoder().decode(JSONValue.self, from: Data(bytes))
    }
}

extension JSONValue {
    /// An object of those members that are there.
    static func members(_ members: [String: JSONValue?]) -> JSONValue { .object(members.compactMapValues(\.self)) }
    /// Nil stays nil.
    static func number(_ value: Int?) -> JSONValue? { value.map { .integer(Int64($0)) } }
    static func text(_ value: String?) -> JSONValue? { value.map { .string($0) } }
}

/// Foreign text on its way to a terminal: control characters could move the cursor or change its title.
enum PlainText {
    /// Line ends and tabs stay; everything else below a space, and the C1 controls, become `?`.
    static func safe(_ text: String) -> String {
        var safe = ""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0A, 0x09: safe.unicodeScalars.append(scalar)
            case 0..<0x20, 0x7F..<0xA0: safe += "?"
            default: safe.unicodeScalars.append(scalar)
            }
        }
        return safe
    }
}
