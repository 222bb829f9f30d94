/// What a server sends without being asked.
public enum RedisPush: Hashable, Sendable {
    /// These keys changed since this connection last read them (`CLIENT TRACKING`).
    case invalidated([RedisKey])
    /// Anything may have changed (`FLUSHALL`, `FLUSHDB`).
    case invalidatedAll
    case message(channel: String, payload: [UInt8])
    case patternMessage(pattern: String, channel: String, payload: [UInt8])
}
