internal import KubernetesModel

/// A spec that was checked, with every default filled in. Only ``InferenceEndpointSpec/resolved()`` makes one, so whoever
/// holds it need not check again. At least one of ``scaling`` and ``runpod`` is there.
public struct ResolvedEndpoint: Sendable, Hashable {
    /// Observe and report, write nothing.
    public var suspend: Bool
    /// The in-cluster workers and their queue; nil: the endpoint has none.
    public var scaling: ResolvedScaling?
    /// The RunPod serverless endpoint; nil: there is none.
    public var runpod: ResolvedRunPod?
    /// Name of the ConfigMap in which id and URLs are published; nil: they are not.
    public var connectionConfigMap: String?
    /// Where the connection is mirrored for applications outside the cluster; nil: nowhere.
    public var mirror: ResolvedMirror?
}

/// Either what to do, or everything that is wrong with the spec.
public enum SpecResolution: Sendable, Equatable {
    case accepted(ResolvedEndpoint)
    /// Never empty; the first problem gives the reason of `Accepted=False`.
    case refused([SpecProblem])
}

extension InferenceEndpoint {
    /// The checked spec; a malformed one is refused with reason `Malformed`.
    public var resolution: SpecResolution {
        switch spec {
        case .valid(let spec): spec.resolved(name: metadata.name)
        case .malformed(let what): .refused([SpecProblem(.malformed, at: "", what)])
        }
    }
}
