package import KubernetesModel

/// A job to be queued.
package struct JobRequest: Sendable, Hashable {
    /// The handler's input, sent as it stands. An empty object is accepted by RunPod and never answered by its Python
    /// worker.
    package var input: JSONValue
    package var policy: JobPolicy?
    /// Where RunPod posts the job when it has ended.
    package var webhook: String?

    /// A job with RunPod's defaults unless given.
    package init(input: JSONValue, policy: JobPolicy? = nil, webhook: String? = nil) {
        self.input = input
        self.policy = policy
        self.webhook = webhook
    }
}

/// How long a job may take.
package struct JobPolicy: Sendable, Hashable, Codable {
    /// In milliseconds, 5 s to 7 days; overrides the endpoint's.
    package var executionTimeout: Int?
    /// In milliseconds from submission, 10 s to 7 days: then the job is dropped, even when it runs.
    package var ttl: Int?
    /// Does not make RunPod add a worker.
    package var lowPriority: Bool?

    /// What is not given is not sent.
    package init(executionTimeout: Int? = nil, ttl: Int? = nil, lowPriority: Bool? = nil) {
        self.executionTimeout = executionTimeout
        self.ttl = ttl
        self.lowPriority = lowPriority
    }
}

extension JobRequest: Encodable {
    private enum Fields: String, CodingKey { case input, policy, webhook }

    /// Writes RunPod's form.
    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Fields.self)
        try fields.encode(input, forKey: .input)
        try fields.encodeIfPresent(policy, forKey: .policy)
        try fields.encodeIfPresent(webhook, forKey: .webhook)
    }
}
