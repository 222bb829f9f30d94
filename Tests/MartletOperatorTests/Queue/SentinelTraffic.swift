import Redis
import RedisTestSupport

/// An application that adds a task and takes one, again and again, at whatever the sentinels name: the list always
/// holds ``waiting`` tasks or one more, on each server that ever was the master.
struct SentinelTraffic: Sendable {
    let deployment: SentinelDeployment
    let key = "jobs"
    let waiting = 50

    var lengths: Set<Int> { [waiting, waiting + 1] }

    func fill(_ master: RedisServerProcess) throws {
        for _ in 0..<waiting { try deployment.run("RPUSH", key, "x", at: master) }
        try deployment.run("WAIT", "2", "30000", at: master)
    }

    /// Runs until cancelled.
    func run() async {
        let io = RedisIO()
        while !Task.isCancelled {
            if let master = try? deployment.master() { try? await exchange(at: master.port, io) }
            try? await Task.sleep(for: .milliseconds(20))
        }
        await io.shutDown()
    }

    /// Ends when the server is lost, or no master any more.
    private func exchange(at port: Int, _ io: RedisIO) async throws {
        let settings = RedisConfiguration(
            address: RedisAddress(host: "127.0.0.1", port: port), clientName: "application")
        let connection = try await RedisConnection.open(settings, io: io, hostPolicy: { _ in }, onPush: { _ in })
        defer { connection.close() }
        // What was added before an earlier connection broke may not have been taken again.
        var reply = try await connection.run("LTRIM", key, "0", "\(waiting - 1)")
        while !isRefusal(reply) {
            reply = try await connection.run("RPUSH", key, "x")
            guard !isRefusal(reply) else { return }
            reply = try await connection.run("LPOP", key)
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    private func isRefusal(_ reply: RESPValue?) -> Bool {
        if case .error = reply { true } else { false }
    }
}

/// Figures of a soak.
struct FailoverReport: CustomStringConvertible {
    private var delays: [Duration] = []
    private var earlierPages: Int?

    mutating func record(_ delay: Duration) {
        delays.append(delay)
        // The first failovers fill caches.
        if delays.count == 5 { earlierPages = Self.residentPages }
    }

    var description: String {
        let sorted = delays.sorted()
        let growth = earlierPages.map { "; memory since the fifth: \((Self.residentPages - $0) * 4) KiB more" } ?? ""
        return """
            \(sorted.count) failovers: read again after \(sorted.first ?? .zero) to \(sorted.last ?? .zero), \
            median \(sorted.isEmpty ? .zero : sorted[sorted.count / 2])\(growth)
            """
    }

    /// Of 4 KiB.
    private static var residentPages: Int {
        let text = (try? RedisServerProcess.contents(of: "/proc/self/statm")) ?? ""
        return text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    }
}
