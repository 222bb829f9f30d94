/// How a server is asked what it is. `HELLO` says so without the rights that `ROLE` needs (`@dangerous`).
enum RoleQuestion {
    case hello, role

    init(_ version: RedisConnection.ProtocolVersion) {
        switch version {
        case .resp3: self = .hello
        case .resp2: self = .role
        }
    }

    var name: String {
        switch self {
        case .hello: "HELLO"
        case .role: "ROLE"
        }
    }

    var command: RedisCommand {
        switch self {
        case .hello: RedisCommand("HELLO", "3")
        case .role: RedisCommand("ROLE")
        }
    }

    /// False also for an answer that can't be understood.
    func isMaster(_ answer: RESPValue) -> Bool {
        switch self {
        case .hello: answer.fields["role"]?.text == "master"
        case .role: answer.elements?.first?.text == "master"
        }
    }
}
