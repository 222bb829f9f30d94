/// Why sentinels don't tell where the master is. It holds nothing that a server sent.
public indirect enum SentinelFailure: Error, Hashable, Sendable {
    /// None of them can be spoken to; the reason names an address only if the user gave it.
    case unreachable(RedisError)
    /// They watch no master of that name.
    case unknownMaster
    /// What answers is no sentinel, or refuses to be asked.
    case refused(RedisReplyError)
    /// The master's address as they give it is none.
    case unusableAddress

    /// Of several sentinels' failures the one that most needs its user is told: a dead sentinel is what the others are for.
    var gravity: Int {
        switch self {
        case .unreachable(let reason):
            switch reason {
            case .lookupFailed, .connectFailed, .connectTimedOut, .commandTimedOut, .closed, .notMaster, .masterMoved,
                .sentinelFailed:
                0
            case .protocolViolated: 1
            case .hostRefused, .tlsConfigurationInvalid, .tlsHandshakeFailed, .handshakeRefused: 2
            }
        case .unknownMaster, .unusableAddress: 3
        case .refused: 1
        }
    }
}

/// What the sentinels of one master say of it.
public struct SentinelView: Hashable, Sendable {
    /// Where they last said that it is; kept while they can't be asked.
    public var master: RedisAddress?
    /// Why they can't be asked, once each of them failed; nil while one answers.
    public var failure: SentinelFailure?

    /// Nothing is known yet.
    public init() {}
}
