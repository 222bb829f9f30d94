import KubernetesModel
import Redis
import Synchronization

/// Reads from one node: keeps its connection up and does, one step after the other, what the state asks of it.
final class QueueNodeReader: Sendable {
    /// The state that the readers of a server share, as one of them sees it.
    struct Port: Sendable {
        /// The next step of this node.
        let next: @Sendable () -> QueueServerState.Step
        /// Tells of something that happened; wakes every reader whom it may concern.
        let tell: @Sendable (QueueServerState.Event) -> Void
        /// Tells the owner of the server whose observation changed.
        let notify: @Sendable ([ObjectKey]) -> Void
    }

    private let node: QueueNodeID
    private let topology: QueueServerConfiguration.Topology
    private let port: Port
    private let now: @Sendable () -> ContinuousClock.Instant
    private let connection = Mutex<RedisConnection?>(nil)
    private let signal: WakeSignal

    init(
        _ node: QueueNodeID, of topology: QueueServerConfiguration.Topology, io: RedisIO,
        now: @escaping @Sendable () -> ContinuousClock.Instant, port: Port
    ) {
        self.node = node
        self.topology = topology
        self.port = port
        self.now = now
        signal = WakeSignal(io: io)
    }

    /// There may be something to do.
    func wake() { signal.wake() }

    /// For the session's pushes.
    func receive(push: RedisPush) {
        switch push {
        case .invalidated(let keys): port.tell(.invalidated(keys))
        case .invalidatedAll: port.tell(.invalidatedAll(node))
        case .message, .patternMessage: break
        }
    }

    /// Runs until cancelled; then the connection is closed.
    func run(over session: RedisSession) async {
        await withDiscardingTaskGroup { group in
            group.addTask { await session.run(self.handle) }
            await self.serve()
            group.cancelAll()
        }
    }

    /// Runs until cancelled, for the keys that no node keeps: there is nothing to read, and something to tell.
    func run() async { await serve() }

    @Sendable private func handle(_ event: RedisSession.Event) async {
        switch event {
        case .connected(let fresh):
            // A connection that ends here is reported as lost.
            guard let source = try? await QueueSource(tracking: fresh.enableTracking()) else { return }
            connection.withLock { $0 = fresh }
            port.tell(.connected(node, source))
        case .lost(let error):
            connection.withLock { $0 = nil }
            port.tell(.lost(node, QueueFault(error, at: node, of: topology)))
        }
    }

    private func serve() async {
        for await _ in signal.signals {
            var isResting = false
            while !isResting, !Task.isCancelled {
                switch port.next() {
                case .notify(let ids): port.notify(ids)
                case .read(let batch):
                    // Without an answer the connection has ended, which its session reports.
                    let current = connection.withLock { $0 }
                    guard let replies = try? await current?.send(batch.commands) else { continue }
                    port.tell(.answered(node, batch, replies))
                case .rest(let until):
                    signal.wake(at: until, now: now())
                    isResting = true
                }
            }
        }
        signal.wake(at: nil, now: now())
    }
}

extension QueueSource {
    /// - Parameter tracking: why the server does not tell of changes; nil: it does.
    fileprivate init(tracking refusal: RedisReplyError?) {
        switch refusal {
        case nil: self = .push
        case .noPermission:
            self = .poll(why: "The Redis user may not run CLIENT TRACKING; grant it +client|tracking.")
        case .noProto, .generic:
            self = .poll(why: "The server has no client tracking (Redis 6 or newer has).")
        case .wrongType, .noAuthentication, .wrongPassword, .loading, .readOnly, .moved, .ask, .tryAgain, .clusterDown,
            .masterDown, .busy, .other:
            self = .poll(why: "The server refused CLIENT TRACKING.")
        }
    }
}
