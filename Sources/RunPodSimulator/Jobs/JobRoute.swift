/// A path of the job plane, behind the endpoint's id.
enum JobRoute {
    case run
    case runsync
    case status(RunPodWorld.JobID)
    case statusSync(RunPodWorld.JobID)
    case stream(RunPodWorld.JobID)
    case cancel(RunPodWorld.JobID)
    case retry(RunPodWorld.JobID)
    case purgeQueue
    case health
    case requests
    case metrics
    case openai([String])

    /// Nil for a path that the job plane does not have.
    init?(_ path: [String]) {
        guard path.count >= 3, path[0] == "v2" else { return nil }
        let rest = Array(path[2...])
        switch (rest[0], rest.count) {
        case ("run", 1): self = .run
        case ("runsync", 1): self = .runsync
        case ("status", 2): self = .status(.init(rest[1]))
        case ("status-sync", 2): self = .statusSync(.init(rest[1]))
        case ("stream", 2): self = .stream(.init(rest[1]))
        case ("cancel", 2): self = .cancel(.init(rest[1]))
        case ("retry", 2): self = .retry(.init(rest[1]))
        case ("purge-queue", 1): self = .purgeQueue
        case ("health", 1): self = .health
        case ("requests", 1): self = .requests
        case ("metrics", 1): self = .metrics
        case ("openai", 2...): self = .openai(Array(rest[1...]))
        default: return nil
        }
    }

    var operation: RunPodWorld.Operation {
        switch self {
        case .run: .run
        case .runsync: .runsync
        case .status: .status
        case .statusSync: .statusSync
        case .stream: .stream
        case .cancel: .cancel
        case .retry: .retry
        case .purgeQueue: .purgeQueue
        case .health: .health
        case .requests: .requests
        case .metrics: .metrics
        case .openai: .openai
        }
    }

    /// The name of its rate limit; nil for none.
    var limit: String? {
        switch self {
        case .run: "run"
        case .runsync: "runsync"
        case .status, .statusSync: "status"
        case .stream: "stream"
        case .cancel: "cancel"
        case .purgeQueue: "purge-queue"
        case .openai: "openai"
        case .requests: "requests"
        case .retry, .health, .metrics: nil
        }
    }

    var isRead: Bool {
        switch self {
        case .status, .statusSync, .stream, .health, .requests, .metrics: true
        case .run, .runsync, .cancel, .retry, .purgeQueue, .openai: false
        }
    }
}
