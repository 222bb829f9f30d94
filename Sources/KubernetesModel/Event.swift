/// A core/v1 Event: what `kubectl describe` shows under an object.
public struct Event: KubernetesObject, Equatable {
    public static let resourceType = ResourceType(group: "", version: "v1", plural: "events", kind: "Event")
    public var metadata: ObjectMeta
    public var involvedObject: ObjectReference
    /// `Normal` or `Warning`.
    public var type: EventType?
    /// A CamelCase word for machines.
    public var reason: String?
    /// A sentence for people; at most 1,024 bytes.
    public var message: String?
    /// How often it happened between the two timestamps.
    public var count: Int?
    public var firstTimestamp: Timestamp?
    public var lastTimestamp: Timestamp?
    public var eventTime: MicroTimestamp?
    public var source: EventSource?
    public var action: String?
    public var reportingComponent: String?
    public var reportingInstance: String?

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
    public var component: String?
    public var host: String?

    public init(component: String? = nil, host: String? = nil) {
        self.component = component
        self.host = host
    }
}

/// A reference to any object.
public struct ObjectReference: Codable, Sendable, Hashable {
    public var apiVersion: String?
    public var kind: String?
    public var namespace: String?
    public var name: String?
    public var uid: String?
    public var resourceVersion: ResourceVersion?
    public var fieldPath: String?

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
