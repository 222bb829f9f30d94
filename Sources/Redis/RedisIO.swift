internal import NIOCore
internal import NIOPosix

/// The one I/O thread that all connections of a process share.
///
/// It exists so that no other module needs to know which networking library is underneath.
public final class RedisIO: Sendable {
    let group: MultiThreadedEventLoopGroup

    /// Starts the thread.
    public init() { group = MultiThreadedEventLoopGroup(numberOfThreads: 1) }

    var loop: any EventLoop { group.any() }

    /// Ends the thread; call after the last connection is closed.
    public func shutDown() async {
        // Fails only if it was shut down before.
        try? await group.shutdownGracefully()
    }

    /// Runs `action` once on the I/O thread, after `delay`; it must be quick.
    public func alarm(after delay: Duration, _ action: @escaping @Sendable () -> Void) -> Alarm {
        Alarm(scheduled: loop.scheduleTask(in: TimeAmount(delay), action))
    }

    /// Something that will run later unless it is cancelled.
    public struct Alarm: Sendable {
        let scheduled: Scheduled<Void>

        /// After this the action does not begin; it may be under way.
        public func cancel() { scheduled.cancel() }
    }
}
