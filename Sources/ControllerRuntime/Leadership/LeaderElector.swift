public import Kubernetes
public import KubernetesModel
public import Logging
import Synchronization

/// Sees to it that of several processes only one writes: the one that holds a Lease.
///
/// * Give its `permit` to the client that the controllers write through, and the elector a client of its own, so that a
///   renewal never queues behind their requests.
/// * A Lease that was released is taken as soon as the watch tells; one whose holder is silent after its duration, counted
///   by this process's own clock. A renewal is conditional on the version that was seen, so that of two only one succeeds.
/// * A holder that can't renew writes nothing from the renew deadline on, goes back to standby in place, and takes the
///   Lease again when it can.
/// * Rights needed on the Lease: get, list, watch, create, patch.
///
/// Who deletes the Lease by hand takes this protection away until the next renewal.
public final class LeaderElector: Sendable {
    /// Writes under way are waited for so long when the lead is handed over.
    private static let drainPatience: Duration = .seconds(3)
    /// Draining, a request under way and the release; then the Lease is left to expire.
    private static let resignPatience: Duration = .seconds(8)

    private struct Progress {
        var machine: LeaderElection
        var random: any RandomNumberGenerator & Sendable
        var inbox: [LeaderElection.Event] = []
        var isRunning = false
    }

    let leases: Resources<Lease>
    let key: ObjectKey
    let identity: String
    let timing: LeaseTiming
    let time: any TimeSource
    private let log: LeadershipLog
    private let licence: WriteLicence
    private let progress: Mutex<Progress>
    private let bell = Bell()
    private let over = Bell()

    /// A candidate for the Lease `key`. `identity` must be this process's alone, not even that of an earlier one.
    public init(
        _ leases: Resources<Lease>, lease key: ObjectKey, identity: String, timing: LeaseTiming = .standard,
        time: any TimeSource = SystemTime(),
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator(),
        logger: Logger = Logger(label: "leadership")
    ) {
        self.leases = leases
        self.key = key
        self.identity = identity
        self.timing = timing
        self.time = time
        log = LeadershipLog(logger: logger, lease: key, identity: identity)
        licence = WriteLicence(timing: timing, time: time)
        let machine = LeaderElection(identity: identity, timing: timing, now: time.uptime)
        progress = Mutex(Progress(machine: machine, random: random))
    }

    /// What the controllers' client asks before each write.
    public var permit: any WritePermit { licence }

    /// Whether this process leads at this instant.
    public var leadership: Leadership { licence.leadership }

    /// Says that this process could do the work: before, it watches the Lease and does not reach for it.
    public func becomeEligible() { post(.eligible) }

    /// Takes part until the task is cancelled, or until it has resigned. Once.
    ///
    /// `onChange` is called after each change, one call at a time. It must be quick.
    public func run(onChange: @escaping @Sendable (Leadership) -> Void = { _ in }) async throws {
        progress.withLock { $0.isRunning = true }
        defer {
            licence.extend(until: nil)
            over.ring()
        }
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try? await self.watch() }
            defer { group.cancelAll() }
            var shown = Leadership.standby
            while true {
                let (actions, role, wake) = advance()
                if leadership != shown {
                    shown = leadership
                    onChange(shown)
                }
                for action in actions { group.addTask { try? await self.carryOut(action) } }
                switch role {
                case .resigned: return
                case .standby, .leading, .resigning: break
                }
                try await bell.wait(atMost: wake.map { time.uptime.duration(to: $0) }, on: time)
            }
        }
    }

    /// Hands over: from the call on no write begins; those under way are waited for; then the Lease is given back, and
    /// `run` returns. Returns after that, or after some seconds if something hangs: then the Lease expires by itself.
    ///
    /// A Lease is not given back while a write is on its way, as the next holder's could overtake it.
    public func resign() async throws {
        let isRunning = progress.withLock { progress in
            let before = progress.machine
            // At once and not through the inbox: an extension under way must not come after the end.
            _ = progress.machine.receive(.resign, now: time.uptime, using: &progress.random)
            log.note(progress.machine, after: before)
            licence.extend(until: nil)
            return progress.isRunning
        }
        guard isRunning else { return }
        bell.ring()
        post(.drained(isClean: try await licence.drain(within: Self.drainPatience)))
        try await over.wait(atMost: Self.resignPatience, on: time)
    }

    // MARK: The machine's shell

    private func post(_ event: LeaderElection.Event) {
        progress.withLock { $0.inbox.append(event) }
        bell.ring()
    }

    /// Feeds what has come in, and the time, to the machine.
    private func advance() -> ([LeaderElection.Action], LeaderElection.Role, MonotonicInstant?) {
        progress.withLock { progress in
            let now = time.uptime
            var actions: [LeaderElection.Action] = []
            for event in progress.inbox + [.tick] {
                let before = progress.machine
                if let action = progress.machine.receive(event, now: now, using: &progress.random) {
                    actions.append(action)
                }
                log.note(progress.machine, after: before)
            }
            progress.inbox = []
            // Under the lock, so that an older end never replaces a newer one.
            licence.extend(until: progress.machine.permittedUntil)
            return (actions, progress.machine.role, progress.machine.nextTick)
        }
    }

    private func watch() async throws {
        let store = Store<Lease>()
        let watcher = Watcher(
            leases, in: key.namespace, selecting: .named(key.name), into: store, time: time, logger: log.logger
        ) { change in
            switch change {
            case .added(let lease), .updated(_, let lease): self.post(.observed(LeaseRecord(lease)))
            case .removed: self.post(.observed(nil))
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await watcher.run() }
            try await store.waitUntilSynced()
            if store[key] == nil { post(.observed(nil)) }
            try await group.waitForAll()
        }
    }

    private func carryOut(_ action: LeaderElection.Action) async throws {
        let event = try await withThrowingTaskGroup(of: LeaderElection.Event.self) { group in
            defer { group.cancelAll() }
            group.addTask { await self.outcome(of: action) }
            group.addTask {
                try await self.time.sleep(for: self.timing.requestTimeout)
                return .failed
            }
            return try await group.next() ?? .failed
        }
        post(event)
    }

    private func outcome(of action: LeaderElection.Action) async -> LeaderElection.Event {
        do throws(KubernetesError) {
            switch action {
            case .claim(over: nil): return .claimed(LeaseRecord(try await create()))
            case .claim(over: let record?):
                let patch = LeasePatch.claim(over: record, as: identity, for: timing.duration, at: time.now)
                return .claimed(LeaseRecord(try await leases.mergePatch(key, patch, as: Self.manager)))
            case .read: return .read(LeaseRecord(try await leases.get(key)))
            case .release(let record):
                try await leases.mergePatch(key, LeasePatch.release(record, at: time.now), as: Self.manager)
                return .released
            }
        } catch {
            if error.isConflict || error.alreadyExists { return .conflicted }
            if error.isNotFound { return action == .read ? .read(nil) : .vanished }
            log.failed(error)
            return .failed
        }
    }

    private func create() async throws(KubernetesError) -> Lease {
        let now = MicroTimestamp(time.now)
        let lease = Lease(
            metadata: ObjectMeta(name: key.name, namespace: key.namespace),
            spec: LeaseSpec(
                holderIdentity: identity, leaseDurationSeconds: Int(timing.duration.components.seconds),
                acquireTime: now, renewTime: now, leaseTransitions: 0))
        return try await leases.create(lease, in: key.namespace, as: Self.manager)
    }

    private static let manager: FieldManager = "leader-election"
}
