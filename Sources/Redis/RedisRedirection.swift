/// Where a cluster's node says that a key is, in a `MOVED` or `ASK` reply.
///
/// The host is what a foreign server sent: it is connected to only where the cluster's map names it too, and never
/// shown.
public struct RedisRedirection: Hashable, Sendable {
    /// The slot of the key.
    public let slot: RedisSlot
    /// nil: the host of the node that answered.
    public let host: String?
    /// Of that host.
    public let port: Int

    /// Both parts as the reply gave them.
    public init(slot: RedisSlot, host: String?, port: Int) {
        self.slot = slot
        self.host = host
        self.port = port
    }

    /// - Parameter line: the reply from its code word on, as in `MOVED 3999 127.0.0.1:6381` (an IPv6 address comes
    ///   without brackets).
    init?(line: some Collection<UInt8>) {
        let words = line.split(separator: 0x20, maxSplits: 4).map { String(decoding: $0, as: UTF8.self) }
        guard words.count >= 3, let slot = Int(words[1]).flatMap({ RedisSlot($0) }) else { return nil }
        guard let colon = words[2].lastIndex(of: ":"), let port = Int(words[2][words[2].index(after: colon)...]) else {
            return nil
        }
        let host = String(words[2][..<colon])
        guard RedisAddress(checking: host.isEmpty ? "unknown" : host, port: port) != nil else { return nil }
        self.init(slot: slot, host: host.isEmpty || host == "?" ? nil : host, port: port)
    }

    /// The address meant, given the one that was asked.
    public func address(from asked: RedisAddress) -> RedisAddress {
        RedisAddress(host: host ?? asked.host, port: port)
    }
}
