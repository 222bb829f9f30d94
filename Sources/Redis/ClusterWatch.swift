import Synchronization

/// What a ``ClusterWatch`` found out.
public enum ClusterChange: Hashable, Sendable {
    /// The slots as they are held from now on.
    case mapped(ClusterMap)
    /// None of the given addresses leads to a cluster; the search goes on.
    case unmapped(ClusterFault)
    /// These slots of a master are on their way to others. Keys that were not there when the move began are created
    /// at the other end, of which nobody tells: until the slots are whole again they have to be polled.
    case leaving(RedisAddress, Set<RedisSlot>)
}

/// Follows a Redis Cluster: finds it at the given addresses, keeps one connection to each master (never to a replica)
/// and the slot map current.
///
/// The map is asked for over the connections that exist, each second, and at once (200 ms apart) when a connection
/// ends or its user was told that a key is elsewhere. Every address that the cluster names is held to the host policy.
/// With all masters gone the given addresses are tried again, with growing waits and jitter.
public final class ClusterWatch: Sendable {
    private struct Shared {
        var state: ClusterWatchState
        var map: ClusterMap?
        var connections: [RedisAddress: RedisConnection] = [:]
    }

    private let configuration: RedisConfiguration
    private let seeds: [RedisAddress]
    private let io: RedisIO
    private let hostPolicy: RedisHostPolicy
    private let onPush: @Sendable (RedisAddress, RedisPush) -> Void
    private let now: @Sendable () -> ContinuousClock.Instant
    private let shared: Mutex<Shared>
    private let signal: WakeSignal

    /// - Parameters:
    ///   - configuration: for each node; its address is the first to be tried. A cluster has only database 0.
    ///   - otherAddresses: further nodes to find the cluster at.
    ///   - onPush: called on the I/O thread with the master that sent it; it must be quick.
    public init(
        _ configuration: RedisConfiguration, otherAddresses: [RedisAddress] = [], io: RedisIO,
        hostPolicy: @escaping RedisHostPolicy, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        onPush: @escaping @Sendable (RedisAddress, RedisPush) -> Void
    ) {
        self.configuration = configuration
        self.io = io
        self.hostPolicy = hostPolicy
        self.onPush = onPush
        self.now = now
        seeds = [configuration.address] + otherAddresses
        shared = Mutex(Shared(state: ClusterWatchState(seeds: seeds, at: now())))
        signal = WakeSignal(io: io)
    }

    /// Where any node will do: the masters, or before they are known the given addresses.
    public var addresses: [RedisAddress] { shared.withLock { $0.map?.masters } ?? seeds }

    /// A node answered `MOVED`, `ASK` or `CLUSTERDOWN`: the map is asked for again, from that node first.
    public func disturbed(by node: RedisAddress) { receive(.disturbed(by: node)) }

    /// Runs until cancelled; may be called once.
    ///
    /// - Parameters:
    ///   - onChange: called in order, never concurrently; it must be quick.
    ///   - master: called for each master after the map that names it was told, as a task of its own: it must run the
    ///     session, and is cancelled when the node is no master any more.
    public func run(
        _ onChange: @Sendable (ClusterChange) -> Void,
        master: @escaping @Sendable (RedisAddress, RedisSession) async -> Void
    ) async {
        await withDiscardingTaskGroup { group in
            var closers: [RedisAddress: AsyncStream<Void>.Continuation] = [:]
            signal.wake()
            for await _ in signal.signals {
                var isResting = false
                while !isResting, !Task.isCancelled {
                    let now = now()
                    switch shared.withLock({ $0.state.nextStep(at: now) }) {
                    case .tell(let change):
                        if case .mapped(let map) = change { shared.withLock { $0.map = map } }
                        onChange(change)
                    case .search(let address): group.addTask { await self.search(address) }
                    case .ask(let address): group.addTask { await self.ask(address) }
                    case .open(let address):
                        let (closed, closer) = AsyncStream<Void>.makeStream()
                        closers[address] = closer
                        group.addTask { await self.keep(address, until: closed, master) }
                    case .close(let address): closers.removeValue(forKey: address)?.finish()
                    case .rest(let until):
                        signal.wake(at: until, now: now)
                        isResting = true
                    }
                }
            }
            signal.wake(at: nil, now: now())
            group.cancelAll()
        }
    }

    private func receive(_ event: ClusterWatchState.Event) {
        let now = now()
        shared.withLock { $0.state.receive(event, at: now, jitter: .random(in: 0...1)) }
        signal.wake()
    }

    private func settings(_ address: RedisAddress) -> RedisConfiguration {
        var settings = configuration
        settings.address = address
        return settings
    }

    private func search(_ address: RedisAddress) async {
        do throws(RedisError) {
            let connection = try await RedisConnection.open(
                settings(address), io: io, hostPolicy: hostPolicy, onPush: { _ in })
            defer { connection.close() }
            receive(.found(address, Self.view(try await connection.send(ClusterView.commands), from: address)))
        } catch {
            receive(.found(address, .failure(.unreachable(error))))
        }
    }

    /// A connection that ends meanwhile is reported by its session.
    private func ask(_ address: RedisAddress) async {
        let connection = shared.withLock { $0.connections[address] }
        guard let replies = try? await connection?.send(ClusterView.commands) else { return }
        receive(.answered(address, Self.view(replies, from: address)))
    }

    private static func view(_ replies: [RESPValue], from address: RedisAddress) -> Result<ClusterView, ClusterFault> {
        Result { () throws(ClusterFault) in try ClusterView(replies, from: address) }
    }

    private func keep(
        _ address: RedisAddress, until closed: AsyncStream<Void>,
        _ master: @escaping @Sendable (RedisAddress, RedisSession) async -> Void
    ) async {
        let session = RedisSession(
            settings(address), io: io, hostPolicy: hostPolicy, onPush: { [onPush] in onPush(address, $0) },
            watching: { [self] event in
                switch event {
                case .connected(let connection):
                    shared.withLock { $0.connections[address] = connection }
                    receive(.connected(address))
                case .lost:
                    shared.withLock { $0.connections[address] = nil }
                    receive(.lost(address))
                }
            })
        await withDiscardingTaskGroup { group in
            group.addTask { await master(address, session) }
            for await _ in closed {}
            group.cancelAll()
        }
        shared.withLock { $0.connections[address] = nil }
        receive(.ended(address))
    }
}
