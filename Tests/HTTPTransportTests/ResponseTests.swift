import Testing

@testable import HTTPTransport

struct ResponseHeadParserTests {
    private func parse(_ lines: String...) -> ResponseHeadParser.Outcome {
        var parser = ResponseHeadParser()
        var outcome = ResponseHeadParser.Outcome.more
        for line in lines { outcome = Array((line + "\r\n").utf8).withUnsafeBytes { parser.receive($0) } }
        return outcome
    }

    @Test func `fields are trimmed and keep their order`() {
        let head = ResponseHead(status: 200, headers: ["A": "1", "b": "two words", "A": ""])
        #expect(parse("HTTP/1.1 200 OK", "A: 1", "b:\t two words ", "A:", "") == .head(head))
    }

    @Test func `an interim response is followed by the real one`() {
        let head = ResponseHead(status: 404, headers: ["B": "2"])
        #expect(parse("HTTP/1.1 100 Continue", "A: 1", "", "HTTP/1.1 404", "B: 2", "") == .head(head))
    }

    @Test func `trailers are ignored`() {
        #expect(parse("HTTP/1.1 200 OK", "", "Trailer: x") == .more)
    }

    @Test(arguments: ["", "HTTP/1.1", "HTTP/1.1 2", "HTTP/1.1 abc OK", "HTTP/1.1 -12 no", "nonsense 200"])
    func `a line that is no status is malformed`(line: String) {
        #expect(parse(line) == .malformed)
    }

    @Test func `a head without end is refused`() {
        let field = "A: " + String(repeating: "x", count: 200 << 10)
        #expect(parse("HTTP/1.1 200 OK", field) == .more)
        #expect(parse("HTTP/1.1 200 OK", field, field) == .malformed)
    }
}

struct ResponseMachineTests {
    private typealias Machine = ResponseMachine<String, String>

    private func receive(_ bytes: [UInt8], _ machine: inout Machine) -> Machine.Receive {
        bytes.withUnsafeBytes { machine.receive($0) }
    }

    private func streaming(limit: Int = 4) -> Machine {
        var machine = Machine(bufferLimit: limit)
        _ = machine.headAwaited("head")
        _ = machine.headArrived()
        return machine
    }

    @Test func `bytes wait for a reader, and a reader waits for bytes`() throws {
        var machine = streaming()
        guard case .stored = receive([1], &machine), case .stored = receive([2], &machine),
            case .chunk("a", [1, 2], unpause: false) = machine.chunkAwaited("a"),
            case .wait = machine.chunkAwaited("b"),
            case .wake("b", [3]) = receive([3], &machine)
        else {
            Issue.record("unexpected step")
            return
        }
    }

    @Test func `past the limit nothing is taken until the reader has read`() {
        var machine = streaming(limit: 2)
        guard case .stored = receive([1, 2, 3], &machine), case .full = receive([4], &machine),
            case .chunk("a", [1, 2, 3], unpause: true) = machine.chunkAwaited("a"),
            case .stored = receive([4], &machine),
            case .chunk("b", [4], unpause: false) = machine.chunkAwaited("b")
        else {
            Issue.record("unexpected step")
            return
        }
    }

    @Test func `what came before the end is read before the end shows`() {
        var machine = streaming()
        guard case .stored = receive([1], &machine), case .nothing = machine.end(.connectionLost("x")),
            case .chunk("a", [1], unpause: false) = machine.chunkAwaited("a"),
            case .finish("b", .connectionLost("x")) = machine.chunkAwaited("b"),
            case nil = machine.end(nil)
        else {
            Issue.record("unexpected step")
            return
        }
    }

    @Test func `a cancelled reader gets nothing more`() {
        var machine = streaming()
        guard case .stored = receive([1], &machine), case .nothing = machine.end(.cancelled),
            case .finish("a", .cancelled) = machine.chunkAwaited("a"),
            case .unwanted = receive([2], &machine)
        else {
            Issue.record("unexpected step")
            return
        }
    }

    @Test func `an end before the head fails whoever waits for the head`() {
        var machine = Machine(bufferLimit: 1)
        guard case .start = machine.headAwaited("head"), case .failHead("head", .shutDown) = machine.end(.shutDown),
            machine.headArrived() == nil
        else {
            Issue.record("unexpected step")
            return
        }
        #expect(machine.isOver)
    }

    @Test func `a second reader at the same time is refused and the first goes on`() {
        var machine = streaming()
        guard case .wait = machine.chunkAwaited("a"), case .finish("b", .invalidRequest) = machine.chunkAwaited("b"),
            case .wake("a", [1]) = receive([1], &machine)
        else {
            Issue.record("unexpected step")
            return
        }
    }
}
