/// Text that RunPod gave a thing as its name in URLs: letters, digits, `_` and `-`, as RunPod's own validator demands.
///
/// Nothing else gets in, so that an id from a foreign answer or a spec can't leave its place in a URL.
package protocol PathIdentifier: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible
where RawValue == String {
    /// Nil unless `rawValue` matches `^[a-zA-Z0-9_-]{1,128}$`.
    init?(rawValue: String)
}

extension PathIdentifier {
    /// The id as it goes over the wire.
    package var description: String { rawValue }

    static func isValid(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}

/// Names one serverless endpoint, on both planes. Example: `jpnw0v75y3qoql`; never take it apart.
package struct EndpointID: PathIdentifier {
    /// As on the wire.
    package let rawValue: String
    /// Nil if `rawValue` is no id.
    package init?(rawValue: String) {
        guard Self.isValid(rawValue) else { return nil }
        self.rawValue = rawValue
    }
    /// Nil if `text` is no id.
    package init?(_ text: String) { self.init(rawValue: text) }
}

/// Names one job of one endpoint. Example: `bd9227e3-…-u1`; never take it apart.
package struct JobID: PathIdentifier {
    /// As on the wire.
    package let rawValue: String
    /// Nil if `rawValue` is no id.
    package init?(rawValue: String) {
        guard Self.isValid(rawValue) else { return nil }
        self.rawValue = rawValue
    }
    /// Nil if `text` is no id.
    package init?(_ text: String) { self.init(rawValue: text) }
}

/// Names one template of the account or of the catalogue. It goes into bodies only, so any text may be one.
package struct TemplateID: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    /// As on the wire.
    package let rawValue: String
    /// Takes the text as it stands.
    package init(rawValue: String) { self.rawValue = rawValue }
    /// The id as it goes over the wire.
    package var description: String { rawValue }
}

/// Names a group of GPU types that serverless workers are taken from, such as `ADA_24`. Not a GPU type's name.
package struct GPUPool: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    /// As on the wire.
    package let rawValue: String
    /// Takes the text as it stands; `gpus()` tells which exist.
    package init(rawValue: String) { self.rawValue = rawValue }
    /// The id as it goes over the wire.
    package var description: String { rawValue }
}
