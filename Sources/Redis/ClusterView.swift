/// What one node of a cluster says of it.
package struct ClusterView: Hashable, Sendable {
    /// Who holds which slot.
    package let map: ClusterMap
    /// The highest configuration epoch that the node knows: it grows with each failover and each moved slot, so a node
    /// that is cut off is known by its lower one. nil: the node may not be asked.
    package let epoch: Int?
    /// Slots that this node is giving away at the moment.
    package let leaving: Set<RedisSlot>

    package init(map: ClusterMap, epoch: Int?, leaving: Set<RedisSlot> = []) {
        self.map = map
        self.epoch = epoch
        self.leaving = leaving
    }

    /// The slots in the form that every version since 3.0 has (`CLUSTER SHARDS` needs 7.0), with the addresses meant
    /// for clients and the ports that fit to the kind of connection. What it leaves out is in the nodes' own table.
    package static let commands = [RedisCommand("CLUSTER", "SLOTS"), RedisCommand("CLUSTER", "NODES")]

    /// Reads the answers to ``commands``.
    ///
    /// - Parameter asked: where the node was asked; a node that does not know its own address is there.
    package init(_ replies: [RESPValue], from asked: RedisAddress) throws(ClusterFault) {
        guard let slots = replies.first else { throw .malformed }
        map = try Self.map(slots, from: asked)
        var table = NodeTable()
        if replies.count > 1, case .string(let bytes) = replies[1], bytes.count <= NodeTable.maximumBytes {
            table = NodeTable(bytes[...])
        }
        epoch = table.epoch
        leaving = table.leaving
    }

    private static func map(_ reply: RESPValue, from asked: RedisAddress) throws(ClusterFault) -> ClusterMap {
        if case .error(let refusal) = reply { throw .refused(refusal) }
        guard let entries = reply.elements, entries.count <= RedisSlot.count else { throw .malformed }
        var ranges: [(slots: ClosedRange<Int>, master: RedisAddress)] = []
        for entry in entries {
            guard let parts = entry.elements, parts.count >= 3, let first = parts[0].integer,
                let last = parts[1].integer, let master = address(parts[2], from: asked),
                0 <= first, first <= last, last < RedisSlot.count
            else { continue }
            ranges.append((first...last, master))
        }
        guard entries.isEmpty || !ranges.isEmpty else { throw .malformed }
        return try ClusterMap(ranges)
    }

    /// `[endpoint, port, id, [key, value…]]`. An endpoint that is missing or empty means the address asked; `?` stands
    /// for a name that was not set, where the address among the details is the next best.
    private static func address(_ node: RESPValue, from asked: RedisAddress) -> RedisAddress? {
        guard let parts = node.elements, parts.count >= 2, let port = parts[1].integer else { return nil }
        var host = parts[0].text ?? ""
        if host == "?", parts.count >= 4 { host = detail("ip", of: parts[3]) ?? "" }
        return RedisAddress(checking: host.isEmpty || host == "?" ? asked.host : host, port: port)
    }

    private static func detail(_ name: String, of details: RESPValue) -> String? {
        let words: [RESPValue]
        switch details {
        case .map(let alternating): words = alternating
        case .null, .integer, .double, .boolean, .string, .error, .array, .set, .push: words = details.elements ?? []
        }
        for index in stride(from: 0, to: words.count - 1, by: 2) where words[index].text == name {
            return words[index + 1].text
        }
        return nil
    }
}

/// What is needed of `CLUSTER NODES`: a line a node, of
/// `id address flags master ping-sent pong-received config-epoch link-state slot…`.
private struct NodeTable {
    /// A line has some 150 bytes, and there are some hundred nodes at most; scattered slots make it longer.
    static let maximumBytes = 1 << 20

    var epoch: Int?
    var leaving: Set<RedisSlot> = []

    init() {}

    init(_ text: ArraySlice<UInt8>) {
        for line in text.split(separator: 0x0A) {
            let fields = line.split(separator: 0x20, maxSplits: 8)
            guard fields.count >= 8, let known = Int(String(decoding: fields[6], as: UTF8.self)) else { continue }
            epoch = max(epoch ?? known, known)
            guard fields.count == 9, String(decoding: fields[2], as: UTF8.self).hasPrefix("myself") else { continue }
            for field in fields[8].split(separator: 0x20) {
                if let slot = Self.leaving(field) { leaving.insert(slot) }
            }
        }
    }

    /// The slot of `[93->-292f8b365bb7edb5e285caf0b7e6ddc7265d2f4f]`.
    private static func leaving(_ field: ArraySlice<UInt8>) -> RedisSlot? {
        guard field.first == UInt8(ascii: "[") else { return nil }
        let digits = field.dropFirst().prefix { (0x30...0x39).contains($0) }
        guard field[digits.endIndex...].starts(with: Array("->-".utf8)) else { return nil }
        return Int(String(decoding: digits, as: UTF8.self)).flatMap { RedisSlot($0) }
    }
}
