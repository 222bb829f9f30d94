internal import KubernetesModel

/// The environment of an endpoint's containers. Values are secrets: neither describing nor reflecting shows them.
package struct EnvironmentVariables: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    /// By name.
    package var values: [String: String]

    /// Takes them as they stand.
    package init(_ values: [String: String]) { self.values = values }
    /// Takes them as they stand; the last of several equal names counts.
    package init(dictionaryLiteral elements: (String, String)...) {
        values = Dictionary(elements, uniquingKeysWith: { $1 })
    }

    /// The value under `name`, such as the owner's marker.
    package subscript(name: String) -> String? {
        get { values[name] }
        set { values[name] = newValue }
    }
}

extension EnvironmentVariables: Codable {
    /// Reads an object; numbers and Booleans become text, so that one of them does not hide the others.
    package init(from decoder: any Decoder) throws {
        values = try decoder.singleValueContainer().decode([String: JSONValue].self).compactMapValues { value in
            switch value {
            case .string(let text): text
            case .integer(let number): "\(number)"
            case .number(let number): "\(number)"
            case .bool(let flag): "\(flag)"
            case .null, .array, .object: nil
            }
        }
    }

    /// Writes an object of strings.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(values)
    }
}

extension EnvironmentVariables: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// How many there are; no name, no value.
    package var description: String { "\(values.count) variables" }
    /// As `description`.
    package var debugDescription: String { description }
    /// Without members, so that dumping an endpoint shows no value.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
