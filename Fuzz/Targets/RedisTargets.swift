import FoundationEssentials
import KubernetesModel
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
