/// Why a text is not YAML, or not YAML that means something in JSON. Never repeats a value of the text.
public struct YAMLError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    public let reason: String
    /// Line of the place, from 1.
    public let line: Int
    /// Column of the place, from 1.
    public let column: Int

    /// `line 3, column 5: the reason`
    public var description: String { "line \(line), column \(column): \(reason)" }
}
