public import KubernetesModel

/// One page of a list.
public struct Page<O: KubernetesObject>: Sendable, Decodable {
    /// The objects that could be read.
    public var items: [O]
    /// Objects whose content is not what `O` declares. They never keep the others from being read.
    public var unreadable: [UnreadableObject]
    /// The version of the list, the same on each of its pages: watch from here.
    public var resourceVersion: ResourceVersion
    /// Asks for the following page; nil on the last.
    public var next: PageToken?

    private enum CodingKeys: String, CodingKey { case metadata, items }
    private struct ListMeta: Decodable {
        var resourceVersion: ResourceVersion?
        var `continue`: String?
    }

    /// Reads the API's form; throws `DecodingError` where it is something else.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let metadata = try fields.decode(ListMeta.self, forKey: .metadata)
        resourceVersion = metadata.resourceVersion ?? ResourceVersion(rawValue: "")
        next = metadata.continue.flatMap { $0.isEmpty ? nil : PageToken(rawValue: $0) }
        items = []
        unreadable = []
        for object in try fields.decodeIfPresent([Readable<O>].self, forKey: .items) ?? [] {
            switch object {
            case .read(let object): items.append(object)
            case .unreadable(let object): unreadable.append(object)
            }
        }
    }

    /// A page made by hand, for tests of those who read them.
    public init(items: [O], resourceVersion: ResourceVersion, next: PageToken? = nil) {
        self.items = items
        self.unreadable = []
        self.resourceVersion = resourceVersion
        self.next = next
    }
}

/// Where a list goes on; opaque, and valid for some minutes only.
public struct PageToken: RawRepresentable, Hashable, Sendable {
    /// As on the wire.
    public let rawValue: String
    /// Takes the text as it stands.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// An object that exists but could not be decoded, such as one stored before its schema was tightened.
public struct UnreadableObject: Sendable, Equatable, CustomStringConvertible {
    /// Could be read still, so it says which object it is.
    public var metadata: ObjectMeta
    /// The field and what was expected of it, never its value.
    public var problem: String

    /// An object whose metadata could be read and whose rest could not.
    public init(metadata: ObjectMeta, problem: String) {
        self.metadata = metadata
        self.problem = problem
    }

    /// The object's key, from its metadata.
    public var key: ObjectKey { metadata.key }
    /// The key and the problem.
    public var description: String { "\(key): \(problem)" }
}

/// Which objects of a kind a list or a watch is about. Sent to the server as they stand.
public struct ListSelector: Sendable, Equatable {
    /// Labels that the objects must have; nil: any.
    public var labels: LabelSelector?
    /// As in `metadata.name=image-gen,spec.nodeName=gpu-1`.
    public var fields: String?

    /// One made by hand; what is not given is left out.
    public init(labels: LabelSelector? = nil, fields: String? = nil) {
        self.labels = labels
        self.fields = fields
    }

    /// No condition at all.
    public static let everything = ListSelector()

    /// Objects with these labels.
    public static func labels(_ labels: LabelSelector) -> ListSelector { ListSelector(labels: labels) }
    /// The one object of that name.
    public static func named(_ name: String) -> ListSelector { ListSelector(fields: "metadata.name=\(name)") }
    /// Objects whose fields have these values, in the server's syntax.
    public static func fields(_ fields: String) -> ListSelector { ListSelector(fields: fields) }

    var query: [(String, String)] {
        var query: [(String, String)] = []
        if let labels, !labels.isEmpty { query.append(("labelSelector", labels.description)) }
        if let fields, !fields.isEmpty { query.append(("fieldSelector", fields)) }
        return query
    }
}
