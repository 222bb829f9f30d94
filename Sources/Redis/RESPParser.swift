package import NIOCore

/// Reads RESP3 (and RESP2, its subset) from pieces of any size.
///
/// Pure and incremental: nothing is scanned twice, nothing is allocated on the word of a declared length, and every
/// size is held to the ``RESPLimits``. After a thrown violation the stream has no meaning any more.
/// Source: https://github.com/redis/redis-specifications/blob/master/protocol/RESP3.md; streamed strings and
/// aggregates (`$?`, `*?`) are no part of what servers send and are refused.
package struct RESPParser {
    private enum Aggregate { case array, set, map, push, attribute }

    private struct Frame {
        let kind: Aggregate
        var remaining: Int
        var elements: [RESPValue] = []
    }

    private enum BulkKind { case string, error, verbatim }

    private enum Expectation {
        case line
        case bulk(BulkKind, length: Int)
    }

    private let limits: RESPLimits
    private var buffer = ByteBuffer()
    private var expectation = Expectation.line
    /// Bytes of an unfinished line in which no line feed was found yet.
    private var scanned = 0
    private var frames: [Frame] = []
    private var elements = 0
    private var bytes = 0

    package init(limits: RESPLimits = RESPLimits()) { self.limits = limits }

    /// What is kept in memory for bytes that came.
    package var storageBytes: Int { buffer.capacity }

    package mutating func append(_ piece: ByteBuffer) {
        if buffer.readableBytes == 0 {
            // Also gives the memory of a large reply back.
            buffer = piece
        } else {
            // A stream that never pauses between two replies would grow the buffer for ever.
            buffer.discardReadBytes()
            buffer.writeImmutableBuffer(piece)
        }
    }

    /// The next complete reply, or nil until more bytes are appended.
    package mutating func next() throws(RESPViolation) -> RESPValue? {
        while true {
            let token: RESPValue?
            switch expectation {
            case .line: token = try readLine()
            case .bulk(let kind, let length): token = try readBulk(kind, length: length)
            }
            guard let value = token else {
                if case .line = expectation, opened { continue }
                return nil
            }
            if let reply = complete(value) {
                elements = 0
                bytes = 0
                if buffer.readableBytes == 0 { buffer = ByteBuffer() }
                return reply
            }
        }
    }

    /// True when the last line opened an aggregate or announced a string, so that reading goes on.
    private var opened = false

    private mutating func readLine() throws(RESPViolation) -> RESPValue? {
        opened = false
        let view = buffer.readableBytesView
        let start = view.startIndex
        guard let end = view[(start + scanned)...].firstIndex(of: 0x0A) else {
            scanned = view.count
            guard scanned <= limits.lineBytes else { throw .lineTooLong }
            return nil
        }
        scanned = 0
        let count = end - start + 1
        guard count <= limits.lineBytes else { throw .lineTooLong }
        guard count >= 3, view[end - 1] == 0x0D else { throw .malformedEnding }
        try spend(bytes: count)
        let type = view[start]
        let line = view[(start + 1)..<(end - 1)]
        let value = try interpret(type, line)
        buffer.moveReaderIndex(forwardBy: count)
        if value == nil {
            opened = true
            // An announced string may be complete already.
            if case .bulk(let kind, let length) = expectation { return try readBulk(kind, length: length) }
        }
        return value
    }

    /// The value of a line that is complete in itself; nil when it opens something.
    private mutating func interpret(_ type: UInt8, _ line: ByteBufferView) throws(RESPViolation) -> RESPValue? {
        switch type {
        case UInt8(ascii: "+"), UInt8(ascii: "("): return .string(Array(line))
        case UInt8(ascii: "-"): return .error(RedisReplyError(line: line))
        case UInt8(ascii: ":"): return .integer(try Self.number(line))
        case UInt8(ascii: "_"): return .null
        case UInt8(ascii: ","):
            guard let double = Double(String(decoding: line, as: UTF8.self)) else { throw .malformedNumber }
            return .double(double)
        case UInt8(ascii: "#"):
            guard line.count == 1, let letter = line.first else { throw .malformedNumber }
            guard letter == UInt8(ascii: "t") || letter == UInt8(ascii: "f") else { throw .malformedNumber }
            return .boolean(letter == UInt8(ascii: "t"))
        case UInt8(ascii: "$"): return try announce(.string, line)
        case UInt8(ascii: "!"): return try announce(.error, line)
        case UInt8(ascii: "="): return try announce(.verbatim, line)
        case UInt8(ascii: "*"): return try open(.array, line)
        case UInt8(ascii: "~"): return try open(.set, line)
        case UInt8(ascii: "%"): return try open(.map, line)
        case UInt8(ascii: "|"): return try open(.attribute, line)
        case UInt8(ascii: ">"):
            guard frames.isEmpty else { throw .unknownType }
            return try open(.push, line)
        default: throw .unknownType
        }
    }

    private mutating func announce(_ kind: BulkKind, _ line: ByteBufferView) throws(RESPViolation) -> RESPValue? {
        let length = try Self.number(line)
        if length == -1, kind == .string { return .null }
        guard length >= 0 else { throw .malformedNumber }
        guard length <= limits.bulkBytes else { throw .bulkTooLong }
        // Counted when announced: what can't be accepted is not buffered first.
        try spend(bytes: Int(length) + 2)
        expectation = .bulk(kind, length: Int(length))
        return nil
    }

    private mutating func open(_ kind: Aggregate, _ line: ByteBufferView) throws(RESPViolation) -> RESPValue? {
        let declared = try Self.number(line)
        if declared == -1, kind == .array { return .null }
        guard declared >= 0 else { throw .malformedNumber }
        guard declared <= limits.elements else { throw .aggregateTooLong }
        let count = kind == .map || kind == .attribute ? Int(declared) * 2 : Int(declared)
        elements += count
        guard elements <= limits.elements else { throw .aggregateTooLong }
        guard frames.count < limits.depth else { throw .nestedTooDeep }
        let frame = Frame(kind: kind, remaining: count)
        if count == 0, kind != .attribute { return Self.value(of: frame) }
        if count > 0 { frames.append(frame) }
        return nil
    }

    private mutating func readBulk(_ kind: BulkKind, length: Int) throws(RESPViolation) -> RESPValue? {
        guard buffer.readableBytes >= length + 2 else { return nil }
        guard var content = buffer.readBytes(length: length), let ending = buffer.readBytes(length: 2) else {
            return nil
        }
        guard ending == [0x0D, 0x0A] else { throw .malformedEnding }
        expectation = .line
        switch kind {
        case .string: return .string(content)
        case .error: return .error(RedisReplyError(line: content))
        case .verbatim:
            // `txt:` or `mkd:` stands in front.
            if content.count >= 4, content[3] == UInt8(ascii: ":") { content.removeFirst(4) }
            return .string(content)
        }
    }

    /// Puts a value where it belongs; returns the reply that it completes.
    private mutating func complete(_ value: RESPValue) -> RESPValue? {
        var value = value
        while let top = frames.indices.last {
            frames[top].elements.append(value)
            frames[top].remaining -= 1
            guard frames[top].remaining == 0 else { return nil }
            let frame = frames.removeLast()
            if frame.kind == .attribute { return nil }
            value = Self.value(of: frame)
        }
        return value
    }

    private static func value(of frame: Frame) -> RESPValue {
        switch frame.kind {
        case .array, .attribute: .array(frame.elements)
        case .set: .set(frame.elements)
        case .map: .map(frame.elements)
        case .push: .push(frame.elements)
        }
    }

    private mutating func spend(bytes count: Int) throws(RESPViolation) {
        bytes += count
        guard bytes <= limits.replyBytes else { throw .replyTooLong }
    }

    private static func number(_ line: ByteBufferView) throws(RESPViolation) -> Int64 {
        var digits = line[...]
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
        guard (1...19).contains(digits.count) else { throw .malformedNumber }
        var number: Int64 = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { throw .malformedNumber }
            let (tens, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.subtractingReportingOverflow(Int64(digit - 0x30))
            guard !overflow, !carry else { throw .malformedNumber }
            number = sum
        }
        if isNegative { return number }
        guard number != Int64.min else { throw .malformedNumber }
        return -number
    }
}
