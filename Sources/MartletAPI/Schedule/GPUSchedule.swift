public import KubernetesModel

/// When capacity of the InferenceEndpoints that it names may exist: windows in a time zone, with exceptions.
///
/// Decoding never fails for what a user wrote, as with ``InferenceEndpoint``.
public struct GPUSchedule: KubernetesObject, Equatable {
    /// `gpuschedules.martlet.dev`, version `v1alpha1`.
    public static let resourceType = ResourceType(
        group: "martlet.dev", version: "v1alpha1", plural: "gpuschedules", kind: "GPUSchedule")

    /// Name, namespace, generation and what else the operator reads.
    public var metadata: ObjectMeta
    /// What is asked for, as far as it can be read.
    public var spec: SpecDecoding<GPUScheduleSpec>
    /// Names of the InferenceEndpoints that it governs, also where the rest of the spec is refused or can't be read: a
    /// schedule with a mistake in it must not set its endpoints free.
    public private(set) var targetNames: [String]
    /// What the operator last said; nil before it has, or if it can't be read.
    public var status: GPUScheduleStatus?

    /// An object to be created.
    public init(metadata: ObjectMeta, spec: GPUScheduleSpec, status: GPUScheduleStatus? = nil) {
        self.metadata = metadata
        self.spec = .valid(spec)
        self.targetNames = (spec.targets ?? []).map(\.name)
        self.status = status
    }

    /// Throws only for metadata that no API server sends.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        metadata = try container.decode(ObjectMeta.self, forKey: .metadata)
        spec = SpecDecoding(from: container, forKey: .spec, absent: GPUScheduleSpec())
        status = (try? container.decodeIfPresent(GPUScheduleStatus.self, forKey: .status)) ?? nil
        if case .valid(let spec) = spec {
            targetNames = (spec.targets ?? []).map(\.name)
        } else {
            targetNames = (try? container.decode(LegibleTargets.self, forKey: .spec))?.names ?? []
        }
    }

    /// Writes `apiVersion` and `kind` too, so that the object can be created; a malformed spec is left out.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Self.resourceType.apiVersion, forKey: .apiVersion)
        try container.encode(Self.resourceType.kind, forKey: .kind)
        try container.encode(metadata, forKey: .metadata)
        if case .valid(let spec) = spec { try container.encode(spec, forKey: .spec) }
        try container.encodeIfPresent(status, forKey: .status)
    }

    enum CodingKeys: String, CodingKey { case apiVersion, kind, metadata, spec, status }

    /// Those targets of a malformed spec that can be read.
    private struct LegibleTargets: Decodable {
        var names: [String]

        private struct Legible: Decodable {
            var name: String?
            init(from decoder: any Decoder) throws { name = try? ScheduleTarget(from: decoder).name }
        }
        private enum CodingKeys: String, CodingKey { case targets }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            names = try container.decode([Legible].self, forKey: .targets).compactMap(\.name)
        }
    }
}

extension GPUSchedule {
    /// The checked spec; a malformed one is refused with reason `Malformed`.
    public var resolution: ScheduleResolution {
        switch spec {
        case .valid(let spec): spec.resolved()
        case .malformed(let what): .refused([SpecProblem(.malformed, at: "", what)])
        }
    }
}
