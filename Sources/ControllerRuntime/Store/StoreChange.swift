public import KubernetesModel

/// What a store's content went through, told after the store has it.
public enum StoreChange<Object: KubernetesObject>: Sendable {
    /// An object that the store did not hold.
    case added(Object)
    /// Another version of an object that the store held. Both have the same UID.
    case updated(from: Object, to: Object)
    /// An object that is gone, or that the watcher no longer keeps, in its last known version.
    ///
    /// One that was replaced by another of its name is `removed`, then `added`.
    case removed(Object)

    /// The key of the object that changed.
    public var key: ObjectKey {
        switch self {
        case .added(let object), .updated(from: _, to: let object), .removed(let object): object.key
        }
    }
}
