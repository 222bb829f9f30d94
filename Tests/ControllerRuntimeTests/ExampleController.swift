import ControllerRuntime
import Kubernetes
import KubernetesModel

/// Gives every Namespace without a cost centre the label `example.com/cost-centre: unassigned`, and says so.
struct CostCentreController: Sendable {
    private static let label = "example.com/cost-centre"
    private let namespaces: Resources<Namespace>
    private let store = Store<Namespace>()
    private let queue: WorkQueue<ObjectKey>
    private let watcher: Watcher<Namespace>
    private let events: EventRecorder
    private let time: any TimeSource

    init(client: KubernetesClient, time: any TimeSource = SystemTime()) {
        let queue = WorkQueue<ObjectKey>(time: time)
        self.queue = queue
        self.time = time
        namespaces = client.resources()
        watcher = Watcher(namespaces, into: store, time: time) { change in queue.add(change.key) }
        events = EventRecorder(client.resources(), component: "cost-centre", instance: "example", time: time)
    }

    /// Works until the task is cancelled.
    func run() async throws {
        let controller = Controller(name: "cost-centre", queue: queue, time: time, reconcile: reconcile)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await watcher.run() }
            group.addTask { await events.run() }
            group.addTask {
                // With half of the objects known, some would seem to be missing.
                try await store.waitUntilSynced()
                await controller.run()
            }
            try await group.waitForAll()
        }
    }

    /// Makes the world right for one Namespace, whatever happened to it: called again, it finds nothing to do.
    private func reconcile(_ key: ObjectKey) async throws -> ReconcileResult {
        guard let namespace = store[key], namespace.metadata.deletionTimestamp == nil else { return .done }
        guard namespace.metadata.labels?[Self.label] == nil else { return .done }
        let patch: JSONValue = ["metadata": ["labels": .object([Self.label: "unassigned"])]]
        try await namespaces.mergePatch(key, patch, as: "cost-centre")
        events.record(.normal, reason: "Labelled", message: "no cost centre was given", about: namespace)
        return .done
    }
}
