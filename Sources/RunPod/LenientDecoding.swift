internal import FoundationEssentials
internal import KubernetesModel

/// Reading of answers whose every field is optional: what is missing, null or of another type is nil.
///
/// One odd field must not hide an endpoint from those who decide what is billed.
extension KeyedDecodingContainer {
    func lenient<T: Decodable>(_: T.Type, _ key: Key) -> T? { (try? decodeIfPresent(T.self, forKey: key)) ?? nil }
    func lenient<T: Decodable>(_ key: Key) -> T? { lenient(T.self, key) }

    /// Vendor examples show numbers as integers, floats and strings.
    func number(_ key: Key) -> Double? {
        if let value = lenient(Double.self, key) { return value.isFinite ? value : nil }
        return lenient(String.self, key).flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil }
    }

    /// As `number`, whole ones only.
    func integer(_ key: Key) -> Int? {
        if let value = lenient(Int.self, key) { return value }
        return number(key).flatMap { Int(exactly: $0) }
    }

    /// RFC 3339 with or without fractions of a second.
    func date(_ key: Key) -> Date? { lenient(String.self, key).flatMap { Timestamp($0)?.date } }

    /// Readable elements of a list; nil if it is none.
    func elements<T: Decodable>(_: T.Type, _ key: Key) -> [T]? {
        lenient([Lenient<T>].self, key)?.compactMap(\.value)
    }
}

/// An element of a list that may be unreadable.
struct Lenient<T: Decodable>: Decodable {
    var value: T?
    init(from decoder: any Decoder) throws { value = try? T(from: decoder) }
}
