/// What became of the `spec` that the API server sent.
public enum SpecDecoding<Spec: Decodable & Sendable & Equatable>: Sendable, Equatable {
    case valid(Spec)
    /// Where and what, such as `spec.queue.tasksPerReplica: expected a whole number`; never the value itself.
    case malformed(String)

    /// `absent` is what stands for a spec that is not there.
    init<Key: CodingKey>(from container: KeyedDecodingContainer<Key>, forKey key: Key, absent: Spec) {
        do {
            self = .valid(try container.decodeIfPresent(Spec.self, forKey: key) ?? absent)
        } catch {
            self = .malformed(Self.describe(error))
        }
    }

    /// The values are left out on purpose: an `env` entry may hold a secret.
    private static func describe(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "spec: can't be read" }
        switch error {
        case .typeMismatch(let type, let context): return "\(path(context)): expected \(noun(for: type))"
        case .valueNotFound(let type, let context): return "\(path(context)): expected \(noun(for: type)), not null"
        case .keyNotFound(let key, let context):
            return "\(path(context)): \(key.stringValue.prefix(longestName)) is required"
        case .dataCorrupted(let context): return "\(path(context)): not an allowed value"
        @unknown default: return "spec: can't be read"
        }
    }

    private static func path(_ context: DecodingError.Context) -> String {
        var path = ""
        for key in context.codingPath {
            if let index = key.intValue {
                path += "[\(index)]"
            } else {
                path += (path.isEmpty ? "" : ".") + key.stringValue.prefix(longestName)
            }
        }
        return path
    }

    private static func noun(for type: any Any.Type) -> String {
        switch type {
        case is any FixedWidthInteger.Type: "a whole number"
        case is Bool.Type: "true or false"
        case is String.Type: "a text"
        case is [Any].Type: "a list"
        default: "an object"
        }
    }

    /// Characters of a key shown in a message; a foreign key may be a megabyte long.
    private static var longestName: Int { 64 }
}
