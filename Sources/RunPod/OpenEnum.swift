/// A set of words of the vendor's that may grow: a new one is kept as `unknown`, never an error (F19).
package protocol OpenEnum: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible
where RawValue == String {
    /// The words known when this was written.
    static var known: [Self] { get }
    /// A word that came later.
    static func unknown(_ word: String) -> Self
    /// Takes any word.
    init(rawValue: String)
}

extension OpenEnum {
    /// Takes any word.
    package init(rawValue: String) { self = Self.known.first { $0.rawValue == rawValue } ?? .unknown(rawValue) }
    /// The word as on the wire.
    package var description: String { rawValue }

    /// Reads any string.
    package init(from decoder: any Decoder) throws {
        self.init(rawValue: try decoder.singleValueContainer().decode(String.self))
    }

    /// Writes the word.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}
