/// What one sentinel answered to ``SentinelAnswer/commands(master:)``. Whatever it sends is foreign: nothing of it is
/// trusted but a well-formed host and port, which the host policy judges when it is connected to.
package struct SentinelAnswer: Equatable {
    package enum Master: Equatable {
        case at(RedisAddress)
        case failed(SentinelFailure)
    }

    /// A cluster of more sentinels than this is none that a sane person runs.
    package static let maximumSentinels = 64

    package var master: Master
    /// Grows with each failover; nil: not told.
    package var epoch: Int?
    /// The other sentinels, without those whose address makes no sense.
    package var sentinels: [RedisAddress]

    package init(master: Master, epoch: Int? = nil, sentinels: [RedisAddress] = []) {
        self.master = master
        self.epoch = epoch
        self.sentinels = sentinels
    }

    /// `SENTINEL MASTER` gives the epoch; its address is the old one until a failover is over, so it is asked for apart.
    static func commands(master: String) -> [RedisCommand] {
        [
            RedisCommand("SENTINEL", "GET-MASTER-ADDR-BY-NAME", master), RedisCommand("SENTINEL", "MASTER", master),
            RedisCommand("SENTINEL", "SENTINELS", master),
        ]
    }

    /// - Parameter replies: to ``commands(master:)``. The latter two may be refused by an ACL.
    package init(_ replies: [RESPValue]) {
        switch replies.first {
        case .error(let refusal)?: master = .failed(.refused(refusal))
        case .null?, nil: master = .failed(.unknownMaster)
        case let reply?:
            let parts = reply.elements ?? []
            if parts.count == 2, let address = RedisAddress(host: parts[0].text, port: parts[1].text) {
                master = .at(address)
            } else {
                master = .failed(.unusableAddress)
            }
        }
        epoch = replies.count > 1 ? replies[1].fields["config-epoch"]?.text.flatMap { Int($0) } : nil
        sentinels = []
        for sentinel in (replies.count > 2 ? replies[2].elements ?? [] : []).prefix(Self.maximumSentinels) {
            let fields = sentinel.fields
            if let address = RedisAddress(host: fields["ip"]?.text, port: fields["port"]?.text) {
                sentinels.append(address)
            }
        }
    }
}

extension RedisAddress {
    /// nil unless it is a host and a port as they may also stand in a specification.
    init?(host: String?, port: String?) {
        guard let host, let port, let number = Int(port), !host.contains("["), !host.contains("]") else { return nil }
        self.init(host.contains(":") ? "[\(host)]:\(number)" : "\(host):\(number)")
    }
}
