/// A dictionary that remembers the order of insertion, so that equal histories stay equal.
package struct OrderedTable<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private var entries: [Key: Value] = [:]
    /// In the order of insertion.
    package private(set) var keys: [Key] = []

    package init() {}

    package subscript(key: Key) -> Value? {
        get { entries[key] }
        _modify { yield &entries[key] }
    }

    /// In the order of insertion.
    package var values: [Value] { keys.compactMap { entries[$0] } }
    package var count: Int { keys.count }
    package var isEmpty: Bool { keys.isEmpty }

    mutating func insert(_ value: Value, for key: Key) {
        if entries.updateValue(value, forKey: key) == nil { keys.append(key) }
    }

    @discardableResult
    mutating func remove(_ key: Key) -> Value? {
        guard let removed = entries.removeValue(forKey: key) else { return nil }
        keys.removeAll { $0 == key }
        return removed
    }
}
