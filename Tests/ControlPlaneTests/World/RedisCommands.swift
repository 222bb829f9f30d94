/// A plain client of Redis for tests: one command, one answer, in RESP2. Independent of the client under test.
final class RedisCommands {
    enum Failure: Error { case refused(String), unexpected(String) }

    enum Reply: Equatable {
        case text(String), integer(Int), none
        case list([Reply])
    }

    private let socket: LoopbackSocket

    init(port: Int) throws { socket = try LoopbackSocket(port: port) }

    @discardableResult
    func send(_ words: String...) throws -> Reply { try send(words) }

    @discardableResult
    func send(_ words: [String]) throws -> Reply {
        try socket.write("*\(words.count)\r\n" + words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined())
        return try reply()
    }

    /// The number that the command answers with.
    func count(_ words: String...) throws -> Int {
        guard case .integer(let number) = try send(words) else {
            throw Failure.unexpected(words.joined(separator: " "))
        }
        return number
    }

    /// A figure of INFO, such as `total_connections_received`.
    func info(_ name: String) throws -> Int {
        guard case .text(let text) = try send("INFO") else { throw Failure.unexpected("INFO") }
        let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("\(name):") }
        guard let value = line?.split(separator: ":").last.flatMap({ Int($0) }) else { throw Failure.unexpected(name) }
        return value
    }

    private func reply() throws -> Reply {
        let line = try socket.readLine()
        let rest = String(line.dropFirst())
        switch line.first {
        case "+": return .text(rest)
        case ":": return .integer(Int(rest) ?? 0)
        case "-": throw Failure.refused(rest)
        case "$":
            guard let length = Int(rest), length >= 0 else { return .none }
            let text = try socket.read(length)
            _ = try socket.readLine()
            return .text(text)
        case "*":
            guard let count = Int(rest), count >= 0 else { return .none }
            return .list(try (0..<count).map { _ in try reply() })
        default: throw Failure.unexpected(line)
        }
    }
}
