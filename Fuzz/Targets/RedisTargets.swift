import FoundationEssentials
import KubernetesModel
import MartletAPI
import NIOCore
import Redis

@testable import MartletOperator

extension FuzzTarget {
    /// The first byte decides how the rest is cut.
    static let resp = FuzzTarget(
        "resp",
        seeds: [
            "a+OK\r\n-ERR no\r\n:-12\r\n_\r\n#t\r\n,1.5e3\r\n(123456789012345678901\r\n",
            "b$5\r\nhello\r\n$-1\r\n=8\r\ntxt:text\r\n!3\r\nERR\r\n*-1\r\n",
            "c*2\r\n%1\r\n+k\r\n~2\r\n:1\r\n:2\r\n|1\r\n+a\r\n+b\r\n*0\r\n",
            "d>2\r\n$10\r\ninvalidate\r\n*1\r\n$6\r\ncelery\r\n>2\r\n$10\r\ninvalidate\r\n_\r\n",
            "e>3\r\n+message\r\n+channel\r\n$2\r\n{}\r\n>4\r\n+pmessage\r\n+p*\r\n+pc\r\n+x\r\n",
            "f*3\r\n*2\r\n+127.0.0.1\r\n:6379\r\n-MOVED 3999 127.0.0.1:6381\r\n-ASK 1 h:2\r\n",
        ]
    ) { bytes in
        guard let seed = bytes.first else { return }
        let whole = read([bytes.dropFirst()])
        let cut = read(pieces(bytes.dropFirst(), seed: seed))
        promise(whole == cut, "read at once \(whole), in pieces \(cut)")
    }

    /// Small, so that the fuzzer reaches them.
    private static var limits: RESPLimits {
        var limits = RESPLimits()
        limits.bulkBytes = 256
        limits.lineBytes = 64
        limits.elements = 32
        limits.depth = 6
        limits.replyBytes = 1024
        return limits
    }

    /// Every reply and what ended the stream, as text: a NaN equals no other.
    private static func read(_ pieces: [ArraySlice<UInt8>]) -> [String] {
        var parser = RESPParser(limits: limits)
        var router = ReplyRouter()
        var seen: [String] = []
        // As on a connection that listens, where RESP2 sends what is unasked for as plain arrays.
        router.expect(subscriptions: 1)
        do {
            for piece in pieces {
                parser.append(ByteBuffer(bytes: piece))
                while let value = try parser.next() {
                    seen.append("\(value)")
                    router.expect(replies: 1)
                    seen.append("\(try router.receive(value))")
                }
            }
        } catch { seen.append("\(error)") }
        return seen
    }

    /// Replies, as Redis sends them, to the questions that the reading of Celery's hash asks.
    static let unacked = FuzzTarget(
        "unacked",
        seeds: [
            ":0\r\n:2\r\n*2\r\n+a\r\n+b\r\n:60\r\n:60\r\n$26\r\n[{\"x\": 1}, \"\", \"celery\"]   \r\n_\r\n",
            ":3\r\n*3\r\n+a\r\n+b\r\n+c\r\n:1\r\n:1\r\n-WRONGTYPE no\r\n+[]\r\n+[1,\"x\",\"x\"]\r\n#t\r\n",
            "-NOPERM no\r\n:9223372036854775807\r\n:-1\r\n_\r\n~1\r\n+t\r\n:5\r\n+[{}, \"e\", \"other\"]\r\n",
        ]
    ) { bytes in
        var parser = RESPParser()
        parser.append(ByteBuffer(bytes: bytes))
        var tasks = UnackedTasks(key: "unacked")
        tasks.observers = [
            .init(namespace: "dev", name: "a"), .init(namespace: "dev", name: "b"),
        ]
        var now = ContinuousClock.now
        tasks.markDirty(at: now)
        while true {
            now += UnackedTasks.interval
            if tasks.nextCountAt == nil, !tasks.isPending { tasks.markDirty(at: now) }
            guard tasks.takeCount(at: now) ?? tasks.takeStep() != nil else { return }
            guard let reply = try? parser.next() else { return }
            _ = tasks.receive([reply], at: now)
            if let share = tasks.share(of: ["celery"]) {
                promise(share.inFlight >= 0 && share.unattributed >= 0, "tasks fewer than none: \(share)")
            }
        }
    }

    /// Replies that parse, in the order of the questions.
    private static func replies(_ bytes: [UInt8]) -> [RESPValue] {
        var parser = RESPParser()
        parser.append(ByteBuffer(bytes: bytes))
        var replies: [RESPValue] = []
        while replies.count < 3, let reply = try? parser.next() { replies.append(reply) }
        return replies
    }

    /// What a cluster's nodes and sentinels say of others: where we would be sent.
    static let topology = FuzzTarget(
        "topology",
        seeds: [
            "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$8\r\n10.0.0.1\r\n:6379\r\n"
                + "$46\r\nid 10.0.0.1:6379@1 myself,master - 0 0 7 - 0-9\r\n",
            "*1\r\n*3\r\n:0\r\n:5\r\n*4\r\n+?\r\n:1\r\n+id\r\n*2\r\n+ip\r\n+10.0.0.2\r\n_\r\n",
            "*2\r\n+10.0.0.1\r\n+6379\r\n*4\r\n+config-epoch\r\n+3\r\n+ip\r\n+h\r\n"
                + "*1\r\n*4\r\n+ip\r\n+10.0.0.3\r\n+port\r\n+26379\r\n",
            "-ERR no such master\r\n", "-MOVED 1 h:2\r\n",
        ]
    ) { bytes in
        let replies = replies(bytes)
        if let view = try? ClusterView(replies, from: RedisAddress(host: "10.0.0.9", port: 6379)) {
            promise((1...64).contains(view.map.masters.count), "\(view.map.masters.count) masters")
            for address in view.map.masters { promise(isUsable(address), "a master at \(address)") }
        }
        let answer = SentinelAnswer(replies)
        if case .at(let address) = answer.master { promise(isUsable(address), "a master at \(address)") }
        promise(answer.sentinels.count <= SentinelAnswer.maximumSentinels, "too many sentinels")
        for address in answer.sentinels { promise(isUsable(address), "a sentinel at \(address)") }
    }

    private static func isUsable(_ address: RedisAddress) -> Bool {
        !address.host.isEmpty && address.host.utf8.count <= 253 && (1...65_535).contains(address.port)
            && address.host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }

    /// Replies to the questions about streams and delayed tasks.
    static let stream = FuzzTarget(
        "stream",
        seeds: [
            ":9\r\n*1\r\n*12\r\n+name\r\n+g\r\n+consumers\r\n:1\r\n+pending\r\n:2\r\n"
                + "+last-delivered-id\r\n+5-0\r\n+entries-read\r\n:5\r\n+lag\r\n_\r\n"
                + "*2\r\n*2\r\n+6-0\r\n*2\r\n+a\r\n+b\r\n*2\r\n+7-0\r\n*2\r\n+a\r\n+b\r\n",
            ":0\r\n-ERR no such key\r\n", "*2\r\n+1700000000\r\n+5\r\n:3\r\n*2\r\n+m\r\n,1.8e9\r\n",
        ]
    ) { bytes in
        let replies = replies(bytes)
        var counter = StreamCounter(countingTo: 100)
        var now = ContinuousClock.now
        if case .found(let figure) = StreamFigure.read(replies.prefix(2), group: "g") {
            var verdict: StreamCounter.Verdict? = counter.receive(figure, at: now)
            // Bounded by the counter itself, or this hangs.
            while verdict == .counting, counter.page != nil {
                now += .milliseconds(1)
                verdict = counter.receive(page: replies.last, at: now)
            }
            if case .settled(let count, _)? = verdict {
                promise(count.waiting >= 0 && count.inFlight >= 0, "fewer than none: \(count)")
            }
        }
        if let reading = try? DueReading(replies[...]) {
            if let score = reading.nextScore {
                for unit in [DueScore.now, .nowMilliseconds] {
                    let wait = reading.time.duration(until: score, in: unit)
                    promise(wait ?? .zero >= .zero, "a wait of \(String(describing: wait))")
                }
            }
        }
    }

    /// The first byte decides whether the rest is the whole message or the body that an envelope is made around.
    static let heartbeat = FuzzTarget(
        "heartbeat",
        seeds: [
            "b{\"hostname\": \"celery@pod-1\", \"active\": 1, \"processed\": 12, \"freq\": 2.0, \"clock\": 3}",
            "b{\"hostname\": \"h\", \"freq\": 1e308}", "b{\"hostname\": \"h\", \"active\": -1}",
            "m{\"body\": \"eyJob3N0bmFtZSI6ICJhIn0=\", \"properties\": {\"body_encoding\": \"base64\"}}",
            "m{\"body\": \"{\\\"hostname\\\": \\\"a\\\"}\", \"properties\": {\"body_encoding\": \"utf-8\"}}",
        ]
    ) { bytes in
        guard let mode = bytes.first else { return }
        let content = bytes.dropFirst()
        let message =
            mode == UInt8(ascii: "m")
            ? Array(content) : Array("{\"body\": \"\(Data(content).base64EncodedString())\"}".utf8)
        guard let heartbeat = HeartbeatParser.parse(message) else { return }
        promise(!heartbeat.hostname.isEmpty && heartbeat.hostname.utf8.count <= 300, "a host name of any length")
        promise(heartbeat.frequency > 0 && heartbeat.frequency <= 3600, "a frequency of \(heartbeat.frequency)")
        promise(heartbeat.active >= 0 && heartbeat.processed >= 0, "tasks fewer than none")
    }
}
