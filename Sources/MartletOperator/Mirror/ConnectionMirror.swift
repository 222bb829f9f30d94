internal import ControllerRuntime
internal import KubernetesModel
internal import Logging
internal import MartletDecisions
internal import Synchronization

/// Keeps the rows of all endpoints as they are wanted, behind everything else: what is wanted is noted at once and written
/// by a loop of its own, so that a project that is down, slow or closed holds up no endpoint.
///
/// Guarantees: a row is written only when it changes, once after a start and once by whoever takes the lead; one row is
/// never written twice at a time; nothing is written or read while another process leads.
final class ConnectionMirror: Sendable {
    private struct State {
        var ledger = MirrorLedger()
        var leads: Bool
        var shown: [ObjectKey: MirrorReport] = [:]
        var random = SystemRandomNumberGenerator()
    }

    /// Rows that are written side by side: of eight projects that hang at once the ninth sees nothing.
    private static let concurrency = 8 * MirrorLedger.limitPerProject + 1

    private let mirror: SupabaseMirror
    private let queue: WorkQueue<MirrorPlace>
    private let state: Mutex<State>
    private let time: any TimeSource
    private let logger: Logger
    private let onChange: @Sendable (ObjectKey) -> Void

    /// - Parameters:
    ///   - leads: whether this process may write already; with leader election `leadershipChanged` says so later.
    ///   - onChange: called with each object whose `report(of:)` has changed.
    init(
        _ mirror: SupabaseMirror, leads: Bool, time: any TimeSource, logger: Logger,
        onChange: @escaping @Sendable (ObjectKey) -> Void
    ) {
        self.mirror = mirror
        self.time = time
        self.logger = logger
        self.onChange = onChange
        queue = WorkQueue(time: time)
        state = Mutex(State(leads: leads))
    }

    /// Says what the row of `claim`'s object should hold from now on. May be called as often as one likes: what is wanted
    /// already costs nothing. Another place moves the row.
    func want(_ row: MirrorRow, at place: MirrorPlace, by claim: TargetClaim) {
        let now = time.uptime
        state.withLock { $0.ledger.want(row, at: place, by: claim, now: now) }.forEach(queue.add)
        tell(state.withLock { $0.ledger.claimants(of: place) })
    }

    /// The object is gone, or has no mirror any more: its row is withdrawn (inactive, without an id), for an hour at most.
    func withdraw(_ object: ObjectKey) {
        let now = time.uptime
        let due = state.withLock { state in
            state.shown[object] = nil
            return state.ledger.withdraw(object, now: now)
        }
        due.forEach(queue.add)
        tell(due.flatMap { place in state.withLock { $0.ledger.claimants(of: place) } })
    }

    /// What the condition `Mirrored` of the object says; nil if it has no row.
    func report(of object: ObjectKey) -> MirrorReport? { state.withLock { $0.ledger.report(of: object) } }

    /// Whoever takes the lead writes every row once: the one before may have died between a decision and its write.
    func leadershipChanged(_ leadership: Leadership) {
        let due: [MirrorPlace] = state.withLock { state in
            switch leadership {
            case .standby:
                state.leads = false
                return []
            case .leading:
                state.leads = true
                return state.ledger.forgetConfirmations()
            }
        }
        due.forEach(queue.add)
    }

    /// Writes until the task is cancelled.
    func run() async {
        await Controller(
            name: "mirror", queue: queue, concurrency: Self.concurrency, time: time, logger: logger,
            metricsPrefix: "martlet", reconcile: reconcile
        ).run()
    }

    private func reconcile(_ place: MirrorPlace) async throws -> ReconcileResult {
        let now = time.uptime
        // Whoever takes the lead adds every row.
        guard let step = state.withLock({ $0.leads ? $0.ledger.next(place, at: now) : nil }) else { return .done }
        let due: [MirrorPlace]
        switch step {
        case .rest: return .done
        case .wait(let pause): return .again(after: pause)
        case .giveUp:
            logger.warning(
                "a mirrored row could not be withdrawn and may still say that an endpoint is active",
                metadata: ["table": "\(place.address.table)", "service": "\(place.address.serviceName)"])
            return .done
        case .write(let row):
            let result = await publish(row, at: place)
            due = state.withLock { state in
                state.ledger.wrote(row, at: place, result, now: time.uptime, using: &state.random)
            }
        case .read:
            let result = await read(place)
            due = state.withLock { state in
                state.ledger.read(result, at: place, now: time.uptime, using: &state.random)
            }
        }
        due.forEach(queue.add)
        tell(state.withLock { $0.ledger.claimants(of: place) })
        return .again(after: .zero)
    }

    private func publish(_ row: MirrorRow, at place: MirrorPlace) async -> Result<Void, MirrorError> {
        do throws(MirrorError) {
            return .success(try await mirror.publish(row, at: place, on: time.now))
        } catch {
            return .failure(error)
        }
    }

    private func read(_ place: MirrorPlace) async -> Result<MirrorRow?, MirrorError> {
        do throws(MirrorError) { return .success(try await mirror.row(at: place)) } catch { return .failure(error) }
    }

    /// Tells of those whose report is another than the one last told.
    private func tell(_ objects: [ObjectKey]) {
        let changed: [(ObjectKey, MirrorReport)] = state.withLock { state in
            objects.compactMap { object in
                guard let report = state.ledger.report(of: object), state.shown[object] != report else { return nil }
                state.shown[object] = report
                return (object, report)
            }
        }
        for (object, report) in changed {
            if report.status == .no {
                logger.warning(
                    "an endpoint is not mirrored",
                    metadata: ["object": "\(object)", "reason": "\(report.reason)", "message": "\(report.message)"])
            }
            onChange(object)
        }
    }
}
