internal import NIOCore

/// Keeps one connection to a server up: connect, hand it out, wait for its end, back off (100 ms to 10 s with
/// jitter), connect again.
///
/// Several addresses are names of one server, tried in turn.
public final class RedisSession: Sendable {
    /// What the owner is told, in order, from within ``run(_:)``.
    public enum Event: Sendable {
        case connected(RedisConnection)
        /// An attempt failed, or the connection ended; the next attempt follows by itself.
        case lost(RedisError)
    }

    private let configurations: [RedisConfiguration]
    private let io: RedisIO
    private let hostPolicy: RedisHostPolicy
    private let onPush: @Sendable (RedisPush) -> Void
    private let sleep: @Sendable (Duration) async throws -> Void

    /// - Parameters:
    ///   - onPush: called on the I/O thread; a push may come before the owner has handled the `connected` event.
    ///   - sleep: waits between attempts; throws when cancelled.
    public init(
        _ configuration: RedisConfiguration, otherAddresses: [RedisAddress] = [], io: RedisIO,
        hostPolicy: @escaping RedisHostPolicy, onPush: @escaping @Sendable (RedisPush) -> Void,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        configurations =
            [configuration]
            + otherAddresses.map {
                var other = configuration
                other.address = $0
                return other
            }
        self.io = io
        self.hostPolicy = hostPolicy
        self.onPush = onPush
        self.sleep = sleep
    }

    /// Runs until cancelled; the connection is closed when it returns.
    public func run(_ onEvent: @Sendable (Event) async -> Void) async {
        var state = RedisSessionState()
        var action = RedisSessionState.Action.connect(attempt: 0)
        var dialers: [Int: RedisDialer] = [:]
        while !Task.isCancelled {
            switch action {
            case .connect(let attempt):
                let index = attempt % configurations.count
                do throws(RedisError) {
                    let dialer: RedisDialer
                    if let known = dialers[index] {
                        dialer = known
                    } else {
                        dialer = try RedisDialer(configurations[index], io: io, hostPolicy: hostPolicy)
                        dialers[index] = dialer
                    }
                    let connection = try await dialer.dial(onPush: onPush)
                    action = await stay(connection, &state, onEvent)
                } catch {
                    if Task.isCancelled { return }
                    await onEvent(.lost(error))
                    action = state.receive(.failed, jitter: .random(in: 0...1))
                }
            case .wait(let duration):
                do { try await sleep(duration) } catch { return }
                action = state.receive(.waited, jitter: .random(in: 0...1))
            case .hold:
                preconditionFailure("a session either connects or waits")
            }
        }
    }

    private func stay(
        _ connection: RedisConnection, _ state: inout RedisSessionState, _ onEvent: @Sendable (Event) async -> Void
    ) async -> RedisSessionState.Action {
        _ = state.receive(.connected, jitter: 0)
        let start = NIODeadline.now()
        await onEvent(.connected(connection))
        let reason = await connection.waitUntilClosed()
        if !Task.isCancelled { await onEvent(.lost(reason)) }
        let lifetime = Duration.nanoseconds((NIODeadline.now() - start).nanoseconds)
        return state.receive(.lost(after: lifetime), jitter: .random(in: 0...1))
    }
}
