/// What is asked of RunPod, as it is named in errors, logs and metrics.
package enum RunPodOperation: Sendable, Hashable {
    case listEndpoints
    case getEndpoint(EndpointID)
    case createEndpoint
    case updateEndpoint(EndpointID)
    case deleteEndpoint(EndpointID)
    case listWorkers(EndpointID)
    case listReleases(EndpointID)
    case listTemplates
    case listGPUs
    case readBilling
    case runJob(EndpointID)
    case runJobAndWait(EndpointID)
    case readJob(EndpointID, JobID)
    case streamJob(EndpointID, JobID)
    case cancelJob(EndpointID, JobID)
    case retryJob(EndpointID, JobID)
    case purgeQueue(EndpointID)
    case readHealth(EndpointID)
    case listRequests(EndpointID)

    /// A word for metrics: few values, no id.
    package var name: String {
        switch self {
        case .listEndpoints: "list_endpoints"
        case .getEndpoint: "get_endpoint"
        case .createEndpoint: "create_endpoint"
        case .updateEndpoint: "update_endpoint"
        case .deleteEndpoint: "delete_endpoint"
        case .listWorkers: "list_workers"
        case .listReleases: "list_releases"
        case .listTemplates: "list_templates"
        case .listGPUs: "list_gpus"
        case .readBilling: "read_billing"
        case .runJob: "run_job"
        case .runJobAndWait: "run_job_and_wait"
        case .readJob: "read_job"
        case .streamJob: "stream_job"
        case .cancelJob: "cancel_job"
        case .retryJob: "retry_job"
        case .purgeQueue: "purge_queue"
        case .readHealth: "read_health"
        case .listRequests: "list_requests"
        }
    }

    /// Whether it may change something: then it needs the client's permit, and a lost answer leaves a doubt.
    package var changesSomething: Bool {
        switch self {
        case .createEndpoint, .updateEndpoint, .deleteEndpoint, .runJob, .runJobAndWait, .cancelJob, .retryJob,
            .purgeQueue:
            true
        // A stream's chunks are given out once, but nothing of the job changes.
        case .listEndpoints, .getEndpoint, .listWorkers, .listReleases, .listTemplates, .listGPUs, .readBilling,
            .readJob, .streamJob, .readHealth, .listRequests:
            false
        }
    }

    /// Whether it may be sent again when it is unknown what became of it.
    ///
    /// Not a stream: its chunks are given out once, so a repeat would hide that some are lost.
    package var isIdempotent: Bool {
        switch self {
        case .createEndpoint, .runJob, .runJobAndWait, .retryJob, .cancelJob, .purgeQueue, .streamJob: false
        case .updateEndpoint, .deleteEndpoint, .listEndpoints, .getEndpoint, .listWorkers, .listReleases,
            .listTemplates, .listGPUs, .readBilling, .readJob, .readHealth, .listRequests:
            true
        }
    }

    private var subject: String? {
        switch self {
        case .listEndpoints, .createEndpoint, .listTemplates, .listGPUs, .readBilling: nil
        case .getEndpoint(let id), .updateEndpoint(let id), .deleteEndpoint(let id), .listWorkers(let id),
            .listReleases(let id), .runJob(let id), .runJobAndWait(let id), .purgeQueue(let id),
            .readHealth(let id), .listRequests(let id):
            id.rawValue
        case .readJob(let id, let job), .streamJob(let id, let job), .cancelJob(let id, let job),
            .retryJob(let id, let job):
            "\(id)/\(job)"
        }
    }
}

extension RunPodOperation: CustomStringConvertible {
    /// `update endpoint jpnw0v75y3qoql`.
    package var description: String {
        name.replacing("_", with: " ") + (subject.map { " \($0)" } ?? "")
    }
}
