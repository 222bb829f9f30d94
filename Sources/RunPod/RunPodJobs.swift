package import HTTPTransport
internal import KubernetesModel

/// The `JobPlane` over HTTP with one key. Cheap to copy; copies share the key's queue.
package struct RunPodJobs: JobPlane {
    /// What RunPod takes as `wait`.
    private static let waits = Duration.seconds(1)...Duration.seconds(300)
    /// RunPod's own `wait` of `runsync`.
    private static let usualWait = Duration.seconds(90)
    /// RunPod's own `wait` of `stream`.
    private static let usualStreamWait = Duration.seconds(10)
    /// Beyond `wait`, until the answer must have begun.
    private static let grace = Duration.seconds(15)

    private let core: CallCore
    private let hosts: RunPodHosts

    /// A client for one key; as `RunPodControl`, but `queue` must be another one: RunPod counts the two planes apart, and
    /// calls that wait for a job must not keep the control plane waiting. The job plane's limits are in the thousands in
    /// ten seconds, so a queue for it should let many go at once.
    package init(
        key: RunPodKey, hosts: RunPodHosts = .runPod, transport: any HTTPTransport, queue: CallQueue,
        time: RunPodTime = .system, mayBegin: (@Sendable () -> Bool)? = nil,
        onExchange: (@Sendable (RunPodReport) -> Void)? = nil
    ) {
        self.hosts = hosts
        core = CallCore(
            key: key, transport: transport, queue: queue, time: time, mayBegin: mayBegin, onExchange: onExchange)
    }

    package func run(_ request: JobRequest, on endpoint: EndpointID) async throws(RunPodError) -> Job {
        try await job(try submission(request, call(.runJob(endpoint), .post, endpoint, "run", .opening)))
    }

    package func runSync(
        _ request: JobRequest, on endpoint: EndpointID, wait: Duration?
    ) async throws(RunPodError) -> Job {
        var call = call(.runJobAndWait(endpoint), .post, endpoint, "runsync\(Self.query(wait))", .opening)
        call.patience = (wait.map(Self.allowed) ?? Self.usualWait) + Self.grace
        return try await job(try submission(request, call))
    }

    package func status(of job: JobID, on endpoint: EndpointID) async throws(RunPodError) -> Job {
        try await self.job(call(.readJob(endpoint, job), .get, endpoint, "status/\(job)", .observation), job)
    }

    package func stream(
        of job: JobID, on endpoint: EndpointID, wait: Duration?
    ) async throws(RunPodError) -> JobStreamPage {
        var call = call(
            .streamJob(endpoint, job), .get, endpoint, "stream/\(job)\(Self.query(wait))", .observation)
        call.patience = (wait.map(Self.allowed) ?? Self.usualStreamWait) + Self.grace
        call.largestAnswer = Call.largestJob
        return try await core.read(call)
    }

    package func cancel(_ job: JobID, on endpoint: EndpointID) async throws(RunPodError) -> Job {
        try await self.job(call(.cancelJob(endpoint, job), .post, endpoint, "cancel/\(job)", .closing), job)
    }

    package func retry(_ job: JobID, on endpoint: EndpointID) async throws(RunPodError) -> Job {
        try await self.job(call(.retryJob(endpoint, job), .post, endpoint, "retry/\(job)", .opening), job)
    }

    package func purgeQueue(of endpoint: EndpointID) async throws(RunPodError) -> PurgedQueue {
        let call = call(.purgeQueue(endpoint), .post, endpoint, "purge-queue", .closing)
        return try await core.read(call)
    }

    package func health(of endpoint: EndpointID) async throws(RunPodError) -> EndpointHealth {
        let call = call(.readHealth(endpoint), .get, endpoint, "health", .observation)
        return try await core.read(call)
    }

    package func requests(of endpoint: EndpointID) async throws(RunPodError) -> [Job] {
        var call = call(.listRequests(endpoint), .get, endpoint, "requests", .observation)
        call.largestAnswer = Call.largestList
        let listing: JobListing = try await core.read(call)
        return listing.jobs
    }
}

extension RunPodJobs {
    private func call(
        _ operation: RunPodOperation, _ method: HTTPMethod, _ endpoint: EndpointID, _ path: String,
        _ priority: CallPriority
    ) -> Call {
        Call(operation, method, "\(hosts.jobsURL)/\(endpoint)/\(path)", priority)
    }

    private func submission(_ request: JobRequest, _ call: Call) throws(RunPodError) -> Call {
        var call = call
        call.body = try WireFormat.encode(request, for: call.operation)
        return call
    }

    private func job(_ call: Call, _ id: JobID? = nil) async throws(RunPodError) -> Job {
        var call = call
        call.largestAnswer = Call.largestJob
        return try await core.perform(call) { answer throws(RunPodError.Cause) in
            let job: Job = try WireFormat.read(answer)
            guard id == nil || job.id == id else {
                throw .malformedAnswer("the job that was asked for, not another one")
            }
            return job
        }
    }

    private static func allowed(_ wait: Duration) -> Duration {
        min(max(wait, waits.lowerBound), waits.upperBound)
    }

    private static func query(_ wait: Duration?) -> String {
        Query.text(wait.map { [("wait", "\(Int(allowed($0) / .milliseconds(1)))")] } ?? [])
    }
}

/// What `/requests` answers is not documented: a bare list of jobs, or one under a name. Entries that are no jobs are
/// left out.
private struct JobListing: Decodable {
    var jobs: [Job]

    private enum Fields: String, CodingKey, CaseIterable { case requests, jobs, data, items }

    init(from decoder: any Decoder) throws {
        if let bare = try? decoder.singleValueContainer().decode([Lenient<Job>].self) {
            jobs = bare.compactMap(\.value)
            return
        }
        let fields = try decoder.container(keyedBy: Fields.self)
        guard let jobs = Fields.allCases.lazy.compactMap({ fields.elements(Job.self, $0) }).first else {
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "no list"))
        }
        self.jobs = jobs
    }
}
