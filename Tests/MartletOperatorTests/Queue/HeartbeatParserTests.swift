import Testing

@testable import MartletOperator

@Suite struct HeartbeatParserTests {
    /// As Celery 5.7 sends it.
    static let sample = """
        {"body": "eyJob3N0bmFtZSI6ICJjZWxlcnlAdm0iLCAidXRjb2Zmc2V0IjogMC4wLCAicGlkIjogMTk5NTYsICJjbG9jayI6IDE0LCAiZnJlcSI6IDIuMCwgImFjdGl2ZSI6IDEsICJwcm9jZXNzZWQiOiA1LCAibG9hZGF2ZyI6IFs1LjE2LCAzLjUsIDEuNzJdLCAic3dfaWRlbnQiOiAicHktY2VsZXJ5IiwgInN3X3ZlciI6ICI1LjcuMCIsICJzd19zeXMiOiAiTGludXgiLCAidGltZXN0YW1wIjogMTc5NTIzMDMwMC40Mjk0MTE0LCAidHlwZSI6ICJ3b3JrZXItaGVhcnRiZWF0In0=", "content-encoding": "utf-8", "content-type": "application/json", "headers": {"hostname": "celery@vm"}, "properties": {"delivery_mode": 1, "delivery_info": {"exchange": "celeryev", "routing_key": "worker.heartbeat"}, "priority": 0, "body_encoding": "base64", "delivery_tag": "089102f5-ff5d-4e0d-b2b3-041cb1925817"}}
        """

    private func plain(_ body: String) -> Heartbeat? {
        let escaped = body.replacing("\"", with: "\\\"")
        return HeartbeatParser.parse(
            Array("{\"body\": \"\(escaped)\", \"properties\": {\"body_encoding\": \"none\"}}".utf8))
    }

    @Test("a heartbeat of a real worker is read")
    func real() {
        let heartbeat = HeartbeatParser.parse(Array(Self.sample.utf8))
        #expect(heartbeat == Heartbeat(hostname: "celery@vm", active: 1, processed: 5, frequency: 2))
        #expect(heartbeat?.host == "vm")
    }

    @Test("absurd or hostile figures are no heartbeat")
    func absurd() {
        #expect(plain(#"{"hostname": "w@a", "active": 0, "processed": 1, "freq": 2}"#) != nil)
        for body in [
            #"{"hostname": "", "active": 0}"#, #"{"active": 0}"#, #"{"hostname": "w@a", "active": -1}"#,
            #"{"hostname": "w@a", "active": 1e300}"#, #"{"hostname": "w@a", "freq": 0}"#,
            #"{"hostname": "w@a", "freq": 1e9}"#, #"{"hostname": "w@a b"}"#, "[]", "null", "",
            #"{"hostname": "\#(String(repeating: "x", count: 400))"}"#,
            String(repeating: "[", count: 4000),
        ] {
            #expect(plain(body) == nil, "\(body.prefix(60))")
        }
        #expect(HeartbeatParser.parse([UInt8](repeating: 0x7B, count: 9000)) == nil)
    }

    @Test("a heartbeat with random bytes changed is read or refused, never a crash")
    func fuzz() {
        let sample = Array(Self.sample.utf8)
        var read = 0
        for _ in 0..<2000 {
            var bytes = sample
            for _ in 0..<Int.random(in: 1...6) { bytes[Int.random(in: 0..<bytes.count)] = UInt8.random(in: 0...255) }
            if let heartbeat = HeartbeatParser.parse(bytes) {
                read += 1
                #expect(heartbeat.active >= 0)
            }
        }
        #expect(read > 0)
    }
}
