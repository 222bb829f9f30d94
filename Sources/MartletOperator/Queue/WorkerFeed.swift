import Redis
import Synchronization

/// Hears the events of Celery's workers on a connection of its own, which exists only while they are wanted.
final class WorkerFeed: Sendable {
    private struct Shared {
        var state: WorkerFeedState
        var connection: RedisConnection?
    }

    private let shared: Mutex<Shared>
    private let signal: WakeSignal
    private let needs: AsyncStream<Bool>
    private let needed: AsyncStream<Bool>.Continuation
    private let now: @Sendable () -> ContinuousClock.Instant
    private let onWorkers: @Sendable (WorkerEvent, ContinuousClock.Instant) -> Void

    init(
        database: Int, io: RedisIO, now: @escaping @Sendable () -> ContinuousClock.Instant,
        onWorkers: @escaping @Sendable (WorkerEvent, ContinuousClock.Instant) -> Void
    ) {
        shared = Mutex(Shared(state: WorkerFeedState(database: database)))
        signal = WakeSignal(io: io)
        (needs, needed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.now = now
        self.onWorkers = onWorkers
    }

    func want(_ prefixes: Set<String>) {
        receive(.wanted(prefixes))
        needed.yield(!prefixes.isEmpty)
    }

    func receive(push: RedisPush) {
        switch push {
        case .message(let channel, let payload): receive(.message(channel: channel, payload: payload))
        case .patternMessage, .invalidated, .invalidatedAll: break
        }
    }

    private func receive(_ event: WorkerFeedState.Event) {
        let now = now()
        shared.withLock { $0.state.receive(event, at: now) }
        signal.wake()
    }

    /// Runs until cancelled.
    func run(over session: RedisSession) async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.keepConnection(session) }
            await self.serve()
            group.cancelAll()
        }
    }

    private func keepConnection(_ session: RedisSession) async {
        var changes = needs.makeAsyncIterator()
        while let isNeeded = await changes.next() {
            guard isNeeded else { continue }
            await withDiscardingTaskGroup { group in
                group.addTask { await session.run(self.handle) }
                while let stillNeeded = await changes.next(), stillNeeded {}
                group.cancelAll()
            }
            shared.withLock { $0.connection = nil }
            receive(.lost)
        }
    }

    @Sendable private func handle(_ event: RedisSession.Event) {
        switch event {
        case .connected(let connection):
            shared.withLock { $0.connection = connection }
            receive(.connected)
        case .lost:
            shared.withLock { $0.connection = nil }
            receive(.lost)
        }
    }

    private func serve() async {
        for await _ in signal.signals {
            var isResting = false
            while !isResting, !Task.isCancelled {
                let now = now()
                let (step, connection) = shared.withLock { ($0.state.nextStep(at: now), $0.connection) }
                switch step {
                case .tell(let all):
                    for told in all { onWorkers(told.event, told.at) }
                case .subscribe(let prefixes):
                    await subscribe(prefixes, over: connection)
                case .rest(let until):
                    signal.wake(at: until, now: now)
                    isResting = true
                }
            }
        }
        signal.wake(at: nil, now: now())
    }

    /// A connection that ends meanwhile says so itself.
    private func subscribe(_ prefixes: [String], over connection: RedisConnection?) async {
        let database = shared.withLock { $0.state.database }
        let channels = prefixes.flatMap { prefix in
            WorkerFeedState.Kind.allCases.map {
                WorkerFeedState.channel($0, prefix: prefix, database: database)
            }
        }
        guard let refusals = try? await connection?.subscribe(to: channels) else { return }
        receive(.answered(prefixes: prefixes, refusals: refusals))
    }
}
