internal import ControllerRuntime
internal import Kubernetes
internal import KubernetesModel
internal import Logging

/// The objects of one kind in all namespaces that the operator works in: one watch for the cluster, or one a namespace.
struct Cache<Object: KubernetesObject>: Sendable {
    /// By namespace; the empty name stands for the whole cluster.
    private let stores: [String: Store<Object>]
    private let watchers: [Watcher<Object>]

    init(
        _ client: KubernetesClient, in namespaces: [String],
        keeping: @escaping @Sendable (Object) -> Bool = { _ in true },
        time: any TimeSource, logger: Logger, onChange: @escaping @Sendable (StoreChange<Object>) -> Void
    ) {
        let scopes = namespaces.isEmpty ? [""] : Array(Set(namespaces)).sorted()
        let stores = Dictionary(uniqueKeysWithValues: scopes.map { ($0, Store<Object>()) })
        self.stores = stores
        watchers = stores.map { scope, store in
            Watcher(
                client.resources(Object.self), in: scope.isEmpty ? nil : scope, into: store, keeping: keeping,
                time: time,
                logger: logger, onChange: onChange)
        }
    }

    private func store(for namespace: String) -> Store<Object>? { stores[""] ?? stores[namespace] }

    /// The object as last seen.
    subscript(key: ObjectKey) -> Object? { store(for: key.namespace)?[key] }

    /// Every object, in no order.
    var all: [Object] { stores.values.flatMap(\.all) }

    /// Suspends until every namespace has been listed once.
    func waitUntilSynced() async throws {
        for store in stores.values { try await store.waitUntilSynced() }
    }

    var isSynced: Bool { stores.values.allSatisfy(\.isSynced) }

    /// Asks for a fresh list, for instance because the filter has become wider.
    func relist() { watchers.forEach { $0.relist() } }

    /// Keeps the stores up to date until the task is cancelled.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for watcher in watchers { group.addTask { try await watcher.run() } }
            try await group.waitForAll()
        }
    }
}
