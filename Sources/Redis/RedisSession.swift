internal import NIOCore

/// Keeps one connection to a server up: connect, hand it out, wait for its end, back off (100 ms to 10 s with
/// jitter), connect again.
///
/// Several addresses are names of one server, tried in turn. A session may also follow a ``SentinelWatch``: then the
/// server is the master that the sentinels name, and the session moves with it at once.
public final class RedisSession: Sendable {
    /// What the owner is told, in order, from within ``run(_:)``.
    public enum Event: Sendable {
        case connected(RedisConnection)
        /// An attempt failed, or the connection ended; the next attempt follows by itself.
        case lost(RedisError)
    }

    private enum Destination: Sendable {
        /// Asked before each attempt.
        case addresses(@Sendable () -> [RedisAddress], RedisSessionState)
        case master(SentinelWatch)
    }

    /// A connection to a master is asked this often whether it still is one: a server that no client writes to tells
    /// nobody that it was demoted, and one that is cut off tells nothing at all.
    static let roleInterval = Duration.seconds(10)

    private let configuration: RedisConfiguration
    private let destination: Destination
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
    public convenience init(
        _ configuration: RedisConfiguration, addresses: @escaping @Sendable () -> [RedisAddress], io: RedisIO,
        hostPolicy: @escaping RedisHostPolicy, onPush: @escaping @Sendable (RedisPush) -> Void,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        watching: @escaping @Sendable (Event) -> Void = { _ in }
    ) {
        self.init(
            configuration, .addresses(addresses, RedisSessionState()), io: io, hostPolicy: hostPolicy, onPush: onPush,
            sleep: sleep, watching: watching)
    }

    /// - Parameters:
    ///   - master: runs elsewhere, and may be followed by several sessions. Of `configuration` the address is not used,
    ///     and the role is always that of a master.
    ///   - onPush: called on the I/O thread; a push may come before the owner has handled the `connected` event.
    public convenience init(
        _ configuration: RedisConfiguration, to master: SentinelWatch, io: RedisIO,
        hostPolicy: @escaping RedisHostPolicy, onPush: @escaping @Sendable (RedisPush) -> Void
    ) {
        var configuration = configuration
        configuration.role = .master
        self.init(
            configuration, .master(master), io: io, hostPolicy: hostPolicy, onPush: onPush,
            sleep: { try await Task.sleep(for: $0) }, watching: { _ in })
    }

    /// To one of several sentinels.
    convenience init(
        _ configuration: RedisConfiguration, sentinels: @escaping @Sendable () -> [RedisAddress], io: RedisIO,
        hostPolicy: @escaping RedisHostPolicy, onPush: @escaping @Sendable (RedisPush) -> Void
    ) {
        self.init(
            configuration, .addresses(sentinels, .followed), io: io, hostPolicy: hostPolicy, onPush: onPush,
            sleep: { try await Task.sleep(for: $0) }, watching: { _ in })
    }

    private init(
        _ configuration: RedisConfiguration, _ destination: Destination, io: RedisIO,
        hostPolicy: @escaping RedisHostPolicy, onPush: @escaping @Sendable (RedisPush) -> Void,
        sleep: @escaping @Sendable (Duration) async throws -> Void, watching: @escaping @Sendable (Event) -> Void
    ) {
        self.configuration = configuration
        self.destination = destination
        self.io = io
        self.hostPolicy = hostPolicy
        self.onPush = onPush
        self.sleep = sleep
        self.watching = watching
    }

    /// Runs until cancelled; the connection is closed when it returns.
    public func run(_ onEvent: @escaping @Sendable (Event) async -> Void) async {
        switch destination {
        case .addresses(let addresses, let state): await keepUp(addresses, state, onEvent)
        case .master(let watch): await follow(watch, onEvent)
        }
    }

    private func keepUp(
        _ addresses: @Sendable () -> [RedisAddress], _ initial: RedisSessionState,
        _ onEvent: @escaping @Sendable (Event) async -> Void
    ) async {
        var state = initial
        var action = RedisSessionState.Action.connect(attempt: 0)
        var known: RedisDialer?
        while !Task.isCancelled {
            switch action {
            case .connect(let attempt):
                do throws(RedisError) {
                    let dialer: RedisDialer
                    if let known {
                        dialer = known
                    } else {
                        dialer = try RedisDialer(configuration, io: io, hostPolicy: hostPolicy)
                        known = dialer
                    }
                    let current = addresses()
                    let address = current.isEmpty ? configuration.address : current[attempt % current.count]
                    let connection = try await dialer.redirected(to: address).dial(onPush: onPush)
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

    private func stay(
        _ connection: RedisConnection, _ state: inout RedisSessionState,
        _ onEvent: @escaping @Sendable (Event) async -> Void
    ) async -> RedisSessionState.Action {
        _ = state.receive(.connected, jitter: 0)
        let start = NIODeadline.now()
        watching(.connected(connection))
        await onEvent(.connected(connection))
        let reason = await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.keepAskingForRole(connection) }
            let reason = await connection.waitUntilClosed()
            group.cancelAll()
            return reason
        }
        if !Task.isCancelled {
            watching(.lost(reason))
            await onEvent(.lost(reason))
        }
        let lifetime = Duration.nanoseconds((NIODeadline.now() - start).nanoseconds)
        return state.receive(.lost(after: lifetime), jitter: .random(in: 0...1))
    }

    /// A connection that fails the question closes.
    private func keepAskingForRole(_ connection: RedisConnection) async {
        guard configuration.role == .master else { return }
        while (try? await Task.sleep(for: Self.roleInterval)) != nil, (try? await connection.confirmRole()) != nil {}
    }
}

extension RedisSession {
    private func follow(_ watch: SentinelWatch, _ onEvent: @escaping @Sendable (Event) async -> Void) async {
        var views = watch.views().makeAsyncIterator()
        var next = await views.next()
        while let view = next, !Task.isCancelled {
            guard let master = view.master else {
                if let failure = view.failure { await onEvent(.lost(.sentinelFailed(failure))) }
                next = await views.next()
                continue
            }
            next = await withDiscardingTaskGroup { group in
                group.addTask {
                    await self.keepUp({ [master] }, .followed) { event in
                        await onEvent(Self.told(event, of: master, by: watch))
                    }
                }
                var later = await views.next()
                while let view = later, view.master == master { later = await views.next() }
                group.cancelAll()
                return later
            }
            if !Task.isCancelled { await onEvent(.lost(.masterMoved)) }
        }
    }

    /// A master that is lost is a reason to ask the sentinels again. If they can't be asked, that is what is wrong.
    private static func told(_ event: Event, of master: RedisAddress, by watch: SentinelWatch) -> Event {
        switch event {
        case .connected: return event
        case .lost(let error):
            watch.doubt(master)
            switch error {
            case .connectFailed, .connectTimedOut, .lookupFailed, .commandTimedOut, .closed, .notMaster:
                return watch.view.failure.map { .lost(.sentinelFailed($0)) } ?? event
            case .hostRefused, .tlsConfigurationInvalid, .tlsHandshakeFailed, .handshakeRefused, .protocolViolated,
                .masterMoved, .sentinelFailed:
                return event
            }
        }
    }
}
