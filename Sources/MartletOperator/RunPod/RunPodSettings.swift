internal import KubernetesModel
internal import RunPod

/// What the flags of `martlet controller` say about RunPod.
public struct RunPodSettings: Sendable {
    /// REST v2 and the job plane; the only places that a key is sent to.
    let hosts: RunPodHosts
    /// A Secret whose key `apiKey` reaches endpoints that their objects' own keys do not reach any more.
    let credentialsSecret: ObjectKey?
    /// What tells this cluster's endpoints from another's; nil: the uid of a namespace of the cluster.
    let clusterID: String?
    /// Whether endpoints of this cluster that no object owns are deleted.
    let deletesOrphans: Bool

    /// RunPod itself, no fallback, and orphans are only told of.
    public static let standard = RunPodSettings(
        hosts: .runPod, credentialsSecret: nil, clusterID: nil, deletesOrphans: false)

    private init(hosts: RunPodHosts, credentialsSecret: ObjectKey?, clusterID: String?, deletesOrphans: Bool) {
        self.hosts = hosts
        self.credentialsSecret = credentialsSecret
        self.clusterID = clusterID
        self.deletesOrphans = deletesOrphans
    }

    /// Checks what flags say; nil and empty ones are defaults. Throws `RunPodSettingsError`, for whoever wrote the flag.
    public init(
        apiURL: String?, jobsURL: String?, credentialsSecret: String?, clusterID: String?, deletesOrphans: Bool
    ) throws(RunPodSettingsError) {
        do throws(RunPodHostsError) {
            hosts = try RunPodHosts(
                controlURL: apiURL ?? RunPodHosts.runPod.controlURL, jobsURL: jobsURL ?? RunPodHosts.runPod.jobsURL)
        } catch { throw RunPodSettingsError(message: "--runpod-api-url, --runpod-jobs-url: \(error.problem)") }
        if let credentialsSecret {
            let parts = credentialsSecret.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
                throw RunPodSettingsError(message: "--runpod-credentials-secret is namespace/name")
            }
            self.credentialsSecret = ObjectKey(namespace: String(parts[0]), name: String(parts[1]))
        } else {
            self.credentialsSecret = nil
        }
        if let clusterID {
            let isWord =
                (1...128).contains(clusterID.utf8.count)
                && clusterID.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") }
            guard isWord else {
                throw RunPodSettingsError(message: "--cluster-id is a word of up to 128 characters without '/'")
            }
        }
        self.clusterID = clusterID
        self.deletesOrphans = deletesOrphans
    }

    /// The same, with the cluster's own id where the flags name none.
    public func identified(as id: String?) -> RunPodSettings {
        RunPodSettings(
            hosts: hosts, credentialsSecret: credentialsSecret, clusterID: clusterID ?? id,
            deletesOrphans: deletesOrphans)
    }

    /// Whether the flags leave it to the cluster to say what tells it from others.
    public var needsClusterID: Bool { clusterID == nil }
}

/// What is wrong with a flag about RunPod.
public struct RunPodSettingsError: Error, Sendable {
    /// For people.
    public let message: String
}
