/// A serverless endpoint to be created. Every field that RunPod's habits differ about is sent, none is left to defaults.
package struct EndpointCreate: Sendable, Hashable {
    package var name: String
    package var type: EndpointType
    /// Needed unless there is a template.
    package var image: String?
    /// Copied once; must be a serverless template (else 422), unknown is 404.
    package var templateID: TemplateID?
    package var args: String?
    /// In GB, at least 1.
    package var disk: Int?
    /// Must hold the owner's marker: it is how a lost create is recognised.
    package var env: EnvironmentVariables
    package var ports: [String]?
    package var registry: String?
    package var hardware: Hardware
    package var workers: WorkersBounds
    package var scaling: ScalingPolicy
    /// Enforced, whatever "preferred" in RunPod's text says; nil: RunPod chooses.
    package var dataCenterIDs: [String]?
    package var networkVolumes: [String]?
    /// The limit on a job's execution, in milliseconds; 0: none. Always sent: without it RunPod was seen to take 0.
    package var timeout: Int
    package var flashboot: FlashBoot

    /// What is not given is not sent.
    package init(
        name: String, type: EndpointType = .queue, image: String? = nil, templateID: TemplateID? = nil,
        args: String? = nil, disk: Int? = nil, env: EnvironmentVariables, ports: [String]? = nil,
        registry: String? = nil, hardware: Hardware, workers: WorkersBounds, scaling: ScalingPolicy,
        dataCenterIDs: [String]? = nil, networkVolumes: [String]? = nil, timeout: Int, flashboot: FlashBoot = .off
    ) {
        self.name = name
        self.type = type
        self.image = image
        self.templateID = templateID
        self.args = args
        self.disk = disk
        self.env = env
        self.ports = ports
        self.registry = registry
        self.hardware = hardware
        self.workers = workers
        self.scaling = scaling
        self.dataCenterIDs = dataCenterIDs
        self.networkVolumes = networkVolumes
        self.timeout = timeout
        self.flashboot = flashboot
    }
}

extension EndpointCreate: Encodable {
    private enum Fields: String, CodingKey {
        case name, type, image, templateId, args, disk, env, ports, registry, gpu, cpu, workers, scaling
        case dataCenterIds, networkVolumes, timeout, flashboot
    }

    /// Writes RunPod's closed body: no null, no field of ours, no `idleTimeout` where it is refused.
    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Fields.self)
        try fields.encode(name, forKey: .name)
        try fields.encode(type, forKey: .type)
        try fields.encodeIfPresent(image, forKey: .image)
        try fields.encodeIfPresent(templateID, forKey: .templateId)
        try fields.encodeIfPresent(args, forKey: .args)
        try fields.encodeIfPresent(disk, forKey: .disk)
        try fields.encode(env, forKey: .env)
        try fields.encodeIfPresent(ports, forKey: .ports)
        try fields.encodeIfPresent(registry, forKey: .registry)
        switch hardware {
        case .gpu(let selection): try fields.encode(selection, forKey: .gpu)
        case .cpu(let selection): try fields.encode(selection, forKey: .cpu)
        }
        try fields.encode(workers.admissible(for: type, scaling: scaling), forKey: .workers)
        try fields.encode(scaling, forKey: .scaling)
        try fields.encodeIfPresent(dataCenterIDs, forKey: .dataCenterIds)
        try fields.encodeIfPresent(networkVolumes, forKey: .networkVolumes)
        try fields.encode(timeout, forKey: .timeout)
        try fields.encode(flashboot, forKey: .flashboot)
    }
}
