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

    private let configuration: RedisConfiguration
    private let addresses: @Sendable () -> [RedisAddress]
    private let io: RedisIO
    private let hostPolicy: RedisHostPolicy
    private let onPush: @Sendable (RedisPush) -> Void
    private let sleep: @Sendable (Duration) async throws -> Void
    private let watching: @Sendable (Event) -> Void

    /// - Parameters:
    ///   - onPush: called on the I/O thread; a push may come before the owner has handled the `connected` event.
    ///   - sleep: waits between attempts; throws when cancelled.
    ///   - watching: told of each event just before the owner is.
    public convenience init(
        _ configuration: RedisConfiguration, otherAddresses: [RedisAddress] = [], io: RedisIO,
        hostPolicy: @escaping RedisHostPolicy, onPush: @escaping @Sendable (RedisPush) -> Void,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        watching: @escaping @Sendable (Event) -> Void = { _ in }
    ) {
        let addresses = [configuration.address] + otherAddresses
        self.init(
            configuration, addresses: { addresses }, io: io, hostPolicy: hostPolicy, onPush: onPush, sleep: sleep,
            watching: watching)
    }

    /// For a server whose addresses change.
    ///
    /// - Parameter addresses: asked before each attempt; none: the configuration's is tried.
    public init(
        _ configuration: RedisConfiguration, addresses: @escaping @Sendable () -> [RedisAddress], io: RedisIO,
        hostPolicy: @escaping RedisHostPolicy, onPush: @escaping @Sendable (RedisPush) -> Void,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        watching: @escaping @Sendable (Event) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.addresses = addresses
        self.io = io
        self.hostPolicy = hostPolicy
        self.onPush = onPush
        self.sleep = sleep
        self.watching = watching
    }

    /// Runs until cancelled; the connection is closed when it returns.
    public func run(_ onEvent: @Sendable (Event) async -> Void) async {
        var state = RedisSessionState()
        var action = RedisSessionState.Action.connect(attempt: 0)
        var dialers: [RedisAddress: RedisDialer] = [:]
        while !Task.isCancelled {
            switch action {
            case .connect(let attempt):
                let current = addresses()
                let address = current.isEmpty ? configuration.address : current[attempt % current.count]
                dialers = dialers.filter { current.contains($0.key) }
                do throws(RedisError) {
                    let dialer: RedisDialer
                    if let known = dialers[address] { dialer = known } else { dialer = try self.dialer(of: address) }
                    dialers[address] = dialer
                    let connection = try await dialer.dial(onPush: onPush)
                    action = await stay(connection, &state, onEvent)
                } catch {
                    if Task.isCancelled { return }
                    watching(.lost(error))
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

    private func dialer(of address: RedisAddress) throws(RedisError) -> RedisDialer {
        var settings = configuration
        settings.address = address
        return try RedisDialer(settings, io: io, hostPolicy: hostPolicy)
    }

    private func stay(
        _ connection: RedisConnection, _ state: inout RedisSessionState, _ onEvent: @Sendable (Event) async -> Void
    ) async -> RedisSessionState.Action {
        _ = state.receive(.connected, jitter: 0)
        let start = NIODeadline.now()
        watching(.connected(connection))
        await onEvent(.connected(connection))
        let reason = await connection.waitUntilClosed()
        if !Task.isCancelled {
            watching(.lost(reason))
            await onEvent(.lost(reason))
        }
        let lifetime = Duration.nanoseconds((NIODeadline.now() - start).nanoseconds)
        return state.receive(.lost(after: lifetime), jitter: .random(in: 0...1))
    }
}
