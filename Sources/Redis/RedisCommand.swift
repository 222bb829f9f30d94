/// A command with its arguments, ready to be sent.
public struct RedisCommand: Hashable, Sendable {
    /// The command's name first.
    public let arguments: [String]

    /// The command's name, then its arguments.
    public init(_ arguments: String...) { self.arguments = arguments }
    /// For arguments that are counted at run time.
    public init(arguments: [String]) { self.arguments = arguments }
}
