public import KubernetesModel

/// What the server offers, as it said when asked. A snapshot: CRDs come and go.
public struct Discovery: Sendable {
    /// The release that answered.
    public var server: ServerVersion
    /// The groups that could not be listed, such as those of an aggregated API whose server is down. About them
    /// nothing is known: `has` says false.
    public var broken: [String: KubernetesError]
    var served: [ServedResource]

    /// Whether the server has that kind in exactly that version.
    public func has(_ type: ResourceType) -> Bool {
        served.contains { $0.type.apiVersion == type.apiVersion && $0.type.plural == type.plural }
    }

    /// Whether the kind has that subresource, such as `/scale`.
    public func has(_ subresource: Subresource, of type: ResourceType) -> Bool {
        served.contains {
            $0.type.apiVersion == type.apiVersion && $0.type.plural == type.plural
                && $0.subresources.contains(subresource)
        }
    }

    /// The place of a kind, in the group's preferred version if it is served there, else in the first that has it.
    public func find(group: String, kind: String) -> ResourceType? {
        served.first { $0.type.group == group && $0.type.kind == kind }?.type
    }

    /// The place of a kind as a reference names it: `apps/v1`, `Deployment`.
    public func find(apiVersion: String, kind: String) -> ResourceType? {
        served.first { $0.type.apiVersion == apiVersion && $0.type.kind == kind }?.type
    }
}

/// One kind in one version. Preferred versions come first in `Discovery.served`.
struct ServedResource: Sendable, Equatable {
    var type: ResourceType
    var subresources: Set<Subresource>
}

/// The server's version, comparable by release.
public struct ServerVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Always 1 so far.
    public var major: Int
    /// `29` of 1.29; 0 if the server wrote something else.
    public var minor: Int
    /// The whole of it: `v1.29.3-gke.100`.
    public var description: String

    /// `description` is made of the numbers unless given.
    public init(major: Int, minor: Int, description: String? = nil) {
        self.major = major
        self.minor = minor
        self.description = description ?? "v\(major).\(minor)"
    }

    /// The older release is the lesser.
    public static func < (left: ServerVersion, right: ServerVersion) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }
    /// The same release, whatever the vendor adds.
    public static func == (left: ServerVersion, right: ServerVersion) -> Bool {
        (left.major, left.minor) == (right.major, right.minor)
    }
    /// By release, as `==`.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(major)
        hasher.combine(minor)
    }
}
