/// How much one reply may make the client keep. A foreign server decides what arrives, so everything is bounded.
package struct RESPLimits: Hashable, Sendable {
    /// Of one string.
    package var bulkBytes = 16 << 20
    /// Of a line: numbers, simple strings, errors.
    package var lineBytes = 64 << 10
    /// Elements of one reply, summed over all its aggregates.
    package var elements = 1 << 20
    package var depth = 32
    /// Of one whole reply as sent.
    package var replyBytes = 64 << 20

    package init() {}
}
