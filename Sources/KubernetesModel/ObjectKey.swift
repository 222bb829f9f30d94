/// The identity of a namespaced or cluster-scoped object within its kind.
public struct ObjectKey: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    /// Empty for cluster-scoped objects.
    public var namespace: String
    /// Unique in namespace and kind.
    public var name: String

    /// No namespace: a cluster-scoped object.
    public init(namespace: String = "", name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// `namespace/name`, as kubectl prints it.
    public var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

    /// By namespace, then by name.
    public static func < (left: ObjectKey, right: ObjectKey) -> Bool {
        (left.namespace, left.name) < (right.namespace, right.name)
    }
}

/// An opaque version of an object or a list. Never compared for order, only for equality.
public struct ResourceVersion: RawRepresentable, Hashable, Sendable, Codable {
    /// As on the wire.
    public let rawValue: String
    /// Takes the text as it stands.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// Reads the API's form; throws `DecodingError` where it is something else.
    public init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(String.self)
    }
    /// Writes the API's form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}
