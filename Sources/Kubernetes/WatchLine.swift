internal import FoundationEssentials
internal import KubernetesModel

/// One line of a watch: `{"type": …, "object": …}`, decoded in one pass.
struct WatchLine<O: KubernetesObject>: Decodable {
    private enum Content {
        case event(WatchEvent<O>)
        case error(Status)
    }
    private enum CodingKeys: String, CodingKey { case type, object }

    private let content: Content

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let type = try fields.decode(String.self, forKey: .type)
        switch type {
        case "BOOKMARK":
            let bookmark = try fields.decode(PartialObject.self, forKey: .object)
            guard let version = bookmark.metadata.resourceVersion else {
                throw DecodingError.dataCorruptedError(
                    forKey: .object, in: fields, debugDescription: "a bookmark without resourceVersion")
            }
            content = .event(.bookmark(version))
        case "ERROR":
            content = .error(try fields.decode(Status.self, forKey: .object))
        case "ADDED", "MODIFIED", "DELETED":
            content = .event(Self.event(type, try fields.decode(Readable<O>.self, forKey: .object)))
        default:
            throw DecodingError.dataCorruptedError(
                forKey: .type, in: fields, debugDescription: "an unknown type of watch event")
        }
    }

    private static func event(_ type: String, _ object: Readable<O>) -> WatchEvent<O> {
        switch (object, type) {
        case (.read(let object), "ADDED"): .added(object)
        case (.read(let object), "DELETED"): .deleted(object)
        case (.read(let object), _): .modified(object)
        case (.unreadable(let object), "DELETED"): .unreadableDeleted(object)
        case (.unreadable(let object), _): .unreadable(object)
        }
    }

    /// The event in `line`. An ERROR event throws its status.
    static func event(in line: ArraySlice<UInt8>) throws(KubernetesError.Cause) -> WatchEvent<O> {
        let decoded: Self
        do { decoded = try WireFormat.decode(Self.self, from: Data(line)) } catch {
            throw .malformed(WireFormat.describe(error))
        }
        switch decoded.content {
        case .event(let event): return event
        case .error(let status): throw .refused(status)
        }
    }
}

/// An object, or what can be said of it if its content is not what its type declares.
enum Readable<O: KubernetesObject>: Decodable {
    case read(O)
    case unreadable(UnreadableObject)

    init(from decoder: any Decoder) throws {
        do {
            self = .read(try O(from: decoder))
        } catch {
            let known = try PartialObject(from: decoder)
            self = .unreadable(UnreadableObject(metadata: known.metadata, problem: WireFormat.describe(error)))
        }
    }
}
