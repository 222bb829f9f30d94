/// Counts of an endpoint's jobs and workers; nil: RunPod did not say, which is not zero. It may disagree with the list of
/// workers at the same instant.
package struct EndpointHealth: Sendable, Hashable, Decodable {
    package var jobs: Jobs
    package var workers: Workers

    /// Counts made by hand, for tests and simulations.
    package init(jobs: Jobs = Jobs(), workers: Workers = Workers()) {
        self.jobs = jobs
        self.workers = workers
    }

    private enum Fields: String, CodingKey { case jobs, workers }

    /// Throws where there is neither: then it is not this answer.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Fields.self)
        let jobs = fields.lenient(Jobs.self, .jobs)
        let workers = fields.lenient(Workers.self, .workers)
        guard jobs != nil || workers != nil else {
            throw DecodingError.dataCorruptedError(forKey: .jobs, in: fields, debugDescription: "no counts")
        }
        self.init(jobs: jobs ?? Jobs(), workers: workers ?? Workers())
    }

    /// Jobs by where they are.
    package struct Jobs: Sendable, Hashable, Decodable {
        package var inQueue: Int?
        package var inProgress: Int?
        /// Since the endpoint exists, as the following.
        package var completed: Int?
        package var failed: Int?
        package var retried: Int?

        /// Nothing said, unless given.
        package init(
            inQueue: Int? = nil, inProgress: Int? = nil, completed: Int? = nil, failed: Int? = nil, retried: Int? = nil
        ) {
            self.inQueue = inQueue
            self.inProgress = inProgress
            self.completed = completed
            self.failed = failed
            self.retried = retried
        }

        private enum Fields: String, CodingKey { case inQueue, inProgress, completed, failed, retried }

        /// Reads what is readable.
        package init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Fields.self)
            self.init(
                inQueue: fields.integer(.inQueue), inProgress: fields.integer(.inProgress),
                completed: fields.integer(.completed), failed: fields.integer(.failed),
                retried: fields.integer(.retried))
        }
    }

    /// Workers by what they do. Warm ones without work count as idle and as ready.
    package struct Workers: Sendable, Hashable, Decodable {
        package var idle: Int?
        package var initializing: Int?
        package var ready: Int?
        package var running: Int?
        package var throttled: Int?
        package var unhealthy: Int?

        /// Nothing said, unless given.
        package init(
            idle: Int? = nil, initializing: Int? = nil, ready: Int? = nil, running: Int? = nil, throttled: Int? = nil,
            unhealthy: Int? = nil
        ) {
            self.idle = idle
            self.initializing = initializing
            self.ready = ready
            self.running = running
            self.throttled = throttled
            self.unhealthy = unhealthy
        }

        private enum Fields: String, CodingKey { case idle, initializing, ready, running, throttled, unhealthy }

        /// Reads what is readable.
        package init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Fields.self)
            self.init(
                idle: fields.integer(.idle), initializing: fields.integer(.initializing),
                ready: fields.integer(.ready), running: fields.integer(.running),
                throttled: fields.integer(.throttled), unhealthy: fields.integer(.unhealthy))
        }
    }
}
