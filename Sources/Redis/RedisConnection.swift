internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// One connection to one server, logged in and ready.
///
/// Commands of several callers are pipelined in the order of the calls. A command that is not answered within
/// `commandTimeout` ends the connection, as does any violation of the protocol. It must be closed by its owner.
public final class RedisConnection: Sendable {
    /// What was agreed on. Only RESP3 can tell of changed keys on the connection that reads them.
    public enum ProtocolVersion: Sendable {
        case resp2, resp3
    }

    /// Decided during the login.
    public let protocolVersion: ProtocolVersion
    private let link: RedisLink
    private let configuration: RedisConfiguration

    private init(link: RedisLink, _ configuration: RedisConfiguration, protocolVersion: ProtocolVersion) {
        self.link = link
        self.configuration = configuration
        self.protocolVersion = protocolVersion
    }

    /// Connects and logs in: lookup, host policy, TCP, TLS, `HELLO 3` with the credentials (where that is unknown
    /// `AUTH`, and RESP2 from then on), `SELECT`, `CLIENT SETNAME`, and the question for the role if one is required.
    ///
    /// - Parameters:
    ///   - hostPolicy: is asked about each resolved address; the connection is made to an address it allowed.
    ///   - onPush: called on the I/O thread, in order, for each push; it must be quick.
    public static func open(
        _ configuration: RedisConfiguration, io: RedisIO, hostPolicy: @escaping RedisHostPolicy,
        onPush: @escaping @Sendable (RedisPush) -> Void
    ) async throws(RedisError) -> RedisConnection {
        let dialer = try RedisDialer(configuration, io: io, hostPolicy: hostPolicy)
        return try await dialer.dial(onPush: onPush)
    }

    static func logIn(over link: RedisLink, _ configuration: RedisConfiguration) async throws(RedisError)
        -> RedisConnection
    {
        var hello = ["HELLO", "3"]
        if let credentials = configuration.credentials {
            hello += ["AUTH", credentials.username ?? "default", credentials.password]
        }
        var version = ProtocolVersion.resp3
        if case .error(let refusal)? = try await link.send([RedisCommand(arguments: hello)]).first {
            guard refusal.leavesOlderLogin else { throw .handshakeRefused(command: "HELLO", refusal) }
            version = .resp2
            if let credentials = configuration.credentials {
                let login = ["AUTH"] + (credentials.username.map { [$0] } ?? []) + [credentials.password]
                if case .error(let refusal)? = try await link.send([RedisCommand(arguments: login)]).first {
                    throw .handshakeRefused(command: "AUTH", refusal)
                }
            }
        }
        // A name that can't be set matters to nobody.
        var commands = [RedisCommand("CLIENT", "SETNAME", configuration.clientName)]
        if configuration.database != 0 { commands.append(RedisCommand("SELECT", String(configuration.database))) }
        let replies = try await link.send(commands)
        if replies.count == 2, case .error(let refusal) = replies[1] {
            throw .handshakeRefused(command: "SELECT", refusal)
        }
        let connection = RedisConnection(link: link, configuration, protocolVersion: version)
        if configuration.role == .master { try await connection.confirmRole() }
        return connection
    }

    /// Sends all commands in one write.
    ///
    /// Where the configuration requires a master, the server is asked for its role in the same write, after the last
    /// command: unless it still was a master then, the answers are dropped, for they may be those of a replica that is
    /// being emptied.
    ///
    /// - Returns: one value a command, in their order; what the server refused is a ``RESPValue/error(_:)``.
    /// - Throws: why the connection ended before the last reply. Cancellation closes the connection.
    public func send(_ commands: [RedisCommand]) async throws(RedisError) -> [RESPValue] {
        switch configuration.role {
        case .any: return try await link.send(commands)
        case .master:
            guard !commands.isEmpty else { return [] }
            let question = RoleQuestion(protocolVersion)
            var replies = try await link.send(commands + [question.command])
            if let answer = replies.popLast(), question.isMaster(answer) { return replies }
            let reason = RedisError.notMaster(configuration.address)
            link.close(because: reason)
            throw reason
        }
    }

    /// Fails unless the server is what the configuration requires, and closes the connection then.
    func confirmRole() async throws(RedisError) {
        guard configuration.role == .master else { return }
        let question = RoleQuestion(protocolVersion)
        let reason: RedisError
        switch try await link.send([question.command]).first {
        case .error(let refusal)?: reason = .handshakeRefused(command: question.name, refusal)
        case let answer?:
            if question.isMaster(answer) { return }
            reason = .notMaster(configuration.address)
        case nil: reason = .closed
        }
        link.close(because: reason)
        throw reason
    }

    /// Asks to be told of changes of the keys that this connection reads from now on.
    ///
    /// - Returns: nil, or why the server does not do that. Tried, never inferred from a version.
    public func enableTracking() async throws(RedisError) -> RedisReplyError? {
        guard protocolVersion == .resp3 else { return .noProto }
        if case .error(let refusal)? = try await send([RedisCommand("CLIENT", "TRACKING", "ON")]).first {
            return refusal
        }
        return nil
    }

    /// Subscribes to each channel; messages arrive as ``RedisPush/message(channel:payload:)``.
    ///
    /// - Returns: the refusals by channel; empty when all are subscribed.
    public func subscribe(to channels: [String]) async throws(RedisError) -> [String: RedisReplyError] {
        guard !channels.isEmpty else { return [:] }
        let replies = try await link.subscribe(to: channels)
        var refusals: [String: RedisReplyError] = [:]
        for (channel, reply) in zip(channels, replies) {
            if case .error(let refusal) = reply { refusals[channel] = refusal }
        }
        return refusals
    }

    /// Returns when the connection has ended, with the reason. Cancellation closes the connection.
    public func waitUntilClosed() async -> RedisError { await link.waitUntilClosed() }

    /// Drops the connection; whatever waits fails with ``RedisError/closed``. May be called again.
    public func close() { link.close(because: .closed) }
}

extension RedisReplyError {
    /// `HELLO` is unknown before Redis 6, and an ACL may forbid it while `AUTH` works.
    fileprivate var leavesOlderLogin: Bool {
        switch self {
        case .generic, .noProto, .noPermission: true
        case .wrongType, .noAuthentication, .wrongPassword, .loading, .readOnly, .moved, .ask, .tryAgain, .clusterDown,
            .masterDown, .busy, .other:
            false
        }
    }
}
