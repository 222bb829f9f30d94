public import Redis

/// What makes a queue server one and the same: equal configurations share one ``QueueServer``.
public struct QueueServerConfiguration: Hashable, Sendable {
    /// How the addresses lead to the server that holds the keys.
    public enum Topology: Hashable, Sendable {
        /// The addresses are names of one server, tried in turn.
        case standalone
    }

    public var topology: Topology
    public var addresses: [RedisAddress]
    public var credentials: RedisCredentials?
    public var database: Int
    public var tls: RedisTLS?

    public init(
        topology: Topology = .standalone, addresses: [RedisAddress], credentials: RedisCredentials? = nil,
        database: Int = 0, tls: RedisTLS? = nil
    ) {
        self.topology = topology
        self.addresses = addresses
        self.credentials = credentials
        self.database = database
        self.tls = tls
    }
}
