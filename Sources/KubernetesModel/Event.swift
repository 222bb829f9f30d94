/// A core/v1 Event: what `kubectl describe` shows under an object.
public struct Event: KubernetesObject, Equatable {
    /// Where the API has the kind.
    public static let resourceType = ResourceType(group: "", version: "v1", plural: "events", kind: "Event")
    /// Name, labels, owners.
    public var metadata: ObjectMeta
    /// What it is about.
    public var involvedObject: ObjectReference
    /// `Normal` or `Warning`.
    public var type: EventType?
    /// A CamelCase word for machines.
    public var reason: String?
    /// A sentence for people; at most 1,024 bytes.
    public var message: String?
    /// How often it happened between the two timestamps.
    public var count: Int?
    /// When it first happened.
    public var firstTimestamp: Timestamp?
    /// When it last happened.
    public var lastTimestamp: Timestamp?
    /// For events that are reported once.
    public var eventTime: MicroTimestamp?
    /// Who reported it.
    public var source: EventSource?
    /// What was done about it.
    public var action: String?
    /// The controller, as `martlet.dev/controller`.
    public var reportingComponent: String?
    /// The controller's Pod.
    public var reportingInstance: String?

    /// One to compare with or to send, made by hand.
    public init(metadata: ObjectMeta, involvedObject: ObjectReference) {
        self.metadata = metadata
        self.involvedObject = involvedObject
    }
}

/// How serious an event is.
public enum EventType: String, Codable, Sendable {
    case normal = "Normal"
    case warning = "Warning"
}

/// Who reported an event.
public struct EventSource: Codable, Sendable, Equatable {
    /// The controller.
    public var component: String?
    /// Its node.
    public var host: String?

    /// One made by hand; what is not given is left out.
    public init(component: String? = nil, host: String? = nil) {
        self.component = component
        self.host = host
    }
}

/// A reference to any object.
public struct ObjectReference: Codable, Sendable, Hashable {
    /// `group/version`, or the bare version in the core group.
    public var apiVersion: String?
    /// In CamelCase, singular.
    public var kind: String?
    /// Nil for cluster-scoped objects.
    public var namespace: String?
    /// Of the object.
    public var name: String?
    /// Unique over all time; a later object of the same name has another.
    public var uid: String?
    /// Changes with each write.
    public var resourceVersion: ResourceVersion?
    /// A part of the object only.
    public var fieldPath: String?

    /// One made by hand; what is not given is left out.
    public init(
        apiVersion: String? = nil, kind: String? = nil, namespace: String? = nil, name: String? = nil,
        uid: String? = nil
    ) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.namespace = namespace
        self.name = name
        self.uid = uid
    }
}
