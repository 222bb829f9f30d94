/// The one I/O thread that all connections of a process share.
public final class RedisIO: Sendable {
    public init() {}
    /// Ends the thread; call after the last connection is closed.
    public func shutDown() async {}
}
