internal import ArgumentParser
internal import ControllerRuntime
internal import FoundationEssentials
internal import Kubernetes
internal import KubernetesModel
internal import Logging
internal import MartletDecisions
internal import MartletOperator
internal import Metrics
internal import ServiceLifecycle
internal import UnixSignals

/// Runs the operator. Each flag has an environment twin; the flag wins.
struct ControllerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "controller", abstract: "Run the operator.",
        discussion: """
            In a cluster it uses the Pod's ServiceAccount, elsewhere a kubeconfig. Each flag has an environment twin: \
            --metrics-address is also MARTLET_METRICS_ADDRESS.
            """)

    @OptionGroup var cluster: ClusterOptions

    @Option(help: "A namespace to work in; repeatable. None: all of them.")
    var namespace: [String] = EnvironmentTwin.list("namespace")

    @Option(help: "Where /metrics, /healthz and /readyz are served.")
    var metricsAddress: String = EnvironmentTwin.text("metrics-address") ?? "0.0.0.0:8080"

    @Option(help: "Whether targets and Secrets need the annotation martlet.dev/allow: \"true\": auto, on or off.")
    var requireConsent: String = EnvironmentTwin.text("require-consent") ?? ConsentMode.auto.rawValue

    @Flag(
        inversion: .prefixedNo,
        help: "Act only while holding a Lease, so that several may run. Default: in a cluster yes, elsewhere no.")
    var leaderElect: Bool?

    @Option(help: "The namespace of the Lease. Default: the Pod's own, elsewhere that of the kubeconfig's context.")
    var leaderElectNamespace: String?

    @Flag(help: "Allow queue servers on loopback addresses. For development only.")
    var allowLoopback = false

    @Option(
        help: """
            A host, or host:port, that mirrors and other HTTP targets may name though it is not https on a public \
            address; repeatable.
            """)
    var allowHttpHosts: [String] = EnvironmentTwin.list("allow-http-hosts")
    @Option(help: "Base URL of RunPod's REST v2. The API keys are sent there and to --runpod-jobs-url only.")
    var runpodApiUrl: String?

    @Option(help: "Base URL of RunPod's job plane.")
    var runpodJobsUrl: String?

    @Option(
        help: "namespace/name of a Secret whose apiKey reaches endpoints that their objects' own keys no longer reach.")
    var runpodCredentialsSecret: String?

    @Option(
        help:
            "What tells this cluster's RunPod endpoints from another's. Default: the uid of kube-system, or of the operator's own namespace."
    )
    var clusterId: String?

    @Flag(help: "Delete RunPod endpoints of this cluster that have belonged to no object for an hour.")
    var deleteOrphans = false

    @Option(help: "Requests per second to the API server in the long run; 0: no limit.")
    var kubeApiQps: Double = EnvironmentTwin.text("kube-api-qps").flatMap(Double.init) ?? 0

    @Option(help: "Requests to the API server that may go at once before the limit counts.")
    var kubeApiBurst: Int = EnvironmentTwin.text("kube-api-burst").flatMap(Int.init) ?? 100

    @Option(help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel: String = EnvironmentTwin.text("log-level") ?? "info"

    @Option(help: "json or text.")
    var logFormat: String = EnvironmentTwin.text("log-format") ?? "json"

    func validate() throws {
        guard ConsentMode(rawValue: requireConsent) != nil else {
            throw ValidationError("--require-consent is auto, on or off, not '\(requireConsent)'")
        }
        guard ListenAddress(metricsAddress) != nil else {
            throw ValidationError("--metrics-address is host:port, such as 0.0.0.0:8080, not '\(metricsAddress)'")
        }
        guard Logger.Level(rawValue: logLevel) != nil else {
            throw ValidationError(
                "--log-level is trace, debug, info, notice, warning, error or critical, not '\(logLevel)'")
        }
        guard ["json", "text"].contains(logFormat) else {
            throw ValidationError("--log-format is json or text, not '\(logFormat)'")
        }
        guard EnvironmentTwin.text("leader-elect") == nil || EnvironmentTwin.choice("leader-elect") != nil else {
            throw ValidationError("MARTLET_LEADER_ELECT is true or false")
        }
        guard leaderElectNamespace?.isEmpty != true else {
            throw ValidationError("--leader-elect-namespace is the name of a namespace")
        }
        for host in allowHttpHosts where HTTPHostPattern(host) == nil {
            throw ValidationError("--allow-http-hosts takes a host or host:port, not '\(host)'")
        }
        do throws(RunPodSettingsError) { _ = try runpodSettings() } catch { throw ValidationError(error.message) }
        guard kubeApiQps >= 0, kubeApiBurst > 0 else {
            throw ValidationError("--kube-api-qps is 0 or more, --kube-api-burst 1 or more")
        }
    }

    private func runpodSettings() throws(RunPodSettingsError) -> RunPodSettings {
        try RunPodSettings(
            apiURL: runpodApiUrl ?? EnvironmentTwin.text("runpod-api-url"),
            jobsURL: runpodJobsUrl ?? EnvironmentTwin.text("runpod-jobs-url"),
            credentialsSecret: runpodCredentialsSecret ?? EnvironmentTwin.text("runpod-credentials-secret"),
            clusterID: clusterId ?? EnvironmentTwin.text("cluster-id"),
            deletesOrphans: deleteOrphans || EnvironmentTwin.isSet("delete-orphans"))
    }

    func run() async throws {
        MemoryReturn.keepSmall()
        let logger = makeLogger()
        let registry = PrometheusRegistry.martlet
        MetricsSystem.bootstrap(registry)
        let configuration = try cluster.configuration()
        let identity = CandidateIdentity.make()
        let userAgent = "martlet/\(Martlet.version) (\(identity))"
        let client = KubernetesClient(
            configuration: configuration, limits: RequestLimits(requestsPerSecond: kubeApiQps, burst: kubeApiBurst),
            userAgent: userAgent, logger: logger)
        logger.info("starting", metadata: ["version": "\(Martlet.version)", "server": "\(configuration.server)"])
        guard let address = ListenAddress(metricsAddress), let consent = ConsentMode(rawValue: requireConsent) else {
            throw ExitCode.validationFailure
        }
        let settings = OperatorSettings(
            namespaces: namespace, consent: consent,
            allowLoopback: allowLoopback || EnvironmentTwin.isSet("allow-loopback"),
            allowHTTPHosts: allowHttpHosts.compactMap { HTTPHostPattern($0) },
            timeZoneFolder: ProcessInfo.processInfo.environment["TZDIR"], runpod: try runpodSettings())
        let elector = elector(configuration, identity, userAgent, logger)
        let service = OperatorService(
            client: client, apiServer: ServerAddresses.resolve(configuration.server), settings: settings,
            elector: elector, logger: logger)
        let health = HealthService(
            server: HealthServer(
                address: address, metrics: { registry.render() }, readiness: { service.readiness }, logger: logger))
        try await ServiceGroup(
            // Shut down from the last to the first: the lead is handed over before anything else ends.
            services: [health, MemoryReturn(), service], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger
        ).run()
    }

    /// Nil without leader election. It speaks through connections of its own, so that no renewal waits behind writes.
    private func elector(
        _ configuration: KubernetesConfiguration, _ identity: String, _ userAgent: String, _ logger: Logger
    ) -> LeaderElector? {
        let isInCluster = configuration.contextName == nil
        guard leaderElect ?? EnvironmentTwin.choice("leader-elect") ?? isInCluster else { return nil }
        let client = KubernetesClient(configuration: configuration, userAgent: userAgent, logger: logger)
        let namespace =
            leaderElectNamespace ?? EnvironmentTwin.text("leader-elect-namespace") ?? configuration.namespace
        return LeaderElector(
            client.resources(), lease: ObjectKey(namespace: namespace, name: CandidateIdentity.lease),
            identity: identity, logger: logger)
    }

    private func makeLogger() -> Logger {
        let level = Logger.Level(rawValue: logLevel) ?? .info
        let asJSON = logFormat == "json"
        LoggingSystem.bootstrap { label in
            var handler: any LogHandler =
                asJSON ? JSONLogHandler(label: label) : StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
        return Logger(label: "martlet")
    }
}
