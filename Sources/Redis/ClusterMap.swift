/// Which master of a cluster holds which slot, as one of its nodes sees it.
///
/// The addresses are what a foreign server sent: they are checked by the host policy when connected to, and never
/// shown to a user.
public struct ClusterMap: Hashable, Sendable {
    /// A server may not make the operator open connections without end.
    public static let maximumMasters = 64

    /// Masters that hold a slot, each once, in the order of their first slot.
    public let masters: [RedisAddress]
    /// For each slot an index into `masters`, or ``nobody``.
    private let owners: [UInt8]
    private static let nobody = UInt8.max

    /// Made of whole ranges; a slot that is in none has no master. Where ranges overlap the first counts.
    package init(_ ranges: [(slots: ClosedRange<Int>, master: RedisAddress)]) throws(ClusterFault) {
        var masters: [RedisAddress] = []
        var indexes: [RedisAddress: UInt8] = [:]
        var owners = [UInt8](repeating: Self.nobody, count: RedisSlot.count)
        for range in ranges.sorted(by: { $0.slots.lowerBound < $1.slots.lowerBound }) {
            let index: UInt8
            if let known = indexes[range.master] {
                index = known
            } else {
                guard masters.count < Self.maximumMasters else { throw .tooManyMasters }
                index = UInt8(masters.count)
                indexes[range.master] = index
                masters.append(range.master)
            }
            for slot in range.slots.clamped(to: 0...RedisSlot.count - 1) where owners[slot] == Self.nobody {
                owners[slot] = index
            }
        }
        guard !masters.isEmpty else { throw .servesNothing }
        self.masters = masters
        self.owners = owners
    }

    /// nil: no node of the cluster serves the slot.
    public func master(of slot: RedisSlot) -> RedisAddress? {
        let index = owners[slot.number]
        return index == Self.nobody ? nil : masters[Int(index)]
    }

    /// True when each slot has a master.
    public var isComplete: Bool { !owners.contains(Self.nobody) }
}

/// Why a server can't be used as a part of a cluster. It holds nothing that a server sent.
public enum ClusterFault: Error, Hashable, Sendable {
    /// None of the given addresses can be used; this is what the first of them came to.
    case unreachable(RedisError)
    /// `CLUSTER SLOTS` is refused: most likely the server is no part of a cluster.
    case refused(RedisReplyError)
    /// Nothing in the answer makes sense.
    case malformed
    /// The node is in cluster mode, and no slot has a master yet.
    case servesNothing
    /// More than ``ClusterMap/maximumMasters``.
    case tooManyMasters
}
