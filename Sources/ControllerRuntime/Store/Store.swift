public import Kubernetes
public import KubernetesModel
import Synchronization

/// The objects of one kind as last seen, kept up to date by a `Watcher`, read by everybody without a request.
///
/// It lags behind the API server by the length of the way, and never runs empty while a list is renewed. Reads never
/// wait for the network. Writes come from one watcher.
public final class Store<Object: KubernetesObject>: Sendable {
    private struct State {
        var content = StoreSnapshot<Object>()
        /// Objects that exist but can't be decoded, so that their absence isn't taken for a deletion.
        var unreadable: [ObjectKey: UnreadableObject] = [:]
        var isSynced = false
        var nextID = 0
        var waiting: [Int: CheckedContinuation<Void, any Error>] = [:]
    }

    private let state = Mutex(State())

    /// An empty store, not yet synced.
    public init() {}

    /// The object of that key, or nil if it was not there when last heard of.
    public subscript(key: ObjectKey) -> Object? { snapshot[key] }

    /// Every object, in no order. For a loop or a search `snapshot` is cheaper.
    public var all: [Object] { Array(snapshot) }

    /// The whole content at one instant. Costs no copy; a later write copies only the namespace that it touches.
    public var snapshot: StoreSnapshot<Object> { state.withLock { $0.content } }

    /// How many objects there are.
    public var count: Int { snapshot.count }

    /// The objects of one namespace, in no order, without looking at any other.
    public func objects(in namespace: String) -> Dictionary<ObjectKey, Object>.Values {
        snapshot.objects(in: namespace)
    }

    /// Whether a complete list has arrived since the start. Never goes back to false.
    public var isSynced: Bool { state.withLock { $0.isSynced } }

    /// Suspends until the first complete list is in. Throws `CancellationError`, and nothing else.
    public func waitUntilSynced() async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome: Result<Void, any Error>? = state.withLock { state in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.isSynced { return .success(()) }
                    state.waiting[id] = continuation
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let continuation = state.withLock { $0.waiting.removeValue(forKey: id) }
            continuation?.resume(throwing: CancellationError())
        }
    }

    /// Why the object of that key is not in the store although it exists: it can't be decoded. Nil if that isn't so.
    ///
    /// Who acts on an object's absence asks here first.
    public func unreadable(_ key: ObjectKey) -> UnreadableObject? { state.withLock { $0.unreadable[key] } }

    /// Puts `object` in, in place of the one of its key. Returns what that changed: nothing for a version already held.
    package func put(_ object: Object) -> [StoreChange<Object>] {
        state.withLock { state in
            state.unreadable[object.key] = nil
            return state.content.put(object)
        }
    }

    /// Takes the object of the key of `last` out; `last` is the version that the change shows. Nothing if it isn't there.
    package func remove(_ last: Object) -> [StoreChange<Object>] {
        state.withLock { state in
            state.unreadable[last.key] = nil
            return state.content.remove(last.key) == nil ? [] : [.removed(last)]
        }
    }

    /// Takes the object of that key out, whose last version nobody can tell but the store.
    package func remove(_ key: ObjectKey) -> [StoreChange<Object>] {
        state.withLock { state in
            state.unreadable[key] = nil
            return state.content.remove(key).map { [.removed($0)] } ?? []
        }
    }

    /// Notes an object as unreadable, and takes its last readable version out.
    package func setAside(_ object: UnreadableObject) -> [StoreChange<Object>] {
        state.withLock { state in
            state.unreadable[object.key] = object
            return state.content.remove(object.key).map { [.removed($0)] } ?? []
        }
    }

    /// Makes `objects` the whole content in one step, and the store synced. Returns the differences, removals first.
    package func replaceAll(
        with objects: [Object], unreadable: [UnreadableObject] = []
    ) -> [StoreChange<Object>] {
        let (changes, waiting) = state.withLock { state in
            let changes = state.content.replaceAll(with: objects)
            state.unreadable = Dictionary(unreadable.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
            state.isSynced = true
            defer { state.waiting = [:] }
            return (changes, state.waiting)
        }
        for continuation in waiting.values { continuation.resume() }
        return changes
    }
}
