import Testing

@testable import Redis

@Suite struct ClusterViewTests {
    private let asked = RedisAddress(host: "seed.example", port: 7000)

    private func text(_ text: String) -> RESPValue { .string(Array(text.utf8)) }

    private func node(_ host: RESPValue, _ port: Int64, _ details: [RESPValue]? = nil) -> RESPValue {
        .array([host, .integer(port), text("id")] + (details.map { [.array($0)] } ?? []))
    }

    private func range(_ first: Int64, _ last: Int64, _ nodes: RESPValue...) -> RESPValue {
        .array([.integer(first), .integer(last)] + nodes)
    }

    private func view(_ slots: RESPValue, _ table: RESPValue = .error(.noPermission)) throws(ClusterFault)
        -> ClusterView
    {
        try ClusterView([slots, table], from: asked)
    }

    private func master(_ map: ClusterMap, _ slot: Int) -> String? {
        RedisSlot(slot).flatMap { map.master(of: $0) }?.description
    }

    @Test("each slot leads to the first node of its range, never to a replica; a slot in none to nobody")
    func ranges() throws {
        let map = try view(
            .array([
                range(0, 5460, node(text("10.0.0.1"), 6379), node(text("10.0.0.4"), 6379)),
                range(5462, 16383, node(text("10.0.0.2"), 6380)),
            ])
        ).map
        #expect(master(map, 0) == "10.0.0.1:6379")
        #expect(master(map, 5460) == "10.0.0.1:6379")
        #expect(master(map, 5461) == nil)
        #expect(master(map, 16383) == "10.0.0.2:6380")
        #expect(map.masters.map(\.description) == ["10.0.0.1:6379", "10.0.0.2:6380"])
        #expect(!map.isComplete)
    }

    @Test("a host that is null, empty or unknown is the one that was asked, or the address among the details")
    func unknownHosts() throws {
        let map = try view(
            .array([
                range(0, 1, node(.null, 7001)), range(2, 3, node(text(""), 7002)), range(4, 5, node(text("?"), 7003)),
                range(6, 7, node(text("?"), 7004, [text("ip"), text("10.0.0.9")])),
                range(8, 16383, node(text("redis-4.example"), 7005, [text("ip"), text("10.0.0.8")])),
            ])
        ).map
        #expect(
            map.masters.map(\.description) == [
                "seed.example:7001", "seed.example:7002", "seed.example:7003", "10.0.0.9:7004", "redis-4.example:7005",
            ])
        #expect(map.isComplete)
    }

    @Test("parts that make no sense are left out, and nothing that does is a fault")
    func oddReplies() throws {
        let good = range(0, 16383, node(text("10.0.0.1"), 6379))
        let odd: [RESPValue] = [
            .null, .integer(3), .array([]), range(5, 4, node(text("a"), 1)), range(-1, 4, node(text("a"), 1)),
            range(0, 16384, node(text("a"), 1)), range(0, 1, node(text("a b"), 1)), range(0, 1, node(text("a"), 0)),
            range(0, 1, .array([text("a")])), range(0, 1),
        ]
        #expect(try view(.array(odd + [good])).map.masters.count == 1)
        #expect(throws: ClusterFault.malformed) { try view(.array(odd)) }
        #expect(throws: ClusterFault.malformed) { try view(.string([])) }
        #expect(throws: ClusterFault.servesNothing) { try view(.array([])) }
        #expect(throws: ClusterFault.refused(.generic)) { try view(.error(.generic)) }
    }

    @Test("64 masters are followed, 65 are refused")
    func limit() throws {
        func slots(_ masters: Int64) -> RESPValue {
            .array((0..<masters).map { range($0, $0, node(text("10.0.0.1"), 1000 + $0)) })
        }
        #expect(try view(slots(64)).map.masters.count == 64)
        #expect(throws: ClusterFault.tooManyMasters) { try view(slots(65)) }
    }

    @Test("the table of nodes tells the highest epoch, and the slots that the node itself gives away")
    func table() throws {
        let table = """
            07c3 127.0.0.1:30004@31004,host4 slave e7d1 0 1426238317239 4 connected
            e7d1 127.0.0.1:30001@31001 myself,master - 0 0 7 connected 0-5460 [93->-292f] [77-<-e7d1] [x->-y]
            292f 127.0.0.1:30003@31003 master - 0 1426238318243 3 connected 10923-16383 [12->-e7d1]
            nonsense
            """
        let slots = RESPValue.array([range(0, 16383, node(text("10.0.0.1"), 6379))])
        #expect(try view(slots, text(table)).epoch == 7)
        #expect(try view(slots, text(table)).leaving == Set([RedisSlot(93)].compactMap { $0 }))
        #expect(try view(slots).epoch == nil)
        #expect(try view(slots).leaving.isEmpty)
    }

    @Test("redirections name slot and address; without a host they mean the node that answered")
    func redirections() {
        func moved(_ text: String) -> RedisReplyError { RedisReplyError(line: Array(text.utf8)) }
        guard case .moved(let there) = moved("MOVED 3999 127.0.0.1:6381"), case .ask(let here) = moved("ASK 1 :6382"),
            case .moved(let six) = moved("MOVED 5 ::1:6383")
        else {
            Issue.record("not read")
            return
        }
        #expect(there.slot.number == 3999)
        #expect(there.address(from: asked).description == "127.0.0.1:6381")
        #expect(here.address(from: asked).description == "seed.example:6382")
        #expect(six.address(from: asked) == RedisAddress(host: "::1", port: 6383))
        for odd in [
            "MOVED", "MOVED 1", "MOVED x a:1", "MOVED 16384 a:1", "MOVED 1 a:0", "MOVED 1 a", "MOVED 1 \u{1}:1",
        ] {
            #expect(moved(odd) == .other("MOVED"), "\(odd)")
        }
    }
}
