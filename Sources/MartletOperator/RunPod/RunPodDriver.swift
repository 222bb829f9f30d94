internal import ControllerRuntime
internal import FoundationEssentials
internal import HTTPTransport
internal import Kubernetes
internal import KubernetesModel
internal import Logging
internal import MartletAPI
internal import MartletDecisions
internal import RunPod

/// The RunPod half of the operator, put together.
struct RunPodDriver: Sendable {
    /// A reconcile may wait for its turn under a key's rate limit; so many may, before a closing would stand behind them.
    private static let concurrency = 512
    /// The job plane allows thousands of calls in ten seconds.
    private static let jobLimits = RateBudget.Limits(probes: 32, inFlight: 64)

    let controller: RunPodController
    let queue: WorkQueue<ObjectKey>
    let board: EndpointStatusBoard
    private let sweep: OrphanSweep
    private let mirror: ConnectionMirror
    private let time: any TimeSource
    private let logger: Logger

    /// What it needs of the rest of the operator.
    struct Surroundings {
        var client: KubernetesClient
        var endpoints: Cache<InferenceEndpoint>
        var secrets: SecretReader
        var events: EventRecorder
        var consent: ConsentGate
        var capacities: CapacitySource
        var scheduleMetrics: ScheduleMetrics
        var leadership: @Sendable () -> Leadership
        /// Whether a call that changes something may begin.
        var mayBegin: @Sendable () -> Bool
        var mirror: ConnectionMirror
    }

    init(
        _ surroundings: Surroundings, clusterID: String, settings: OperatorSettings, board: EndpointStatusBoard,
        queue: WorkQueue<ObjectKey>, time: any TimeSource, logger: Logger
    ) {
        self.board = board
        self.queue = queue
        mirror = surroundings.mirror
        self.time = time
        self.logger = logger
        let runpod = settings.runpod
        let metrics = RunPodMetrics()
        let transport = CurlTransport()
        let clock = RunPodTime(time)
        let accounts = RunPodAccounts(time: time) { key in
            let hosts = runpod.hosts
            return (
                RunPodControl(
                    key: key, hosts: hosts, transport: transport, queue: CallQueue(time: clock), time: clock,
                    mayBegin: surroundings.mayBegin, onExchange: metrics.count),
                RunPodJobs(
                    key: key, hosts: hosts, transport: transport,
                    queue: CallQueue(limits: Self.jobLimits, time: clock), time: clock,
                    mayBegin: surroundings.mayBegin, onExchange: metrics.count)
            )
        }
        let client = surroundings.client
        let ledger = EndpointLedger(.abandoned, client, namespace: client.namespace)
        let objects = KubernetesEndpointObjects(
            endpoints: surroundings.endpoints, resources: client.resources(InferenceEndpoint.self),
            secrets: surroundings.secrets, events: surroundings.events, abandonedLedger: ledger,
            retainedLedger: EndpointLedger(.retained, client, namespace: client.namespace))
        let fallback = runpod.credentialsSecret.map { SecretText(secret: $0, key: "apiKey", demandsConsent: false) }
        let keys = RunPodKeys(objects: objects, accounts: accounts, fallback: fallback)
        let memories = DriverMemories()
        controller = RunPodController(
            objects: objects,
            gatherer: DriverGatherer(
                objects: objects, keys: keys, capacity: surroundings.capacities.capacity(of:as:at:),
                demandsConsent: { surroundings.consent.isDemanded }, clusterID: clusterID, time: time),
            actions: EndpointActions(objects: objects, time: time), memories: memories,
            reporter: DriverReport(
                board: board, announcer: Announcer(events: surroundings.events),
                connections: ConnectionPublisher(configMaps: client.resources(ConfigMap.self)),
                mirrors: MirrorPublisher(
                    mirror: surroundings.mirror, objects: objects,
                    demandsConsent: { surroundings.consent.isDemanded }),
                metrics: metrics, scheduleMetrics: surroundings.scheduleMetrics, jobsURL: runpod.hosts.jobsURL,
                time: time),
            leadership: surroundings.leadership, time: time)
        sweep = OrphanSweep(
            accounts: accounts, objects: objects, keys: keys, memories: memories, ledger: ledger, clusterID: clusterID,
            namespaces: settings.namespaces, deletes: runpod.deletesOrphans, metrics: metrics,
            leads: { surroundings.leadership() != .standby }, time: time, logger: logger)
    }

    /// What the one before left undone must not wait for a change.
    func leadershipChanged(_ leadership: Leadership) { mirror.leadershipChanged(leadership) }

    /// Works until the task is cancelled.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await Controller(
                    name: "runpod", queue: queue, concurrency: Self.concurrency, time: time, logger: logger,
                    metricsPrefix: "martlet", reconcile: controller.reconcile
                ).run()
            }
            group.addTask { try await sweep.run() }
            group.addTask { await mirror.run() }
            try await group.waitForAll()
        }
    }
}

extension RunPodTime {
    /// The operator's own time.
    init(_ time: any TimeSource) {
        self.init(
            now: { time.uptime.sinceOrigin }, sleep: { try await time.sleep(for: $0) },
            random: { Double.random(in: 0..<1) })
    }
}
