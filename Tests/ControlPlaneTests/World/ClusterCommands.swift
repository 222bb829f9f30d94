/// A plain client of a Redis Cluster for tests: it goes where `MOVED` sends it.
final class ClusterCommands: RedisWriter {
    private let seed: Int
    private var connections: [Int: RedisCommands] = [:]

    init(port: Int) { seed = port }

    @discardableResult
    func send(_ words: [String]) throws -> RedisCommands.Reply {
        do {
            return try connection(to: seed).send(words)
        } catch RedisCommands.Failure.refused(let why) where why.hasPrefix("MOVED ") {
            guard let port = why.split(separator: ":").last.flatMap({ Int($0) }) else {
                throw RedisCommands.Failure.unexpected(why)
            }
            return try connection(to: port).send(words)
        }
    }

    private func connection(to port: Int) throws -> RedisCommands {
        if let known = connections[port] { return known }
        let fresh = try RedisCommands(port: port)
        connections[port] = fresh
        return fresh
    }
}
