/// Which GPUs the workers may have.
package struct GPUSelection: Hashable, Sendable, Codable {
    /// In the order of preference; at least one in a create. In a patch it replaces the whole selection and clears
    /// `excludedTypes`; nil leaves it.
    package var pools: [GPUPool]?
    /// GPU types (by id, such as `NVIDIA L4`) that are taken out of the pools. Only together with `pools`.
    package var excludedTypes: [String]?
    /// GPUs a worker; nil: RunPod's default, 1.
    package var count: Int?
    /// As in `12.8`; an empty list means any. Not together with `minCudaVersion`.
    package var allowedCudaVersions: [String]?
    /// As in `12.4`; empty text clears it in a patch.
    package var minCudaVersion: String?

    /// What is not given is not sent.
    package init(
        pools: [GPUPool]? = nil, excludedTypes: [String]? = nil, count: Int? = nil,
        allowedCudaVersions: [String]? = nil, minCudaVersion: String? = nil
    ) {
        self.pools = pools
        self.excludedTypes = excludedTypes
        self.count = count
        self.allowedCudaVersions = allowedCudaVersions
        self.minCudaVersion = minCudaVersion
    }

    private enum Fields: String, CodingKey { case pools, excludedTypes, count, allowedCudaVersions, minCudaVersion }

    /// Reads what is readable.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Fields.self)
        pools = fields.lenient(.pools)
        excludedTypes = fields.lenient(.excludedTypes)
        count = fields.integer(.count)
        allowedCudaVersions = fields.lenient(.allowedCudaVersions)
        minCudaVersion = fields.lenient(.minCudaVersion)
    }
}

/// One processor that the workers may have.
package struct CPUSelection: Hashable, Sendable, Codable {
    /// The flavour, such as `cpu3c`.
    package var id: String
    /// A power of two, at least 2.
    package var vcpuCount: Int

    /// A flavour and its size.
    package init(id: String, vcpuCount: Int) {
        self.id = id
        self.vcpuCount = vcpuCount
    }
}

/// What workers run on. RunPod takes exactly one of the two, and never changes it.
package enum Hardware: Hashable, Sendable {
    case gpu(GPUSelection)
    case cpu([CPUSelection])
}
