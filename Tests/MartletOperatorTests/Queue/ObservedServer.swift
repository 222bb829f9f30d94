import KubernetesModel
import Redis
import RedisTestSupport

@testable import MartletOperator

/// A queue server over a real Redis, with what it told, and a connection to play the application's part.
final class ObservedServer: Sendable {
    let server: QueueServer
    let changes = Recorder<ObjectKey>()
    let workers = Recorder<WorkerEvent>()
    private let io = RedisIO()
    private let address: RedisAddress

    convenience init(_ process: RedisServerProcess, credentials: RedisCredentials? = nil, database: Int = 0) {
        let address = RedisAddress(host: "127.0.0.1", port: process.port)
        self.init(QueueServerConfiguration(addresses: [address], credentials: credentials, database: database))
    }

    /// Over the master that the sentinels name.
    convenience init(
        _ deployment: SentinelDeployment, login: RedisCredentials? = nil, sentinelLogin: RedisCredentials? = nil,
        tls: RedisTLS? = nil
    ) {
        self.init(
            QueueServerConfiguration(
                topology: .sentinel(master: SentinelDeployment.masterName, credentials: sentinelLogin),
                addresses: deployment.sentinels.map { RedisAddress(host: "127.0.0.1", port: $0.port) },
                credentials: login, tls: tls))
    }

    convenience init(
        _ cluster: ClusterDeployment, credentials: RedisCredentials? = nil,
        hostPolicy: @escaping RedisHostPolicy = { _ in }
    ) {
        self.init(
            QueueServerConfiguration(topology: .cluster, addresses: cluster.addresses, credentials: credentials),
            hostPolicy: hostPolicy)
    }

    /// - Parameter configuration: the application is at its first address.
    init(_ configuration: QueueServerConfiguration, hostPolicy: @escaping RedisHostPolicy = { _ in }) {
        address = configuration.addresses[0]
        let changes = changes
        let workers = workers
        server = QueueServer(
            configuration, io: io, hostPolicy: hostPolicy, onChange: { for id in $0 { changes.append(id) } },
            onWorkers: { event, _ in workers.append(event) })
    }

    /// Runs the server while `body` runs.
    func running(_ body: @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.server.run() }
            defer { group.cancelAll() }
            try await body()
        }
    }

    /// A connection to the server at that port, or to the sole address.
    func application(port: Int? = nil) async throws -> RedisConnection {
        let address = port.map { RedisAddress(host: "127.0.0.1", port: $0) } ?? address
        return try await RedisConnection.open(
            RedisConfiguration(
                address: address, clientName: "application", connectTimeout: .seconds(30), commandTimeout: .seconds(30)),
            io: io,
            hostPolicy: { _ in }, onPush: { _ in })
    }

    func counts(_ id: ObjectKey) -> [Int]? {
        server.observation(for: id)?.reading.map { [$0.waiting, $0.inFlight] }
    }

    func reason(_ id: ObjectKey) -> QueueFailure.Reason? { server.observation(for: id)?.failure?.reason }
}

extension RedisConnection {
    /// One command given as words, for brevity.
    @discardableResult
    func run(_ words: String...) async throws -> RESPValue? {
        try await send([RedisCommand(arguments: words)]).first
    }
}
