import NIOCore
import Testing

@testable import Redis

@Suite struct RESPParserTests {
    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
    private static func string(_ text: String) -> RESPValue { .string(bytes(text)) }

    private func parse(_ input: [UInt8], piece: Int, limits: RESPLimits = RESPLimits()) throws -> [RESPValue] {
        var parser = RESPParser(limits: limits)
        var values: [RESPValue] = []
        for start in stride(from: 0, to: input.count, by: piece) {
            parser.append(ByteBuffer(bytes: input[start..<min(start + piece, input.count)]))
            while let value = try parser.next() { values.append(value) }
        }
        return values
    }

    private func violation(_ text: String, limits: RESPLimits = RESPLimits()) -> RESPViolation? {
        do {
            _ = try parse(Self.bytes(text), piece: 7, limits: limits)
            return nil
        } catch {
            return error as? RESPViolation
        }
    }

    private static let conversation: [(String, RESPValue)] = [
        ("+OK\r\n", string("OK")), (":-42\r\n", .integer(-42)), (":9223372036854775807\r\n", .integer(.max)),
        (":-9223372036854775808\r\n", .integer(.min)), ("$5\r\na\r\nbc\r\n", string("a\r\nbc")),
        ("$0\r\n\r\n", string("")), ("$-1\r\n", .null), ("*-1\r\n", .null), ("_\r\n", .null),
        ("#t\r\n", .boolean(true)),
        (",1.5\r\n", .double(1.5)), ("(123456789012345678901234567890\r\n", string("123456789012345678901234567890")),
        ("-WRONGTYPE Operation against a key\r\n", .error(.wrongType)),
        ("!10\r\nNOPERM nop\r\n", .error(.noPermission)),
        ("=7\r\ntxt:abc\r\n", string("abc")), ("*0\r\n", .array([])), ("%0\r\n", .map([])),
        ("*2\r\n:1\r\n*1\r\n$1\r\nx\r\n", .array([.integer(1), .array([string("x")])])),
        ("%1\r\n+a\r\n~1\r\n:1\r\n", .map([string("a"), .set([.integer(1)])])),
        ("|1\r\n+ttl\r\n:3\r\n:7\r\n", .integer(7)), ("*1\r\n|1\r\n+a\r\n*0\r\n:5\r\n", .array([.integer(5)])),
        ("|0\r\n:8\r\n", .integer(8)),
        (">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n", .push([string("invalidate"), .array([string("k")])])),
    ]

    @Test("a conversation reads the same however its bytes are split")
    func everySplit() throws {
        let input = Self.bytes(Self.conversation.map(\.0).joined())
        for piece in 1...input.count {
            #expect(try parse(input, piece: piece) == Self.conversation.map(\.1), "pieces of \(piece)")
        }
    }

    @Test("each reply is read when its last byte has come, split in two at every byte")
    func splitInTwo() throws {
        for (text, value) in Self.conversation {
            let input = Self.bytes(text)
            for split in 1..<input.count {
                var parser = RESPParser()
                parser.append(ByteBuffer(bytes: input[..<split]))
                #expect(try parser.next() == nil, "\(text) at \(split)")
                parser.append(ByteBuffer(bytes: input[split...]))
                #expect(try parser.next() == value, "\(text) at \(split)")
            }
        }
    }

    @Test("what is no RESP is refused with the rule it breaks")
    func malformed() {
        #expect(violation("HTTP/1.1 400\r\n") == .unknownType)
        #expect(violation(":12a\r\n") == .malformedNumber)
        #expect(violation(":\r\n") == .malformedNumber)
        #expect(violation(":9223372036854775808\r\n") == .malformedNumber)
        #expect(violation("$-2\r\n") == .malformedNumber)
        #expect(violation("*-5\r\n") == .malformedNumber)
        #expect(violation("$?\r\n") == .malformedNumber)
        #expect(violation("#y\r\n") == .malformedNumber)
        #expect(violation("+OK\n") == .malformedEnding)
        #expect(violation("$1\r\nabc\r\n") == .malformedEnding)
        #expect(violation("*1\r\n>1\r\n:1\r\n") == .unknownType)
    }

    @Test("no declared size is believed and no limit exceeded")
    func limits() {
        #expect(violation("$16777217\r\n") == .bulkTooLong)
        #expect(violation("*1048577\r\n") == .aggregateTooLong)
        #expect(violation("%1048576\r\n") == .aggregateTooLong)
        #expect(violation("*1048576\r\n*1\r\n") == .aggregateTooLong)
        #expect(violation("$9223372036854775807\r\n") == .bulkTooLong)
        #expect(violation(String(repeating: "*1\r\n", count: 33)) == .nestedTooDeep)
        #expect(violation(String(repeating: "*1\r\n", count: 32) + ":1\r\n") == nil)
        #expect(violation("+" + String(repeating: "x", count: 70_000)) == .lineTooLong)
        var small = RESPLimits()
        small.replyBytes = 20
        #expect(violation("*3\r\n$8\r\n01234567\r\n$8\r\n01234567\r\n", limits: small) == .replyTooLong)
        #expect(violation(":1\r\n:2\r\n:3\r\n:4\r\n:5\r\n:6\r\n", limits: small) == nil)
    }

    @Test("a million empty announcements of large arrays allocate nothing for them")
    func declaredOnly() throws {
        var parser = RESPParser()
        parser.append(ByteBuffer(string: "*1000000\r\n:1\r\n"))
        #expect(try parser.next() == nil)
    }

    @Test("a stream that never pauses between two replies keeps no more than it needs")
    func endless() throws {
        var parser = RESPParser()
        var read = 0
        parser.append(ByteBuffer(string: ":1"))
        for _ in 0..<20_000 {
            parser.append(ByteBuffer(string: "23\r\n:1"))
            while let value = try parser.next() {
                #expect(value == .integer(123))
                read += 1
            }
        }
        #expect(read == 20_000)
        #expect(parser.storageBytes < 1024)
    }

    @Test("random bytes and broken conversations end in a value, a wait or a violation, never in a crash")
    func fuzz() {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Self.bytes("+-:$*_,#!=(%~>|0123456789\r\n\r\n\r\ntfinvalidate") + [0, 0xFF]
        let valid = Self.bytes(Self.conversation.map(\.0).joined())
        for round in 0..<4000 {
            var input: [UInt8]
            if round.isMultiple(of: 2) {
                input = (0..<Int.random(in: 1...200)).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            } else {
                input = valid
                for _ in 0..<Int.random(in: 1...4) {
                    input[Int.random(in: 0..<input.count)] = alphabet.randomElement(using: &generator) ?? 0
                }
            }
            let whole = Result { try parse(input, piece: input.count) }.map { $0.count }
            let pieces = Result { try parse(input, piece: Int.random(in: 1...9)) }.map { $0.count }
            switch (whole, pieces) {
            case (.success(let left), .success(let right)): #expect(left == right, "\(input)")
            case (.failure(let left), .failure(let right)):
                #expect(left as? RESPViolation == right as? RESPViolation, "\(input)")
            case (.success, .failure), (.failure, .success): Issue.record("split changed the meaning: \(input)")
            }
        }
    }

    @Test("of an error only a code word of capital letters is kept")
    func codeWords() {
        #expect(RedisReplyError(line: Self.bytes("ERR secret detail")) == .generic)
        #expect(RedisReplyError(line: Self.bytes("UNBLOCKED client")) == .other("UNBLOCKED"))
        #expect(RedisReplyError(line: Self.bytes("<script>alert(1)</script>")) == .generic)
        #expect(RedisReplyError(line: Self.bytes("TRYAGAIN Multiple keys")) == .tryAgain)
        #expect(RedisReplyError(line: Self.bytes("")) == .generic)
    }

    @Test("a command is written as an array of its arguments' bytes")
    func writing() {
        var buffer = ByteBuffer()
        RedisCommand("LLEN", "celery\u{06}\u{16}3").write(to: &buffer)
        #expect(String(buffer: buffer) == "*2\r\n$4\r\nLLEN\r\n$9\r\ncelery\u{06}\u{16}3\r\n")
    }
}
