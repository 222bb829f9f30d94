/// A YAML document in the JSON data model. Keys are strings; their order is not kept.
public enum YAMLValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case array([YAMLValue])
    case object([String: YAMLValue])
}
