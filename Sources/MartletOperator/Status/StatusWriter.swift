internal import ControllerRuntime
internal import FoundationEssentials
internal import Kubernetes
internal import KubernetesModel
internal import Logging
internal import MartletAPI
internal import Metrics
internal import Synchronization

/// Writes endpoint statuses behind the scale writes: at once when a condition or a replica count changed, counts of an
/// active queue at most every five seconds, and nothing at all when nothing changed.
final class StatusWriter: Sendable {
    private struct Record {
        /// What is to be written; nil while the object holds it already.
        var wanted: Held?
        /// What the last write left, until the watch shows it; nil: what was observed counts.
        var written: Held?
        var writtenAt: MonotonicInstant?
    }

    /// By reference: at rest there is none, and a record should then cost next to nothing.
    private final class Held: Sendable {
        let status: InferenceEndpointStatus
        init(_ status: InferenceEndpointStatus) { self.status = status }
    }

    /// Between two writes that only carry new counts; people watch at this pace, machines use the metrics.
    private static let paceOfCounts = Duration.seconds(5)
    /// Statuses are patched side by side so that a start with a thousand objects takes seconds.
    private static let concurrency = 4
    /// A status stands back while decisions wait for a worker, so that scale writes overtake it; at most so often.
    private static let deferrals = 20
    private static let deferral = Duration.milliseconds(25)

    private let endpoints: Resources<InferenceEndpoint>
    private let records = Mutex<[ObjectKey: Record]>([:])
    private let queue: WorkQueue<ObjectKey>
    private let time: any TimeSource
    private let logger: Logger
    private let decisionsWait: @Sendable () -> Bool

    /// `decisionsWait`: whether endpoints wait to be decided over.
    init(
        _ client: KubernetesClient, time: any TimeSource, logger: Logger, decisionsWait: @escaping @Sendable () -> Bool
    ) {
        self.decisionsWait = decisionsWait
        endpoints = client.resources(InferenceEndpoint.self)
        queue = WorkQueue(time: time)
        self.time = time
        self.logger = logger
    }

    /// Asks for `status` to be written; `observed` is what the object held when it was last seen.
    func submit(_ status: InferenceEndpointStatus, for key: ObjectKey, observed: InferenceEndpointStatus?) {
        let delay: Duration? = records.withLock { records in
            var record = records[key] ?? Record()
            defer { records[key] = record }
            let held = record.written?.status ?? observed
            guard held.map(status.differs) ?? true else {
                record.wanted = nil
                return nil
            }
            record.wanted = Held(status)
            guard let held, !status.differsUrgently(from: held), let last = record.writtenAt else { return .zero }
            let jitter = Duration.milliseconds(Int64.random(in: 0...1000))
            return Self.paceOfCounts + jitter - last.duration(to: time.uptime)
        }
        guard let delay else { return }
        if delay <= .zero { queue.add(key) } else { queue.add(key, after: delay) }
    }

    /// The watch shows what an object holds now: a copy of it need not be kept for each of thousands at rest.
    func echoed(_ status: InferenceEndpointStatus?, for key: ObjectKey) {
        records.withLock { records in
            guard let written = records[key]?.written?.status, status.map({ !written.differs(from: $0) }) ?? false
            else {
                return
            }
            records[key]?.written = nil
        }
    }

    /// Forgets an object that is gone.
    func forget(_ key: ObjectKey) {
        records.withLock { $0[key] = nil }
        queue.cancelDelayed(key)
    }

    /// Forgets everything: another has written the statuses in the meantime.
    func forgetAll() { records.withLock { $0 = [:] } }

    /// The one who leads has a word of its own; what was asked for meanwhile stays.
    private func drop(_ held: Held, of key: ObjectKey) {
        records.withLock { records in
            if records[key]?.wanted === held { records[key] = nil }
        }
    }

    /// Writes until the task is cancelled.
    func run() async {
        await Controller(
            name: "status", queue: queue, concurrency: Self.concurrency, time: time, logger: logger,
            metricsPrefix: "martlet"
        ) { key in
            try await self.standBack()
            try await self.write(key)
            return .done
        }.run()
    }

    /// Waits a little while endpoints wait to be decided over.
    @Sendable func standBack() async throws {
        for _ in 0..<Self.deferrals where decisionsWait() { try await time.sleep(for: Self.deferral) }
    }

    private func write(_ key: ObjectKey) async throws {
        guard let wanted = records.withLock({ $0[key]?.wanted }) else { return }
        do throws(KubernetesError) {
            try await endpoints.mergePatch(key, StatusMergePatch(status: wanted.status), at: .status, as: .martlet)
        } catch {
            guard !error.isNotFound else { return forget(key) }
            guard !error.isWithheld else { return drop(wanted, of: key) }
            throw error
        }
        records.withLock { records in
            records[key]?.written = wanted
            records[key]?.writtenAt = time.uptime
            // Something newer may have been asked for meanwhile.
            if let newer = records[key]?.wanted, !newer.status.differs(from: wanted.status) {
                records[key]?.wanted = nil
            }
        }
    }
}

extension FieldManager {
    /// The name under which the API server records what Martlet wrote.
    static let martlet: FieldManager = "martlet"
}

extension InferenceEndpointStatus {
    /// Whether anything but the time of the decision changed.
    func differs(from other: InferenceEndpointStatus) -> Bool { timeless != other.timeless }

    /// Whether something changed that people and tools wait for.
    func differsUrgently(from other: InferenceEndpointStatus) -> Bool {
        observedGeneration != other.observedGeneration || conditions != other.conditions || schedule != other.schedule
            || workers?.replicas != other.workers?.replicas
            || workers?.desiredReplicas != other.workers?.desiredReplicas
            || workers?.lastScaleTime != other.workers?.lastScaleTime
    }

    private var timeless: InferenceEndpointStatus {
        var copy = self
        copy.workers?.decision?.time = Timestamp(Date(timeIntervalSince1970: 0))
        return copy
    }
}
