public import KubernetesModel

/// How an object is deleted.
public struct DeleteOptions: Sendable, Equatable {
    /// Only the object with this uid, not a later one of the same name.
    public var uid: String?
    /// Only if it did not change since.
    public var resourceVersion: ResourceVersion?
    /// Overrides the object's own grace period; whole seconds.
    public var gracePeriod: Duration?
    /// What becomes of the objects that it owns; nil: the kind's default.
    public var propagation: DeletePropagation?

    /// No precondition and the kind's own ways, unless given.
    public init(
        uid: String? = nil, resourceVersion: ResourceVersion? = nil, gracePeriod: Duration? = nil,
        propagation: DeletePropagation? = nil
    ) {
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.gracePeriod = gracePeriod
        self.propagation = propagation
    }
}

/// What becomes of the objects that a deleted one owns.
public enum DeletePropagation: String, Encodable, Sendable {
    /// They stay.
    case orphan = "Orphan"
    /// They are deleted after it.
    case background = "Background"
    /// They are deleted before it.
    case foreground = "Foreground"
}

extension DeleteOptions: Encodable {
    private enum Fields: String, CodingKey {
        case apiVersion, kind, preconditions, gracePeriodSeconds, propagationPolicy
    }
    private struct Preconditions: Encodable {
        var uid: String?
        var resourceVersion: ResourceVersion?
    }

    /// Writes the API's form.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Fields.self)
        try fields.encode("v1", forKey: .apiVersion)
        try fields.encode("DeleteOptions", forKey: .kind)
        if uid != nil || resourceVersion != nil {
            let preconditions = Preconditions(uid: uid, resourceVersion: resourceVersion)
            try fields.encode(preconditions, forKey: .preconditions)
        }
        try fields.encodeIfPresent(gracePeriod?.components.seconds, forKey: .gracePeriodSeconds)
        try fields.encodeIfPresent(propagation, forKey: .propagationPolicy)
    }
}
