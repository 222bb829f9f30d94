internal import RunPod

/// What stands between a queued job and a worker (F14), as far as RunPod tells.
struct QueueView: Sendable, Equatable {
    var health: EndpointHealth?
    var bounds: WorkersBounds?

    /// Why a queued job waits, and what to do about it where something can be done.
    enum Cause: Sendable, Equatable {
        /// `workers.max` is 0: no worker will ever take it.
        case closed
        /// A worker without work is there: it is about to take the job.
        case workerReady
        /// Workers start: image pull, model load.
        case coldStart(Int)
        /// All workers have other jobs; so many jobs wait.
        case busy(workers: Int, queued: Int)
        /// No host has room for the workers wanted.
        case throttled(Int)
        /// Workers crash as soon as they start; RunPod never fails the job for that.
        case crashLoop(Int)
        /// No worker yet; RunPod adds one by its scaling rule.
        case noWorker
        /// Nothing was told.
        case unknown
    }

    /// The most telling fact: what helps comes before what hinders, because one good worker is enough.
    var cause: Cause {
        if bounds?.max == 0 { return .closed }
        guard let health else { return .unknown }
        let workers = health.workers
        if some(workers.idle) ?? some(workers.ready) != nil { return .workerReady }
        if let running = some(workers.running) { return .busy(workers: running, queued: health.jobs.inQueue ?? 0) }
        if let crashed = some(workers.unhealthy) { return .crashLoop(crashed) }
        if let starting = some(workers.initializing) { return .coldStart(starting) }
        if let throttled = some(workers.throttled) { return .throttled(throttled) }
        return .noWorker
    }

    /// Then the endpoint's bounds may be the reason.
    var hasNoWorker: Bool {
        switch cause {
        case .noWorker, .unknown, .closed: true
        case .workerReady, .coldStart, .busy, .throttled, .crashLoop: false
        }
    }

    private func some(_ count: Int?) -> Int? { count.flatMap { $0 > 0 ? $0 : nil } }
}

extension QueueView.Cause: CustomStringConvertible {
    /// A clause for people; empty where nothing was told.
    var description: String {
        switch self {
        case .closed: "closed: workers.max is 0, so no worker will take it; open the endpoint (martlet open NAME)"
        case .workerReady: "a worker is ready"
        case .coldStart(let count): "cold start: \(count.counted("worker")) starting"
        case .busy(let workers, let queued):
            "busy: \(workers.counted("worker")) at work" + (queued > 0 ? ", \(queued.counted("job")) queued" : "")
        case .throttled(let count):
            "no capacity: \(count.counted("worker")) throttled, no host has such a GPU free; allow more pools or data "
                + "centers"
        case .crashLoop(let count):
            "crash loop: \(count.counted("worker")) unhealthy, the job will not fail by itself; look at the workers' logs "
                + "in RunPod's console"
        case .noWorker: "no worker yet: RunPod adds one by the endpoint's scaling rule"
        case .unknown: ""
        }
    }
}

extension Int {
    /// `1 worker`, `2 workers`.
    func counted(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}
