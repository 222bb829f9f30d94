/// What can be asked of an endpoint's queue of jobs.
///
/// The same rules as for `ControlPlane`; submitting is never repeated, because it has no key to tell a repeat by.
package protocol JobPlane: Sendable {
    /// Puts a job into the queue and returns at once.
    func run(_ request: JobRequest, on endpoint: EndpointID) async throws(RunPodError) -> Job
    /// Puts a job into the queue and waits for it, at most `wait` (1 s to 300 s; nil: RunPod's 90 s). The job that comes
    /// back need not have ended.
    func runSync(
        _ request: JobRequest, on endpoint: EndpointID, wait: Duration?
    ) async throws(RunPodError) -> Job
    /// The job as it is now. `isNotFound` after it was once found: it has expired (F18).
    func status(of job: JobID, on endpoint: EndpointID) async throws(RunPodError) -> Job
    /// The chunks that have come since the last call, each given out once; waits for some, at most `wait` (1 s to 300 s;
    /// nil: RunPod's 10 s).
    func stream(of job: JobID, on endpoint: EndpointID, wait: Duration?) async throws(RunPodError) -> JobStreamPage
    /// Ends a job that waits or runs.
    func cancel(_ job: JobID, on endpoint: EndpointID) async throws(RunPodError) -> Job
    /// Queues a failed or timed-out job again, under the same id.
    func retry(_ job: JobID, on endpoint: EndpointID) async throws(RunPodError) -> Job
    /// Drops the jobs that wait; those that run go on.
    func purgeQueue(of endpoint: EndpointID) async throws(RunPodError) -> PurgedQueue
    /// Counts of jobs and workers.
    func health(of endpoint: EndpointID) async throws(RunPodError) -> EndpointHealth
    /// The latest jobs, as the console lists them. The vendor does not document this call.
    func requests(of endpoint: EndpointID) async throws(RunPodError) -> [Job]
}
