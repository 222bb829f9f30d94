/// Everything that one connection to one server needs to know.
public struct RedisConfiguration: Hashable, Sendable {
    /// Where to connect to.
    public var address: RedisAddress
    /// nil: no login.
    public var credentials: RedisCredentials?
    /// 0 needs no `SELECT`.
    public var database: Int
    /// What the server must be for its answers to count.
    public var role: RequiredRole
    /// nil: plain TCP.
    public var tls: RedisTLS?
    /// Shown by the server's `CLIENT LIST`.
    public var clientName: String
    /// From the first lookup to the end of the handshake.
    public var connectTimeout: Duration
    /// From sending a command to its reply; a connection that exceeds it is closed.
    public var commandTimeout: Duration
    /// A connection silent this long is asked with a `PING`, so that a dead peer is found.
    public var silenceBeforePing: Duration

    /// What a server must be for its answers to count.
    public enum RequiredRole: Hashable, Sendable {
        /// Whatever answers at the address.
        case any
        /// A master: asked at the login and again with each pipeline of commands.
        case master
    }

    /// The defaults suit a server in the same network.
    public init(
        address: RedisAddress, credentials: RedisCredentials? = nil, database: Int = 0,
        role: RequiredRole = .any, tls: RedisTLS? = nil, clientName: String = "martlet",
        connectTimeout: Duration = .seconds(5),
        commandTimeout: Duration = .seconds(5), silenceBeforePing: Duration = .seconds(20)
    ) {
        self.address = address
        self.credentials = credentials
        self.database = database
        self.role = role
        self.tls = tls
        self.clientName = clientName
        self.connectTimeout = connectTimeout
        self.commandTimeout = commandTimeout
        self.silenceBeforePing = silenceBeforePing
    }
}
