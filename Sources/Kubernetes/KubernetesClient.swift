public import FoundationEssentials
public import HTTPTransport
public import KubernetesModel
public import Logging

/// Speaks to one API server as one user. Cheap to copy; copies share connections, rate limit and credential.
public struct KubernetesClient: Sendable {
    let core: RequestCore
    /// Nil: it may write at any time.
    let permit: (any WritePermit)?

    /// A client over a transport of the caller's.
    ///
    /// The transport is the caller's, so an exec plugin of the configuration may give tokens but not certificates.
    /// `onRequest` is called once for each HTTP exchange when its head has arrived or failed, on no particular thread.
    public init(
        configuration: KubernetesConfiguration, transport: any HTTPTransport, limits: RequestLimits = RequestLimits(),
        time: ClientTime = .system, logger: Logger, onRequest: (@Sendable (RequestReport) -> Void)? = nil
    ) {
        self.init(
            configuration: configuration, transports: TransportSource(transport), limits: limits, time: time,
            logger: logger, onRequest: onRequest)
    }

    init(
        configuration: KubernetesConfiguration, transports: TransportSource, limits: RequestLimits, time: ClientTime,
        logger: Logger, onRequest: (@Sendable (RequestReport) -> Void)?
    ) {
        core = RequestCore(
            configuration: configuration, transports: transports, limits: limits, time: time, logger: logger,
            onRequest: onRequest)
        permit = nil
    }

    init(core: RequestCore, permit: (any WritePermit)?) {
        self.core = core
        self.permit = permit
    }

    /// The namespace that the configuration names as its default.
    public var namespace: String { core.configuration.namespace }

    /// The objects of one kind, at their usual place or at `place` (another version, a kind found by discovery).
    public func resources<O: KubernetesObject>(_: O.Type = O.self, at place: ResourceType? = nil) -> Resources<O> {
        Resources(type: place ?? O.resourceType, core: core, permit: permit)
    }
}

/// Limits on what the client asks of the server and of this process.
public struct RequestLimits: Sendable {
    /// Requests per second in the long run; 0: no limit.
    public var requestsPerSecond: Double
    /// Requests that may go at once before `requestsPerSecond` counts.
    public var burst: Int
    /// How often a request that the server put off (429, or 503 with `Retry-After`) is sent again.
    public var retries: Int
    /// The longest `Retry-After` that is waited for here; a longer one is the caller's to plan.
    public var longestRetryAfter: Duration
    /// From sending to the response head.
    public var timeout: Duration
    /// The largest body of an answer, in bytes. etcd takes objects of 1.5 MiB, and a page holds hundreds.
    public var largestBody: Int
    /// The largest event of a watch, in bytes.
    public var largestWatchLine: Int

    /// No rate limit, and bounds that no sane answer reaches, unless given.
    public init(
        requestsPerSecond: Double = 0, burst: Int = 10, retries: Int = 4, longestRetryAfter: Duration = .seconds(30),
        timeout: Duration = .seconds(30), largestBody: Int = 256 << 20,
        largestWatchLine: Int = 16 << 20
    ) {
        self.requestsPerSecond = requestsPerSecond
        self.burst = burst
        self.retries = retries
        self.longestRetryAfter = longestRetryAfter
        self.timeout = timeout
        self.largestBody = largestBody
        self.largestWatchLine = largestWatchLine
    }
}

/// What became of one HTTP exchange, for metrics.
public struct RequestReport: Sendable {
    /// What was asked.
    public var verb: Verb
    /// Nil for discovery.
    public var resource: ResourceType?
    /// Nil for the object itself.
    public var subresource: Subresource?
    /// The HTTP status; nil if no answer came.
    public var code: Int?
    /// From sending to the response head; waiting for the rate limit is not in it.
    public var duration: Duration
}

/// The clock of the client, passed in so that tests need none.
public struct ClientTime: Sendable {
    /// Time since some fixed instant; never goes back.
    public var now: @Sendable () -> Duration
    /// Waits; throws `CancellationError` when cancelled.
    public var sleep: @Sendable (Duration) async throws -> Void
    /// The time of day, which only the expiry of a plugin's credential is measured by.
    public var wallClock: @Sendable () -> Date

    /// A clock of the caller's making; the time of day is the machine's unless given.
    public init(
        now: @escaping @Sendable () -> Duration, sleep: @escaping @Sendable (Duration) async throws -> Void,
        wallClock: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.now = now
        self.sleep = sleep
        self.wallClock = wallClock
    }

    /// The machine's monotonic clock.
    public static let system = {
        let start = ContinuousClock.now
        return ClientTime(
            now: { ContinuousClock.now - start }, sleep: { try await ContinuousClock().sleep(for: $0) })
    }()
}
