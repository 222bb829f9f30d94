import Kubernetes
import KubernetesModel
import Testing

@testable import ControllerRuntime

@Suite(.timeLimit(.minutes(1))) struct StoreTests {
    private let store = Store<ConfigMap>()

    private func object(_ name: String, _ version: Int, in namespace: String = "ns", uid: String? = nil) -> ConfigMap {
        var metadata = ObjectMeta(name: name, namespace: namespace)
        metadata.uid = uid ?? name
        metadata.resourceVersion = ResourceVersion(rawValue: String(version))
        return ConfigMap(metadata: metadata)
    }

    @Test func `a list tells what was added, changed and deleted since, and nothing about the rest`() {
        #expect(
            store.replaceAll(with: [object("a", 1), object("b", 1), object("c", 1)]).map(\.summary)
                == ["added a", "added b", "added c"])
        let changes = store.replaceAll(with: [object("a", 1), object("b", 2), object("d", 1)])
        #expect(changes.map(\.summary) == ["removed c", "updated b 1 2", "added d"])
        #expect(Set(store.all.map(\.key.name)) == ["a", "b", "d"])
        #expect(store.count == 3)
    }

    @Test func `an object replaced by another of its name is removed, then added`() {
        _ = store.put(object("a", 1, uid: "old"))
        #expect(store.put(object("a", 9, uid: "new")).map(\.summary) == ["removed a", "added a"])
        #expect(store[ObjectKey(namespace: "ns", name: "a")]?.metadata.uid == "new")
    }

    @Test func `a version already held changes nothing`() {
        _ = store.put(object("a", 1))
        #expect(store.put(object("a", 1)).isEmpty)
        #expect(store.remove(object("never", 1)).isEmpty)
    }

    @Test func `a namespace's objects are found without the others, and none are left behind`() {
        _ = store.replaceAll(with: [object("a", 1), object("b", 1, in: "other"), object("c", 1, in: "other")])
        #expect(store.objects(in: "other").map(\.key.name).sorted() == ["b", "c"])
        #expect(store.objects(in: "none").isEmpty)
        _ = store.remove(object("b", 2, in: "other"))
        _ = store.remove(object("c", 2, in: "other"))
        #expect(store.objects(in: "other").isEmpty)
        #expect(store.count == 1)
    }

    @Test func `a snapshot stays as it was`() {
        _ = store.put(object("a", 1))
        let before = store.snapshot
        _ = store.put(object("a", 2))
        _ = store.put(object("b", 1))
        #expect(before.map { $0.metadata.resourceVersion?.rawValue } == ["1"])
        #expect(before.count == 1)
        #expect(Set(before.keys) == [ObjectKey(namespace: "ns", name: "a")])
    }

    @Test func `an unreadable object is not taken for a deleted one`() {
        let key = ObjectKey(namespace: "ns", name: "a")
        _ = store.put(object("a", 1))
        let unreadable = UnreadableObject(metadata: object("a", 2).metadata, problem: "spec is missing")
        #expect(store.setAside(unreadable).map(\.summary) == ["removed a"])
        #expect(store[key] == nil)
        #expect(store.unreadable(key) == unreadable)
        #expect(store.put(object("a", 3)).map(\.summary) == ["added a"])
        #expect(store.unreadable(key) == nil)
    }

    @Test func `who waits for the first list is woken by it, even by an empty one`() async throws {
        async let waiting: Void = store.waitUntilSynced()
        #expect(!store.isSynced)
        _ = store.put(object("a", 1))
        #expect(!store.isSynced, "one object is no list")
        _ = store.replaceAll(with: [])
        try await waiting
        try await store.waitUntilSynced()
        #expect(store.isSynced)
    }

    @Test func `waiting for the first list can be cancelled`() async {
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.store.waitUntilSynced() }
            group.cancelAll()
            await #expect(throws: CancellationError.self) { try await group.next() }
        }
    }
}

extension StoreChange {
    /// `updated a 1 2`: what happened, to which name, from and to which version.
    var summary: String {
        switch self {
        case .added(let object): "added \(object.key.name)"
        case .updated(let old, let new):
            "updated \(new.key.name) \(old.metadata.resourceVersion?.rawValue ?? "") "
                + "\(new.metadata.resourceVersion?.rawValue ?? "")"
        case .removed(let object): "removed \(object.key.name)"
        }
    }
}
