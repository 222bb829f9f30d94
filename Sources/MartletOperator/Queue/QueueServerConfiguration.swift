public import Redis

/// What makes a queue server one and the same: equal configurations share one ``QueueServer``.
public struct QueueServerConfiguration: Hashable, Sendable {
    /// How the addresses lead to the server that holds the keys.
    public enum Topology: Hashable, Sendable {
        /// The addresses are names of one server, tried in turn.
        case standalone
        /// The addresses are sentinels that watch the server under the name `master`; nil credentials: no login there.
        /// They are spoken to with the same TLS settings as the server.
        case sentinel(master: String, credentials: RedisCredentials?)
        /// The addresses are nodes of a Redis Cluster.
        case cluster
    }

    /// Standalone unless given.
    public var topology: Topology
    /// At least one.
    public var addresses: [RedisAddress]
    /// nil: no login.
    public var credentials: RedisCredentials?
    /// The number of the logical database.
    public var database: Int
    /// nil: plain TCP.
    public var tls: RedisTLS?

    /// Addresses in the order in which they are tried.
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
