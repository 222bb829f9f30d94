/// The bounds that the CRD's schema and the operator both hold a spec to.
public enum SpecLimits {
    /// More replicas than any Deployment of GPU workers has; every product with it fits an Int32.
    public static let replicas = 10_000
    /// Tasks a replica, and tasks to activate.
    public static let tasks = 1_000_000
    /// Seven days, for every duration.
    public static let seconds = 604_800
    /// GPUs over all replicas.
    public static let gpus = 100_000
    /// A DNS subdomain (RFC 1123), as most names of objects are.
    public static let nameLength = 253
    /// A key of a Secret.
    public static let secretKeyLength = 253
    /// Bytes of a Redis key; Redis itself allows half a gigabyte.
    public static let redisKeyLength = 512
    /// Redis databases are numbered; servers with more than 16 exist, with more than this none is known.
    public static let database = 1_023
    /// Addresses of a server.
    public static let addresses = 16
    /// Celery queues of an endpoint.
    public static let queues = 64
    /// Priority steps of a queue.
    public static let priorities = 16
    /// Celery's and AMQP's highest priority.
    public static let priority = 255
    /// In-flight keys of a list.
    public static let inFlightKeys = 16
    /// An id of RunPod's, or the name of one of its pools.
    public static let runPodIDLength = 64
    /// The name of a container image.
    public static let imageLength = 512
    /// Workers of a RunPod endpoint; accounts are given less than a tenth of it.
    public static let runPodWorkers = 1_000
    /// GPUs of one RunPod worker.
    public static let gpusPerWorker = 16
    /// Pools of an endpoint.
    public static let pools = 32
    /// Variables of an endpoint.
    public static let variables = 128
    /// Name of a variable.
    public static let variableNameLength = 256
    /// An identifier of PostgreSQL.
    public static let tableLength = 63
    /// A URL in a spec.
    public static let urlLength = 2_048
    /// Windows of a schedule.
    public static let windows = 32
    /// Exceptions of a schedule: one for every day of a year.
    public static let exceptions = 366
    /// Endpoints of a schedule.
    public static let targets = 256
    /// The longest name of a zone has 32 bytes.
    public static let timeZoneLength = 64
    /// A cron expression.
    public static let cronLength = 256
    /// Name of a window or an exception.
    public static let windowNameLength = 63
    /// A day, for opening earlier.
    public static let preWarmSeconds = 86_400
}
