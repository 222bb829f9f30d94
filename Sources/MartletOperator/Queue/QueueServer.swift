public import KubernetesModel
public import Redis
import Synchronization

/// Observes the queues of one Redis server: one connection a node that is told of changes, and another for the
/// heartbeats of Celery's workers while a Celery query exists.
///
/// All methods may be called from any thread, before and during ``run()``, and never block on I/O. What to do when is
/// decided by ``QueueServerState``; this is the shell around it.
public final class QueueServer: Sendable {
    private struct Shared {
        var state: QueueServerState
        /// While the server runs.
        var readers: [QueueNodeID: QueueNodeReader] = [:]
        /// While the server runs, and is a cluster.
        var watch: ClusterWatch?
        /// How many queries use each prefix of Celery's keys.
        var prefixes: [String: Int] = [:]
    }

    /// What this server was made for.
    public let configuration: QueueServerConfiguration
    private let shared: Mutex<Shared>
    private let io: RedisIO
    private let hostPolicy: RedisHostPolicy
    private let now: @Sendable () -> ContinuousClock.Instant
    private let onChange: @Sendable ([ObjectKey]) -> Void
    private let feed: WorkerFeed

    /// - Parameters:
    ///   - configuration: must name at least one address.
    ///   - onChange: called from within ``run()``, possibly for several nodes at once, with the ids whose observation
    ///     changed in a figure, a failure or the source. It must be quick: add to a work queue and return.
    ///   - onWorkers: called in order from within ``run()``, with the time of arrival; it must be quick.
    public init(
        _ configuration: QueueServerConfiguration, io: RedisIO, hostPolicy: @escaping RedisHostPolicy,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        onChange: @escaping @Sendable ([ObjectKey]) -> Void,
        onWorkers: @escaping @Sendable (WorkerEvent, ContinuousClock.Instant) -> Void
    ) {
        self.configuration = configuration
        self.io = io
        self.hostPolicy = hostPolicy
        self.now = now
        self.onChange = onChange
        switch configuration.topology {
        case .standalone, .sentinel: shared = Mutex(Shared(state: QueueServerState(.sole)))
        case .cluster: shared = Mutex(Shared(state: QueueServerState(.cluster(nil))))
        }
        feed = WorkerFeed(database: configuration.database, io: io, now: now, onWorkers: onWorkers)
    }

    /// Observes `query` for `id`, instead of what `id` observed before. The same query again changes nothing but which
    /// Pods there are, during which the reading stays.
    /// - Parameters:
    ///   - pods: names of the Pods whose own keys are to be observed, where the query has ``PodKeyPattern``s. The keys of
    ///     one that is no longer among them count as in flight until they are seen empty.
    ///   - pollingEvery: how often a stream's group is read while it has anything to do, because nobody tells of what
    ///     consumers take and acknowledge; and how often everything is where tracking is refused, for which the shortest
    ///     of all ids counts for the server.
    public func observe(
        _ id: ObjectKey, _ query: QueueQuery, pods: Set<String> = [], pollingEvery: Duration = .seconds(2)
    ) {
        let now = now()
        change(id) { $0.receive(.observed(id, query, pods: pods, pollingEvery: pollingEvery), at: now) }
    }

    /// Forgets `id`; ``onChange`` is not called for it any more, except for a call that is under way.
    public func stopObserving(_ id: ObjectKey) {
        let now = now()
        change(id) { $0.receive(.unobserved(id), at: now) }
    }

    /// True when nothing is observed, so that the owner may end ``run()``.
    public var isUnused: Bool { shared.withLock { $0.state.observers.isEmpty } }

    /// nil: `id` is not observed, or was neither read nor failed yet.
    public func observation(for id: ObjectKey) -> QueueObservation? {
        shared.withLock { $0.state.observation(for: id) }
    }

    /// Keeps the connections up until cancelled; then all connections are closed. May be called once.
    public func run() async {
        guard let first = configuration.addresses.first else { return }
        let settings = RedisConfiguration(
            address: first, credentials: configuration.credentials, database: configuration.database,
            tls: configuration.tls)
        let others = Array(configuration.addresses.dropFirst())
        switch configuration.topology {
        case .standalone, .sentinel: await follow(settings, others)
        case .cluster: await followCluster(settings, others)
        }
    }

    private func follow(_ settings: RedisConfiguration, _ others: [RedisAddress]) async {
        let watch = sentinelWatch()
        let reader = reader(of: .sole)
        let reads = session(settings, watch) { reader.receive(push: $0) }
        let events = session(settings, watch) { self.feed.receive(push: $0) }
        shared.withLock { $0.readers[.sole] = reader }
        await withDiscardingTaskGroup { group in
            if let watch { group.addTask { await watch.run() } }
            group.addTask { await self.feed.run(over: events) }
            reader.wake()
            await reader.run(over: reads)
            group.cancelAll()
        }
    }

    private func sentinelWatch() -> SentinelWatch? {
        switch configuration.topology {
        case .standalone, .cluster: nil
        case .sentinel(let master, let credentials):
            SentinelWatch(
                master: master, sentinels: configuration.addresses, credentials: credentials, tls: configuration.tls,
                io: io, hostPolicy: hostPolicy)
        }
    }

    private func session(
        _ settings: RedisConfiguration, _ watch: SentinelWatch?, onPush: @escaping @Sendable (RedisPush) -> Void
    ) -> RedisSession {
        if let watch { return RedisSession(settings, to: watch, io: io, hostPolicy: hostPolicy, onPush: onPush) }
        return RedisSession(
            settings, otherAddresses: Array(configuration.addresses.dropFirst()), io: io, hostPolicy: hostPolicy,
            onPush: onPush)
    }

    /// A reader a master, and one that tells of the keys without one. Any node hears what is published at another.
    private func followCluster(_ settings: RedisConfiguration, _ others: [RedisAddress]) async {
        let watch = ClusterWatch(
            settings, otherAddresses: others, io: io, hostPolicy: hostPolicy, now: now,
            onPush: { [self] master, push in
                shared.withLock { $0.readers[.master(master)] }?.receive(push: push)
            })
        let events = RedisSession(
            settings, addresses: { watch.addresses }, io: io, hostPolicy: hostPolicy,
            onPush: { self.feed.receive(push: $0) })
        let teller = reader(of: .nowhere)
        shared.withLock {
            $0.readers[.nowhere] = teller
            $0.watch = watch
        }
        await withDiscardingTaskGroup { group in
            group.addTask { await self.feed.run(over: events) }
            group.addTask { await teller.run() }
            teller.wake()
            await watch.run(
                { change in
                    switch change {
                    case .mapped(let map): self.receive(.mapped(map))
                    case .unmapped(let fault): self.receive(.unmapped(QueueFault(fault)))
                    case .leaving(let node, let slots): self.receive(.leaving(.master(node), slots))
                    }
                },
                master: { address, session in
                    let reader = self.reader(of: .master(address))
                    self.shared.withLock { $0.readers[.master(address)] = reader }
                    reader.wake()
                    await reader.run(over: session)
                    self.shared.withLock { $0.readers[.master(address)] = nil }
                })
            group.cancelAll()
        }
    }

    private func reader(of node: QueueNodeID) -> QueueNodeReader {
        QueueNodeReader(
            node, of: configuration.topology, io: io, now: now,
            port: QueueNodeReader.Port(
                next: { [self] in
                    let now = now()
                    return shared.withLock { $0.state.nextStep(of: node, at: now) }
                }, tell: { self.receive($0) }, notify: onChange))
    }

    private func change(_ id: ObjectKey, _ body: (inout QueueServerState) -> Void) {
        shared.withLock { shared in
            let before = shared.state.observers[id]?.query.celeryPrefix
            body(&shared.state)
            let after = shared.state.observers[id]?.query.celeryPrefix
            guard before != after else { return }
            if let after { shared.prefixes[after, default: 0] += 1 }
            if let before { shared.prefixes[before, default: 0] -= 1 }
            if let before, shared.prefixes[before] == 0 { shared.prefixes[before] = nil }
            // Under the lock, so that the last change is also the last that the feed hears of.
            feed.want(Set(shared.prefixes.keys))
        }
        wakeReaders()
    }

    private func receive(_ event: QueueServerState.Event) {
        let now = now()
        let disturbed = shared.withLock {
            $0.state.receive(event, at: now)
            return $0.state.takeDisturbed()
        }
        if !disturbed.isEmpty, let watch = shared.withLock({ $0.watch }) {
            for case .master(let address) in disturbed { watch.disturbed(by: address) }
        }
        wakeReaders()
    }

    /// What happens at one node may make keys of another dirty.
    private func wakeReaders() {
        for reader in shared.withLock({ Array($0.readers.values) }) { reader.wake() }
    }
}

extension QueueQuery {
    /// What stands in front of Celery's keys and channels; nil for queues that are not Celery's.
    fileprivate var celeryPrefix: String? {
        switch self {
        case .list, .stream, .sortedSet: nil
        case .celery(_, _, let keyPrefix, _): keyPrefix
        }
    }
}
