public import KubernetesModel
public import Redis

/// Observes the queues of one Redis server: one connection that is told of changes, and a second for the heartbeats
/// of Celery's workers while a Celery query exists.
///
/// All methods may be called from any thread, before and during ``run()``, and never block on I/O.
public final class QueueServer: Sendable {
    /// - Parameters:
    ///   - onChange: called (never concurrently) with the ids whose observation changed in a figure, a failure or the
    ///     source. It must be quick: add to a work queue and return.
    ///   - onWorkers: called in order, on the I/O thread, for each event; it must be quick.
    public init(
        _ configuration: QueueServerConfiguration, io: RedisIO, hostPolicy: @escaping RedisHostPolicy,
        onChange: @escaping @Sendable ([ObjectKey]) -> Void,
        onWorkers: @escaping @Sendable (WorkerEvent, ContinuousClock.Instant) -> Void
    ) {}

    /// Observes `query` for `id`, instead of what `id` observed before. The same query again changes nothing.
    /// - Parameter pollingEvery: used only where tracking is refused; the shortest of all ids counts for the server.
    public func observe(_ id: ObjectKey, _ query: QueueQuery, pollingEvery: Duration = .seconds(2)) {}

    public func stopObserving(_ id: ObjectKey) {}

    /// True when nothing is observed, so that the owner may end ``run()``.
    public var isUnused: Bool { true }

    /// nil: `id` is not observed, or was neither read nor failed yet.
    public func observation(for id: ObjectKey) -> QueueObservation? { nil }

    /// Keeps the connections up until cancelled; then all connections are closed.
    public func run() async {}
}
