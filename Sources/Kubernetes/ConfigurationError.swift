/// Why no configuration could be made. Names files and fields, never their values.
public enum ConfigurationError: Error, Sendable, Equatable {
    /// None of the files exists, or none was named.
    case noKubeconfig(paths: [String])
    /// A file that is named could not be read.
    case unreadable(path: String)
    /// A file is no kubeconfig.
    case malformed(path: String, problem: String)
    /// A context, cluster or user that is referred to does not exist.
    case missing(entry: String, name: String)
    /// A field has a value that cannot be used.
    case invalid(field: String, problem: String)
    /// A way of authentication that is not supported: log in with a token, a certificate or an exec plugin.
    case notSupported(feature: String, user: String)
    /// Not in a cluster: the variable or file of a ServiceAccount is missing.
    case notInCluster(missing: String)
}

extension ConfigurationError: CustomStringConvertible {
    /// For people: what is wrong, and what to do about it.
    public var description: String {
        switch self {
        case .noKubeconfig(let paths):
            paths.isEmpty
                ? "no kubeconfig: name one with --kubeconfig or KUBECONFIG"
                : "no kubeconfig at \(paths.joined(separator: ", "))"
        case .unreadable(let path): "cannot read \(path), which the kubeconfig names"
        case .malformed(let path, let problem): "\(path) is no kubeconfig: \(problem)"
        case .missing("current-context", _): "the kubeconfig has no current context: name one with --context"
        case .missing(let entry, let name): "the kubeconfig has no \(entry) \"\(name)\""
        case .invalid(let field, let problem): "\(field): \(problem)"
        case .notSupported(let feature, let user):
            "user \"\(user)\" of the kubeconfig logs in by \(feature), which is not supported: use a token, a client "
                + "certificate or an exec plugin"
        case .notInCluster(let missing): "not in a Pod with a ServiceAccount: \(missing) is missing"
        }
    }
}
