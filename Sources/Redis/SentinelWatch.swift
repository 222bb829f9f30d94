import Synchronization

/// Knows where the master of a name is: asks one sentinel at a time, is told by it of failovers, and goes to the next
/// when it falls silent. What to do when is decided by ``SentinelState``; this is the shell around it.
///
/// All methods may be called from any thread.
public final class SentinelWatch: Sendable {
    private struct Shared {
        var state: SentinelState
        var connection: RedisConnection?
        var view = SentinelView()
        var followers: [Int: AsyncStream<SentinelView>.Continuation] = [:]
        var nextFollower = 0
    }

    /// Sentinels answer from memory; one that takes longer is as good as dead, and there are others.
    static let timeout = Duration.seconds(2)

    private let name: String
    private let configuration: RedisConfiguration
    private let shared: Mutex<Shared>
    private let signal: WakeSignal
    private let io: RedisIO
    private let hostPolicy: RedisHostPolicy
    private let now: @Sendable () -> ContinuousClock.Instant

    /// - Parameters:
    ///   - name: under which the sentinels watch the master.
    ///   - sentinels: at least one; others are learned from it.
    ///   - credentials: of the sentinels themselves; nil: no login.
    ///   - hostPolicy: is asked for learned sentinels as well.
    public init(
        master name: String, sentinels: [RedisAddress], credentials: RedisCredentials?, tls: RedisTLS?, io: RedisIO,
        hostPolicy: @escaping RedisHostPolicy, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        precondition(!sentinels.isEmpty, "nobody to ask")
        self.name = name
        configuration = RedisConfiguration(
            address: sentinels[0], credentials: credentials, tls: tls, connectTimeout: Self.timeout,
            commandTimeout: Self.timeout)
        shared = Mutex(Shared(state: SentinelState(name: name, given: sentinels)))
        signal = WakeSignal(io: io)
        self.io = io
        self.hostPolicy = hostPolicy
        self.now = now
    }

    /// What is known now.
    public var view: SentinelView { shared.withLock { $0.view } }

    /// What is known now, and each change from then on; a slow reader misses all but the last. Ends with ``run()``.
    func views() -> AsyncStream<SentinelView> {
        let (views, continuation) = AsyncStream<SentinelView>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let follower = shared.withLock { shared in
            defer { shared.nextFollower += 1 }
            shared.followers[shared.nextFollower] = continuation
            continuation.yield(shared.view)
            return shared.nextFollower
        }
        continuation.onTermination = { [weak self] _ in
            self?.shared.withLock { $0.followers[follower] = nil }
        }
        return views
    }

    /// The master at `address` was lost, or says that it is none: the sentinels are asked again at once.
    func doubt(_ address: RedisAddress) { receive(.doubted(address)) }

    /// Keeps one connection to a sentinel up until cancelled. May be called once.
    public func run() async {
        let session = RedisSession(
            configuration, sentinels: { self.shared.withLock { $0.state.sentinels } }, io: io, hostPolicy: hostPolicy,
            onPush: { self.receive(push: $0) })
        await withDiscardingTaskGroup { group in
            group.addTask { await session.run(self.handle) }
            await self.serve()
            group.cancelAll()
        }
    }

    private func receive(push: RedisPush) {
        switch push {
        case .message(_, let payload): receive(.announced(payload: String(decoding: payload, as: UTF8.self)))
        case .patternMessage, .invalidated, .invalidatedAll: break
        }
    }

    private func receive(_ event: SentinelState.Event) {
        let now = now()
        shared.withLock { $0.state.receive(event, at: now) }
        signal.wake()
    }

    @Sendable private func handle(_ event: RedisSession.Event) {
        let now = now()
        shared.withLock { shared in
            switch event {
            case .connected(let connection):
                shared.connection = connection
                shared.state.receive(.connected(pushes: connection.protocolVersion == .resp3), at: now)
            case .lost(let error):
                shared.connection = nil
                shared.state.receive(.lost(error), at: now)
            }
        }
        signal.wake()
    }

    private func serve() async {
        for await _ in signal.signals {
            var isResting = false
            while !isResting, !Task.isCancelled {
                let now = now()
                let (step, connection) = shared.withLock { ($0.state.nextStep(at: now), $0.connection) }
                switch step {
                case .tell(let view): tell(view)
                case .subscribe:
                    // Without an answer the connection has ended, which its session reports.
                    guard let refusals = try? await connection?.subscribe(to: SentinelState.channels) else { continue }
                    receive(.subscribed(refusals.values.first))
                case .ask:
                    let question = SentinelAnswer.commands(master: name)
                    guard let replies = try? await connection?.send(question) else { continue }
                    receive(.answered(SentinelAnswer(replies)))
                case .leave: connection?.close()
                case .rest(let until):
                    signal.wake(at: until, now: now)
                    isResting = true
                }
            }
        }
        signal.wake(at: nil, now: now())
    }

    private func tell(_ view: SentinelView) {
        shared.withLock { shared in
            shared.view = view
            for follower in shared.followers.values { follower.yield(view) }
        }
    }
}
