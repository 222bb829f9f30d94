import ControllerRuntime
import FoundationEssentials
import Kubernetes
import KubernetesModel
import Logging
import Synchronization

/// Leads the lives of all Pods bound to the virtual nodes: feeds each `PodLife` and carries its actions out.
///
/// One Pod's actions happen in order, each until it succeeded; different Pods do not wait for each other.
actor VirtualKubelet {
    /// How many Pods are worked on at once.
    private static let concurrency = 32

    private struct Entry {
        let uid: String
        let podIP: String
        var pod: KubeletPod
        var life: PodLife
        /// Decided and not yet done.
        var outbox: [PodLife.Action] = []
    }

    private struct Exit: Sendable {
        let uid: String
        let exit: ProcessExit
    }

    private let client: KubernetesClient
    private let processes: ProcessTable
    private let surroundings: ProcessSurroundings
    private let startDelay: Double
    private let nodeAddresses: [String: String]
    private let time: any TimeSource
    private let logger: Logger

    private let store = Store<KubeletPod>()
    private let queue = WorkQueue<ObjectKey>(backoff: .requests)
    private let exits = Mutex<[ObjectKey: Exit]>([:])
    private var entries: [ObjectKey: Entry] = [:]
    private var addresses = PodAddresses()

    /// - Parameter startDelay: from binding to running, in seconds.
    init(
        nodes: [VirtualNode], startDelay: Double, client: KubernetesClient, processes: ProcessTable,
        surroundings: ProcessSurroundings, time: any TimeSource, logger: Logger
    ) {
        self.client = client
        self.processes = processes
        self.surroundings = surroundings
        self.startDelay = startDelay
        self.nodeAddresses = Dictionary(uniqueKeysWithValues: nodes.map { ($0.name, $0.address) })
        self.time = time
        self.logger = logger
    }

    /// Plays the kubelets until cancelled.
    nonisolated func run() async throws {
        let watcher = Watcher(
            client.resources(KubeletPod.self), selecting: .fields("spec.nodeName!="), into: store,
            keeping: { [nodeAddresses] pod in pod.spec.nodeName.map { nodeAddresses[$0] != nil } ?? false },
            time: time, logger: logger, onChange: { [queue] change in queue.add(change.key) })
        let controller = Controller(
            name: "kubelet", queue: queue, concurrency: Self.concurrency, time: time, logger: logger
        ) { key in try await self.reconcile(key) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await watcher.run() }
            group.addTask { await controller.run() }
            try await group.waitForAll()
        }
    }

    private func reconcile(_ key: ObjectKey) async throws -> ReconcileResult {
        let pod = store[key]
        let exit = exits.withLock { $0.removeValue(forKey: key) }
        if entries[key] == nil, let pod { admit(pod) }
        guard let uid = entries[key]?.uid else { return .done }
        let isSame = pod?.metadata.uid == uid
        if isSame, let pod { entries[key]?.pod = pod }
        if let exit, exit.uid == uid { tell(key, .exited(exit.exit)) }
        if !isSame {
            tell(key, .vanished)
        } else if let deadline = pod?.metadata.deletionTimestamp {
            tell(key, .deletionRequested(deadline: deadline.date.addingTimeInterval(Self.lostFraction)))
        }
        if isSame, pod?.isRunningUnready == true { tell(key, .readinessTaken) }
        tell(key, .timePassed)
        try await carryOut(key)

        if !isSame {
            entries[key] = nil
            if pod != nil { return .again(after: .zero) }
        }
        guard let due = entries[key]?.life.nextDeadline else { return .done }
        return .again(after: .seconds(max(0, due.timeIntervalSince(time.now))))
    }

    private func admit(_ pod: KubeletPod) {
        let isOver = pod.status?.phase == PodPhase.succeeded.rawValue || pod.status?.phase == PodPhase.failed.rawValue
        guard let uid = pod.metadata.uid, !isOver || pod.metadata.isBeingDeleted else { return }
        let life = PodLife(
            runsProcess: pod.runsProcess, restartPolicy: pod.spec.restartPolicy ?? .always, startDelay: startDelay,
            now: time.now)
        entries[pod.key] = Entry(uid: uid, podIP: addresses.next(), pod: pod, life: life)
    }

    private func tell(_ key: ObjectKey, _ event: PodLife.Event) {
        guard let actions = entries[key]?.life.receive(event, now: time.now) else { return }
        for action in actions {
            // Only the newest report counts; an unsent one before it would be a needless write.
            if case .report = action {
                entries[key]?.outbox.removeAll { if case .report = $0 { true } else { false } }
            }
            entries[key]?.outbox.append(action)
        }
    }

    private func carryOut(_ key: ObjectKey) async throws {
        while let entry = entries[key], let action = entry.outbox.first {
            do {
                try await perform(action, for: entry)
                entries[key]?.outbox.removeFirst()
            } catch let failure as StartFailure {
                logger.warning("can't start", metadata: ["pod": "\(key)", "reason": "\(failure.message)"])
                entries[key]?.outbox.removeAll()
                tell(key, .startFailed(failure.message))
            }
        }
    }

    /// A start that trying again at once would not mend.
    private struct StartFailure: Error { var message: String }

    private func perform(_ action: PodLife.Action, for entry: Entry) async throws {
        let pods = client.resources(KubeletPod.self)
        switch action {
        case .start: try await start(entry)
        case .terminate: processes.terminate(entry.uid)
        case .kill: processes.kill(entry.uid)
        case .report(let report):
            let hostIP = entry.pod.spec.nodeName.flatMap { nodeAddresses[$0] } ?? ""
            let patch = report.patch(for: entry.pod, podIP: entry.podIP, hostIP: hostIP, now: time.now)
            try await unlessGone { try await pods.mergePatch(entry.pod.key, patch, at: .status, as: .lab) }
        case .remove:
            let options = DeleteOptions(uid: entry.uid, gracePeriod: .zero)
            try await unlessGone { try await pods.delete(entry.pod.key, options) }
        }
    }

    /// A Pod that is gone, or whose name another has by now, needs nothing any more.
    private nonisolated func unlessGone(_ request: @Sendable () async throws -> Void) async throws {
        do {
            try await request()
        } catch let error as KubernetesError where error.isNotFound || error.isConflict {
            return
        }
    }

    private func start(_ entry: Entry) async throws {
        let key = entry.pod.key
        let secrets = try await secrets(of: entry.pod)
        do {
            let spec = try ProcessSpec(entry.pod, podIP: entry.podIP, secrets: secrets, in: surroundings)
            try processes.start(entry.uid, spec) { [weak self] exit in
                self?.ended(Exit(uid: entry.uid, exit: exit), of: key)
            }
        } catch let error as ContainerConfigurationError {
            throw StartFailure(message: "\(error)")
        } catch let error as ProcessError {
            throw StartFailure(message: "\(error)")
        }
    }

    private nonisolated func ended(_ exit: Exit, of key: ObjectKey) {
        exits.withLock { $0[key] = exit }
        queue.add(key)
    }

    private func secrets(of pod: KubeletPod) async throws -> [KubeletPod.SecretKeyReference: String] {
        var values: [KubeletPod.SecretKeyReference: String] = [:]
        for reference in Set(pod.secretKeys) {
            let key = ObjectKey(namespace: pod.key.namespace, name: reference.name)
            do throws(KubernetesError) {
                let secret = try await client.resources(Secret.self).get(key)
                values[reference] = secret.data[reference.key].map { String(decoding: $0, as: UTF8.self) }
            } catch {
                // Missing: the configuration says so, with the key's name.
                guard error.isNotFound else { throw error }
            }
        }
        return values
    }

    /// Seconds. The wire cuts the fraction off a deletion's time, and a grace of 1 s must not become one of none.
    private static let lostFraction = 1.0
}

/// Addresses that no packet is ever sent to.
struct PodAddresses: Sendable {
    private var count = 0

    /// The next of 65,000 in 10.244.0.0/16; then it begins again.
    mutating func next() -> String {
        defer { count += 1 }
        return "10.244.\((count / 254) % 256).\(count % 254 + 1)"
    }
}
