public import ControllerRuntime
internal import FoundationEssentials
public import Kubernetes
internal import KubernetesModel
public import Logging
internal import MartletAPI
internal import MartletDecisions
internal import Metrics
internal import Redis

/// The operator as a whole: watches the cluster, observes the queues, scales the workers.
public struct Operator: Sendable {
    private let workers: WorkersController
    private let queue: WorkQueue<ObjectKey>
    private let deployments: Cache<Deployment>
    private let statefulSets: Cache<StatefulSet>
    private let autoscalers: Cache<HorizontalPodAutoscaler>
    /// Nil where KEDA is not installed.
    private let scaledObjects: Cache<ScaledObject>?
    /// Nil where the CRD is not installed.
    private let schedules: SchedulesController?
    private let scheduleQueue: WorkQueue<ObjectKey>
    /// Nil where nothing tells this cluster's endpoints from another's.
    private let driver: RunPodDriver?
    private let board: EndpointStatusBoard
    private let podCache: Cache<Pod>
    private let podIndex: WorkerPods
    private let events: EventRecorder
    private let consent: ConsentGate
    private let statuses: StatusWriter
    /// Nil: this process is the only operator, and writes at any time.
    private let elector: LeaderElector?
    private let leads = Gauge(label: "martlet_leader")
    private let settings: OperatorSettings
    private let time: any TimeSource
    private let logger: Logger

    /// Pod-deletion-cost is honoured from there on (KEP-2255, beta and on by default).
    private static let firstWithDeletionCost = ServerVersion(major: 1, minor: 22)

    /// GPUs wait for these writes: after an outage of the API server none stands back for minutes.
    private static let backoff = Backoff(first: .milliseconds(50), limit: .seconds(10))

    /// Schedules only tell; the API server shall have room for those that scale.
    private static let schedulesAtOnce = 4

    /// An operator over one cluster; `instance` is the name under which its events are reported.
    ///
    /// With an `elector` it does all but write until it leads.
    public init(
        client: KubernetesClient, discovery: Discovery, apiServer: [String], settings: OperatorSettings,
        instance: String, elector: LeaderElector? = nil,
        time: any TimeSource = SystemTime(), logger: Logger
    ) {
        let client = elector.map { client.writing(under: $0.permit) } ?? client
        self.elector = elector
        self.settings = settings
        self.time = time
        self.logger = logger
        let queue = WorkQueue<ObjectKey>(time: time, backoff: Self.backoff)
        let index = TargetIndex()
        let podIndex = WorkerPods()
        let scheduleQueue = WorkQueue<ObjectKey>(time: time)
        let scheduleIndex = ScheduleIndex()
        let runpodQueue = WorkQueue<ObjectKey>(time: time, backoff: Self.backoff)
        let wake = Wake(
            queue: queue, index: index, pods: podIndex, scheduleQueue: scheduleQueue, schedules: scheduleIndex,
            runpodQueue: runpodQueue)
        let namespaces = settings.namespaces

        let statuses = StatusWriter(
            client, time: time, logger: logger
        ) { queue.depth > 0 || runpodQueue.depth > 0 }
        self.statuses = statuses
        let board = EndpointStatusBoard(statuses)
        self.board = board
        let endpoints = Cache<InferenceEndpoint>(client, in: namespaces, time: time, logger: logger) { change in
            if case .updated(_, let endpoint) = change { statuses.echoed(endpoint.status, for: endpoint.key) }
            wake.endpoint(change)
        }
        deployments = Cache(client, in: namespaces, time: time, logger: logger) { wake.target(.deployment, $0.key) }
        statefulSets = Cache(client, in: namespaces, time: time, logger: logger) { wake.target(.statefulSet, $0.key) }
        autoscalers = Cache(client, in: namespaces, time: time, logger: logger, onChange: wake.autoscaler)
        scaledObjects =
            discovery.has(ScaledObject.resourceType)
            ? Cache(client, in: namespaces, time: time, logger: logger, onChange: wake.scaledObject) : nil
        podCache = Cache(
            client, in: namespaces, keeping: { podIndex.isWanted($0) }, time: time, logger: logger, onChange: wake.pod)

        let policy = HostPolicy(
            apiServer: apiServer.compactMap { IPAddress($0) }, loopback: settings.allowLoopback ? .allowed : .refused)
        let servers = QueueServers(
            hostPolicy: { address throws(RedisHostRefusal) in
                guard let address = IPAddress(bytes: address.bytes) else {
                    throw RedisHostRefusal(why: HostRefusal.unspecified.message)
                }
                if let refusal = policy.refusal(of: address) { throw RedisHostRefusal(why: refusal.message) }
            }, time: time, isPod: { podIndex.isUnambiguous($0) }, onChange: { $0.forEach(queue.add) },
            onWorkers: wake.workers)
        let consent = ConsentGate(settings.consent, client: client, discovery: discovery, time: time)
        let events = EventRecorder(
            client.resources(Event.self), component: "martlet", instance: instance, time: time, logger: logger)
        let shelf = ScheduleShelf(zones: ZoneDirectory(folder: settings.timeZoneFolder))
        let scheduleCache: Cache<GPUSchedule>? =
            discovery.has(GPUSchedule.resourceType)
            ? Cache(client, in: namespaces, time: time, logger: logger, onChange: wake.schedule) : nil
        if scheduleCache == nil {
            logger.notice(
                "the CRD gpuschedules.martlet.dev is not installed: no schedule counts; install it and restart")
        }
        schedules = scheduleCache.map { cache in
            SchedulesController(
                schedules: cache, endpoints: endpoints, resources: client.resources(GPUSchedule.self),
                index: scheduleIndex, shelf: shelf, wake: wake.endpoints, events: events,
                leadership: { elector?.leadership ?? .leading(term: 0) }, standBack: statuses.standBack, time: time)
        }
        self.scheduleQueue = scheduleQueue
        let capacities = CapacitySource(schedules: scheduleCache, index: scheduleIndex, shelf: shelf)
        let secrets = SecretReader(client, time: time)
        workers = WorkersController(
            endpoints: endpoints, resources: client.resources(InferenceEndpoint.self),
            admission: Admission(
                endpoints: endpoints, targets: Targets(deployments: deployments, statefulSets: statefulSets),
                index: index, secrets: secrets, consent: consent),
            servers: servers,
            pods: WorkerPodLoader(pods: podIndex, resources: client.resources(Pod.self), cache: podCache),
            capacities: capacities,
            memories: EndpointMemories(), index: index,
            scaler: Scaler(
                deployments: client.resources(Deployment.self), statefulSets: client.resources(StatefulSet.self),
                pods: client.resources(Pod.self), metrics: ScalerMetrics(), time: time),
            statuses: statuses, board: board, announcer: Announcer(events: events),
            honoursDeletionCost: discovery.server >= Self.firstWithDeletionCost,
            leadership: { elector?.leadership ?? .leading(term: 0) }, time: time)
        if let id = settings.runpod.clusterID {
            let surroundings = RunPodDriver.Surroundings(
                client: client, endpoints: endpoints, secrets: secrets, events: events, consent: consent,
                capacities: capacities, scheduleMetrics: workers.scheduleMetrics,
                leadership: { elector?.leadership ?? .leading(term: 0) },
                mayBegin: { elector.map { $0.permit.allowance != nil } ?? true },
                mirror: ConnectionMirror(
                    SupabaseMirror(
                        SupabaseMirror.transport(
                            under: HTTPTargetPolicy(
                                apiServer: apiServer.compactMap { IPAddress($0) }, allowing: settings.allowHTTPHosts),
                            userAgent: "martlet"),
                        permit: elector?.permit),
                    leads: elector == nil, time: time, logger: logger, onChange: runpodQueue.add))
            driver = RunPodDriver(
                surroundings, clusterID: id, settings: settings, board: board, queue: runpodQueue, time: time,
                logger: logger)
        } else {
            driver = nil
        }
        self.queue = queue
        self.podIndex = podIndex
        self.events = events
        self.consent = consent
    }

    /// How far it is, for probes.
    public var readiness: Readiness {
        guard isSynced else { return .starting }
        guard let elector else { return .alone }
        return elector.leadership == .standby ? .standby : .leading
    }

    /// Whether every cache has been filled once.
    private var isSynced: Bool {
        workers.endpoints.isSynced && deployments.isSynced && statefulSets.isSynced && autoscalers.isSynced
            && (scaledObjects?.isSynced ?? true) && (schedules?.schedules.isSynced ?? true) && podCache.isSynced
    }

    /// Works until the task is cancelled.
    public func run() async throws {
        leads.record(elector == nil ? 1 : 0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            if let elector { group.addTask { try await elector.run(onChange: leadershipChanged) } }
            group.addTask { try await workers.endpoints.run() }
            group.addTask { try await deployments.run() }
            group.addTask { try await statefulSets.run() }
            group.addTask { try await autoscalers.run() }
            if let scaledObjects { group.addTask { try await scaledObjects.run() } }
            if let schedules { group.addTask { try await schedules.schedules.run() } }
            group.addTask { await workers.servers.run() }
            group.addTask { await workers.statuses.run() }
            group.addTask { await events.run() }
            group.addTask { try await consent.run() }
            group.addTask { try await act() }
            try await group.waitForAll()
        }
    }

    /// Who takes the lead looks at every endpoint at once: what the one before left undone must not wait for a change.
    private func leadershipChanged(_ leadership: Leadership) {
        driver?.leadershipChanged(leadership)
        switch leadership {
        case .standby: leads.record(0)
        case .leading:
            leads.record(1)
            statuses.forgetAll()
            board.forgetAll()
            for endpoint in workers.endpoints.all {
                queue.add(endpoint.key)
                driver?.queue.add(endpoint.key)
            }
            schedules?.forgetTold()
            for schedule in schedules?.schedules.all ?? [] { scheduleQueue.add(schedule.key) }
        }
    }

    /// Decides nothing before the whole picture is there: a claim not seen yet would be a second writer.
    private func act() async throws {
        await consent.look()
        try await workers.endpoints.waitUntilSynced()
        try await deployments.waitUntilSynced()
        try await statefulSets.waitUntilSynced()
        try await autoscalers.waitUntilSynced()
        try await scaledObjects?.waitUntilSynced()
        // Without its schedule an endpoint would be open for a moment.
        try await schedules?.schedules.waitUntilSynced()
        for endpoint in workers.endpoints.all {
            guard let key = endpoint.targetKey, let target = workers.admission.targets[key] else { continue }
            podIndex.follow(key, selecting: target.selector, isComplete: true)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await podCache.run() }
            try await podCache.waitUntilSynced()
            logger.info("caches are filled", metadata: ["endpoints": "\(workers.endpoints.all.count)"])
            elector?.becomeEligible()
            group.addTask {
                await Controller(
                    name: "workers", queue: queue, concurrency: settings.concurrency, time: time, logger: logger,
                    metricsPrefix: "martlet", reconcile: workers.reconcile
                ).run()
            }
            if let driver { group.addTask { try await driver.run() } }
            if let schedules {
                group.addTask {
                    await Controller(
                        name: "schedules", queue: scheduleQueue, concurrency: Self.schedulesAtOnce, time: time,
                        logger: logger, metricsPrefix: "martlet", reconcile: schedules.reconcile
                    ).run()
                }
            }
            try await group.waitForAll()
        }
    }
}

/// How far an operator is, for probes.
public enum Readiness: Sendable, Equatable {
    /// Its caches are not filled yet.
    case starting
    /// It acts, without leader election.
    case alone
    case leading
    /// It observes and would act at once if it came to lead.
    case standby
}
