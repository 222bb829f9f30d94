/// A change of an endpoint. Sparse: nil leaves a setting as it is, and is never sent.
///
/// `workers`, `scaling` and `timeout` act at once; the others make a release and roll the workers.
package struct EndpointPatch: Sendable, Hashable {
    package var name: String?
    package var image: String?
    package var args: String?
    /// In GB, at least 1.
    package var disk: Int?
    /// Replaces the whole environment.
    package var env: EnvironmentVariables?
    package var ports: [String]?
    package var registry: String?
    /// `pools`, when given, replace the selection and clear the exclusions.
    package var gpu: GPUSelection?
    /// Replaces the whole selection; for endpoints on CPUs only.
    package var cpu: [CPUSelection]?
    /// Sent whole.
    package var workers: WorkersBounds?
    package var scaling: ScalingPolicy?
    package var dataCenterIDs: [String]?
    package var networkVolumes: [String]?
    /// In milliseconds; 0: no limit.
    package var timeout: Int?
    package var flashboot: FlashBoot?

    /// A change of nothing, or of the workers alone.
    package init(workers: WorkersBounds? = nil) { self.workers = workers }

    /// Whether nothing would be changed: such a patch need not be sent.
    package var isEmpty: Bool { self == EndpointPatch() }

    /// The same change without what RunPod refuses for this endpoint: `idleTimeout` of a queue that scales (or will,
    /// by this patch) on the number of requests.
    package func admissible(for endpoint: RunPodEndpoint) -> EndpointPatch {
        var patch = self
        patch.workers = workers?.admissible(for: endpoint.type, scaling: scaling ?? endpoint.scaling)
        return patch
    }
}

extension EndpointPatch: Encodable {
    private enum Fields: String, CodingKey {
        case name, image, args, disk, env, ports, registry, gpu, cpu, workers, scaling, dataCenterIds, networkVolumes
        case timeout, flashboot
    }

    /// Writes RunPod's closed body: no null, no field of ours.
    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Fields.self)
        try fields.encodeIfPresent(name, forKey: .name)
        try fields.encodeIfPresent(image, forKey: .image)
        try fields.encodeIfPresent(args, forKey: .args)
        try fields.encodeIfPresent(disk, forKey: .disk)
        try fields.encodeIfPresent(env, forKey: .env)
        try fields.encodeIfPresent(ports, forKey: .ports)
        try fields.encodeIfPresent(registry, forKey: .registry)
        try fields.encodeIfPresent(gpu, forKey: .gpu)
        try fields.encodeIfPresent(cpu, forKey: .cpu)
        try fields.encodeIfPresent(workers, forKey: .workers)
        try fields.encodeIfPresent(scaling, forKey: .scaling)
        try fields.encodeIfPresent(dataCenterIDs, forKey: .dataCenterIds)
        try fields.encodeIfPresent(networkVolumes, forKey: .networkVolumes)
        try fields.encodeIfPresent(timeout, forKey: .timeout)
        try fields.encodeIfPresent(flashboot, forKey: .flashboot)
    }
}
