import NIOCore
import Redis

extension Workload {
    /// The answer to one pipeline of `LLEN`, in the pieces in which a socket hands it over.
    static func respPipeline() -> Workload {
        let replies = 2_000
        let pieces = cut(Array((0..<replies).map { ":\($0 * 37 % 5_000)\r\n" }.joined().utf8))
        return Workload("RESP: a pipeline of 2,000 integers") {
            try expect(try parsed(pieces) { $0.integer != nil }, replies)
        }
    }

    /// One large value, as a hash of unacknowledged tasks may hold.
    static func respBulk() -> Workload {
        let length = 1 << 20
        let pieces = cut(Array("$\(length)\r\n".utf8) + [UInt8](repeating: 0x78, count: length) + [13, 10])
        return Workload("RESP: one bulk string of 1 MiB") {
            try expect(
                try parsed(pieces) { if case .string(let bytes) = $0 { bytes.count == length } else { false } }, 1)
        }
    }

    /// How many replies are complete and `isRight`.
    private static func parsed(_ pieces: [ByteBuffer], isRight: (RESPValue) -> Bool) throws -> Int {
        var parser = RESPParser()
        var right = 0
        for piece in pieces {
            parser.append(piece)
            while let reply = try parser.next() { if isRight(reply) { right += 1 } }
        }
        return right
    }

    private static func cut(_ bytes: [UInt8], every length: Int = 16 << 10) -> [ByteBuffer] {
        stride(from: 0, to: bytes.count, by: length).map { start in
            ByteBuffer(bytes: bytes[start..<min(start + length, bytes.count)])
        }
    }
}
