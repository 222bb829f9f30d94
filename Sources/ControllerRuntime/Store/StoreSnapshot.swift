public import KubernetesModel

/// The content of a store at one instant, as a value.
public struct StoreSnapshot<Object: KubernetesObject>: Sequence, Sendable {
    /// By namespace first, so that a write copies one namespace at most while a snapshot is being read.
    private var namespaces: [String: [ObjectKey: Object]] = [:]

    /// How many objects it holds.
    public private(set) var count = 0

    init() {}

    /// The object of that key, if it is there.
    public subscript(key: ObjectKey) -> Object? { namespaces[key.namespace]?[key] }

    /// The objects of one namespace, in no order.
    public func objects(in namespace: String) -> Dictionary<ObjectKey, Object>.Values {
        (namespaces[namespace] ?? [:]).values
    }

    /// Goes over every object, in no order.
    public struct Iterator: IteratorProtocol {
        fileprivate var namespaces: Dictionary<String, [ObjectKey: Object]>.Values.Iterator
        fileprivate var objects: Dictionary<ObjectKey, Object>.Values.Iterator?

        /// The next object, nil behind the last.
        public mutating func next() -> Object? {
            while true {
                if let object = objects?.next() { return object }
                guard let following = namespaces.next() else { return nil }
                objects = following.values.makeIterator()
            }
        }
    }

    /// Starts over the objects of the snapshot.
    public func makeIterator() -> Iterator { Iterator(namespaces: namespaces.values.makeIterator(), objects: nil) }

    /// Every object's key, in no order.
    public var keys: [ObjectKey] { namespaces.values.flatMap(\.keys) }

    mutating func put(_ object: Object) -> [StoreChange<Object>] {
        let key = object.key
        let previous = namespaces[key.namespace, default: [:]].updateValue(object, forKey: key)
        guard let previous else {
            count += 1
            return [.added(object)]
        }
        if previous.metadata.uid != object.metadata.uid { return [.removed(previous), .added(object)] }
        if let version = object.metadata.resourceVersion, version == previous.metadata.resourceVersion { return [] }
        return [.updated(from: previous, to: object)]
    }

    @discardableResult
    mutating func remove(_ key: ObjectKey) -> Object? {
        guard let removed = namespaces[key.namespace]?.removeValue(forKey: key) else { return nil }
        count -= 1
        if namespaces[key.namespace]?.isEmpty == true { namespaces[key.namespace] = nil }
        return removed
    }

    mutating func replaceAll(with objects: [Object]) -> [StoreChange<Object>] {
        let listed = Set(objects.map(\.key))
        let gone = filter { !listed.contains($0.key) }
        for object in gone { remove(object.key) }
        return gone.map { .removed($0) } + objects.flatMap { put($0) }
    }
}
