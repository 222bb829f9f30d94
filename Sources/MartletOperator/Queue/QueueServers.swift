internal import ControllerRuntime
internal import KubernetesModel
internal import Redis
internal import Synchronization

/// The queue servers of all endpoints: one observer for each distinct server, user, database and TLS setting, started
/// with its first endpoint and ended with its last.
final class QueueServers: Sendable {
    /// A server's observer, and what its workers' heartbeats say.
    struct Member: Sendable {
        let server: QueueServer
        let roster: WorkerRoster
        fileprivate let stop: AsyncStream<Void>.Continuation
        fileprivate let stopped: AsyncStream<Void>

        /// Observes until the last endpoint has left. Never throws: a server that fails is tried again for ever.
        fileprivate func run() async {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await server.run() }
                group.addTask { for await _ in stopped {} }
                await group.next()
                group.cancelAll()
            }
        }
    }

    private struct State {
        var members: [QueueServerConfiguration: Member] = [:]
        var configurations: [ObjectKey: QueueServerConfiguration] = [:]
    }

    private let state = Mutex(State())
    private let starts = AsyncStream<Member>.makeStream()
    private let io = RedisIO()
    private let hostPolicy: RedisHostPolicy
    private let onChange: @Sendable ([ObjectKey]) -> Void
    private let onWorkers: @Sendable (WorkersChange) -> Void
    private let time: any TimeSource
    private let isPod: @Sendable (String) -> Bool

    /// - Parameters:
    ///   - onChange: endpoints whose queue says something new.
    ///   - onWorkers: whose workers say something new.
    ///   - isPod: whether a name is that of exactly one worker Pod; heartbeats of others are not kept.
    init(
        hostPolicy: @escaping RedisHostPolicy, time: any TimeSource, isPod: @escaping @Sendable (String) -> Bool,
        onChange: @escaping @Sendable ([ObjectKey]) -> Void,
        onWorkers: @escaping @Sendable (WorkersChange) -> Void
    ) {
        self.hostPolicy = hostPolicy
        self.time = time
        self.isPod = isPod
        self.onChange = onChange
        self.onWorkers = onWorkers
    }

    /// Observes `query` for `endpoint` on the server of `configuration`, instead of what it observed before.
    func observe(
        _ endpoint: ObjectKey, _ query: QueueQuery, pods: Set<String>, on configuration: QueueServerConfiguration,
        pollingEvery: Duration
    ) -> Member {
        let member = state.withLock { state in
            if let old = state.configurations[endpoint], old != configuration { leave(old, endpoint, &state) }
            state.configurations[endpoint] = configuration
            return state.members[configuration] ?? start(configuration, &state)
        }
        member.server.observe(endpoint, query, pods: pods, pollingEvery: pollingEvery)
        return member
    }

    /// Ends what `observe` began; nothing happens if it never did.
    func stopObserving(_ endpoint: ObjectKey) {
        state.withLock { state in
            if let old = state.configurations.removeValue(forKey: endpoint) { leave(old, endpoint, &state) }
        }
    }

    /// How many servers are observed.
    var count: Int { state.withLock { $0.members.count } }

    /// Runs the observers until the task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await member in starts.stream { group.addTask { await member.run() } }
            group.cancelAll()
        }
        await io.shutDown()
    }

    private func start(_ configuration: QueueServerConfiguration, _ state: inout State) -> Member {
        let roster = WorkerRoster(time: time, isPod: isPod)
        let server = QueueServer(
            configuration, io: io, hostPolicy: hostPolicy, onChange: onChange,
            onWorkers: { [weak self] event, _ in
                switch roster.receive(event) {
                case .nothing: break
                case .worker(let host): self?.onWorkers(.pod(named: host))
                case .everyWorker: self?.tellEveryEndpoint(of: configuration)
                }
            })
        let (stopped, stop) = AsyncStream<Void>.makeStream()
        let member = Member(server: server, roster: roster, stop: stop, stopped: stopped)
        state.members[configuration] = member
        starts.continuation.yield(member)
        return member
    }

    private func tellEveryEndpoint(of configuration: QueueServerConfiguration) {
        let endpoints = state.withLock { $0.configurations.filter { $0.value == configuration }.map(\.key) }
        onWorkers(.endpoints(endpoints))
    }

    private func leave(_ configuration: QueueServerConfiguration, _ endpoint: ObjectKey, _ state: inout State) {
        guard let member = state.members[configuration] else { return }
        member.server.stopObserving(endpoint)
        guard !state.configurations.contains(where: { $0.key != endpoint && $0.value == configuration }) else { return }
        state.members[configuration] = nil
        member.stop.finish()
    }
}

/// Whose workers said something new.
enum WorkersChange: Sendable {
    case pod(named: String)
    case endpoints([ObjectKey])
}
