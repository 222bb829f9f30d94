public import MartletDecisions

/// What the flags of `martlet controller` say.
public struct OperatorSettings: Sendable {
    /// The namespaces to work in; empty: all of them.
    public var namespaces: [String]
    /// When the owner of a target or Secret must have said that Martlet may use it.
    public var consent: ConsentMode
    /// Whether queue servers on loopback addresses are allowed. For development only.
    public var allowLoopback: Bool
    /// HTTP servers that objects may name though they are not https on a public address.
    public var allowHTTPHosts: [HTTPHostPattern]
    /// Endpoints that are reconciled at the same time.
    public var concurrency: Int
    /// Where the files of the tz database lie; nil: where distributions put them.
    public var timeZoneFolder: String?
    /// What the flags say about RunPod.
    public var runpod: RunPodSettings

    /// The defaults of the flags.
    public init(
        namespaces: [String] = [], consent: ConsentMode = .auto, allowLoopback: Bool = false,
        allowHTTPHosts: [HTTPHostPattern] = [], concurrency: Int = 32, timeZoneFolder: String? = nil,
        runpod: RunPodSettings = .standard
    ) {
        self.namespaces = namespaces
        self.consent = consent
        self.allowLoopback = allowLoopback
        self.allowHTTPHosts = allowHTTPHosts
        self.concurrency = concurrency
        self.timeZoneFolder = timeZoneFolder
        self.runpod = runpod
    }
}

/// Whether the annotation `martlet.dev/allow: "true"` is demanded on targets and Secrets.
public enum ConsentMode: String, Sendable, CaseIterable {
    /// Demanded until the policy that checks authors (ValidatingAdmissionPolicy, Kubernetes 1.30) is seen bound.
    case auto
    case on
    case off
}
