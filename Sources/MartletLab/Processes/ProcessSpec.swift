/// What to start as a process of its own group.
struct ProcessSpec: Sendable, Equatable {
    /// An absolute path, or a name looked up in the `PATH` of `environment`.
    var executable: String
    /// Without the name of the program itself.
    var arguments: [String]
    /// All of it: nothing is inherited from the laboratory.
    var environment: [String: String]
    var workingDirectory: String
    /// Standard output and error are appended here; standard input is empty.
    var logFile: String
}

/// How a process ended.
enum ProcessExit: Sendable, Equatable {
    case exited(code: Int32)
    case signalled(Int32)

    /// The code that a container runtime shows: a process killed by signal n has 128 + n.
    var containerCode: Int32 {
        switch self {
        case .exited(let code): code
        case .signalled(let signal): 128 + signal
        }
    }
}

/// Why a process could not be started.
enum ProcessError: Error, Equatable, CustomStringConvertible {
    case notFound(String)
    case spawnFailed(executable: String, errno: Int32)

    var description: String {
        switch self {
        case .notFound(let name): "\(name): no such program"
        case .spawnFailed(let executable, let errno): "\(executable): can't be started (errno \(errno))"
        }
    }
}
