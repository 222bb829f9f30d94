/// Why a connection could not be made, or ended. It holds no text that a server sent and no secret.
public indirect enum RedisError: Error, Hashable, Sendable {
    /// The host's name has no address, or the lookup took too long.
    case lookupFailed(RedisAddress)
    /// The host policy refuses what the name resolved to.
    case hostRefused(RedisHostRefusal)
    case connectFailed(RedisAddress)
    case connectTimedOut(RedisAddress)
    /// The PEM texts of the configuration can't be used; `what` names which.
    case tlsConfigurationInvalid(what: String)
    /// The handshake failed: the certificate or its name does not verify, or the peer speaks no TLS.
    case tlsHandshakeFailed(RedisAddress)
    /// The server refused `command` during the handshake (`HELLO`, `AUTH`, `SELECT`).
    case handshakeRefused(command: String, RedisReplyError)
    /// The server at an address that must be a master's says that it is none.
    case notMaster(RedisAddress)
    /// The sentinels name another master than the one that was connected to.
    case masterMoved
    /// The sentinels don't tell where the master is.
    case sentinelFailed(SentinelFailure)
    case commandTimedOut
    /// What the server sent is no RESP, or exceeds the limits.
    case protocolViolated(RESPViolation)
    /// Closed by the server, the network or the owner.
    case closed
}

/// The code word of an error reply, such as `WRONGTYPE`. The rest of a server's text is untrusted and dropped.
public enum RedisReplyError: Error, Hashable, Sendable {
    case wrongType
    case noPermission
    case noAuthentication
    case wrongPassword
    case loading
    case readOnly
    /// The key's slot is another node's.
    case moved(RedisRedirection)
    /// The key's slot is on its way to another node, and this key is there already or nowhere.
    case ask(RedisRedirection)
    /// Some of the keys of a command are on their way to another node.
    case tryAgain
    /// No node serves the key's slot, or this node has lost touch with most of the cluster.
    case clusterDown
    case masterDown
    case busy
    case noProto
    /// `ERR`, which says "unknown command" as well as anything else.
    case generic
    /// Any other code word, kept only if it is 1 to 24 letters A-Z.
    case other(String)

    /// - Parameter line: an error reply without its leading `-`.
    public init(line: some Collection<UInt8>) {
        let word = line.prefix { $0 != 0x20 && $0 != 0x0D }
        guard (1...24).contains(word.count), word.allSatisfy({ (0x41...0x5A).contains($0) }) else {
            self = .generic
            return
        }
        switch String(decoding: word, as: UTF8.self) {
        case "WRONGTYPE": self = .wrongType
        case "NOPERM": self = .noPermission
        case "NOAUTH": self = .noAuthentication
        case "WRONGPASS": self = .wrongPassword
        case "LOADING": self = .loading
        case "READONLY": self = .readOnly
        case "MOVED": self = RedisRedirection(line: line).map { .moved($0) } ?? .other("MOVED")
        case "ASK": self = RedisRedirection(line: line).map { .ask($0) } ?? .other("ASK")
        case "TRYAGAIN": self = .tryAgain
        case "CLUSTERDOWN": self = .clusterDown
        case "MASTERDOWN": self = .masterDown
        case "BUSY": self = .busy
        case "NOPROTO": self = .noProto
        case "ERR": self = .generic
        case let word: self = .other(word)
        }
    }
}

/// Which rule of the protocol, or which limit, a reply broke.
public enum RESPViolation: Error, Hashable, Sendable {
    case unknownType
    case malformedNumber
    case malformedEnding
    case lineTooLong
    case bulkTooLong
    case aggregateTooLong
    case nestedTooDeep
    case replyTooLong
    /// A reply came that no command waits for.
    case unexpectedReply
}
