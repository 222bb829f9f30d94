package import FoundationEssentials

/// A serverless endpoint as RunPod tells it. Whatever but the id may be missing.
package struct RunPodEndpoint: Sendable, Hashable {
    package var id: EndpointID
    /// Not unique, and RunPod may decorate it (` -fb`).
    package var name: String?
    package var type: EndpointType?
    /// Where clients of the endpoint send their requests. For publishing; this client never follows them.
    package var requestURLs: RequestURLs?
    package var image: String?
    package var args: String?
    /// In GB.
    package var disk: Int?
    /// Holds the owner's marker; values are secrets.
    package var env: EnvironmentVariables?
    package var ports: [String]?
    package var registry: String?
    /// Nil for endpoints on CPUs.
    package var gpu: GPUSelection?
    package var cpu: [CPUSelection]?
    /// Nil if RunPod did not tell both bounds.
    package var workers: WorkersBounds?
    package var scaling: ScalingPolicy?
    package var dataCenterIDs: [String]?
    package var networkVolumes: [String]?
    /// The limit on a job's execution, in milliseconds; 0: none.
    package var timeout: Int?
    package var flashboot: FlashBoot?
    package var createdAt: Date?

    /// An endpoint of which only the id is known.
    package init(id: EndpointID) { self.id = id }
}

extension RunPodEndpoint: Decodable {
    private enum Fields: String, CodingKey {
        case id, name, type, requestUrls, image, args, disk, env, ports, registry, gpu, cpu, workers, scaling
        case dataCenterIds, networkVolumes, timeout, flashboot, createdAt
    }

    /// Throws only where the id is missing or none.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Fields.self)
        guard let id = EndpointID(try fields.decode(String.self, forKey: .id)) else {
            throw DecodingError.dataCorruptedError(forKey: .id, in: fields, debugDescription: "not an endpoint's id")
        }
        self.init(id: id)
        name = fields.lenient(.name)
        type = fields.lenient(.type)
        requestURLs = fields.lenient(.requestUrls)
        image = fields.lenient(.image)
        args = fields.lenient(.args)
        disk = fields.integer(.disk)
        env = fields.lenient(.env)
        ports = fields.lenient(.ports)
        registry = fields.lenient(.registry)
        gpu = fields.lenient(.gpu)
        cpu = fields.lenient(.cpu)
        workers = fields.lenient(.workers)
        scaling = fields.lenient(.scaling)
        dataCenterIDs = fields.lenient(.dataCenterIds)
        networkVolumes = fields.lenient(.networkVolumes)
        timeout = fields.integer(.timeout)
        flashboot = fields.lenient(.flashboot)
        createdAt = fields.date(.createdAt)
    }
}

/// The addresses that RunPod gives for an endpoint. Those of jobs hold the literal placeholder `{job_id}`.
package struct RequestURLs: Sendable, Hashable, Codable {
    package var run: String?
    package var runSync: String?
    package var status: String?
    package var stream: String?
    package var cancel: String?
    package var retry: String?
    package var purgeQueue: String?
    package var health: String?
    /// Of load-balancing endpoints only.
    package var base: String?

    /// None known yet.
    package init() {}
}
