import FoundationEssentials
import Kubernetes
import KubernetesModel
import MartletAPI
import Testing

extension Scenarios {
    @Suite("The Kubernetes client")
    struct KubernetesClientTests {
        private let client: KubernetesClient
        private let manager: FieldManager = "martlet-test"
        /// A namespace name of this run's own, so that runs do not meet.
        private let namespace = "client-\(UUID().uuidString.prefix(8).lowercased())"

        init() throws { client = try ControlPlane.shared().client }

        private func inNamespace(_ body: () async throws -> Void) async throws {
            let namespaces = client.resources(Namespace.self)
            let wish: JSONValue = ["metadata": ["name": .string(namespace)]]
            _ = try await namespaces.create(wish, as: manager)
            try await body()
            try await namespaces.delete(ObjectKey(name: namespace))
        }

        private func key(_ name: String) -> ObjectKey { ObjectKey(namespace: namespace, name: name) }

        private func map(_ name: String, _ data: [String: JSONValue] = ["a": "1"]) -> JSONValue {
            ["metadata": ["name": .string(name), "labels": ["app": "test"]], "data": .object(data)]
        }

        @Test("A real server tells its version and kinds")
        func discovery() async throws {
            let discovery = try await client.discover()
            #expect(discovery.server >= ServerVersion(major: 1, minor: 20))
            #expect(discovery.find(group: "apps", kind: "Deployment") == Deployment.resourceType)
            #expect(discovery.has(.scale, of: Deployment.resourceType))
            #expect(discovery.has(Lease.resourceType))
            #expect(discovery.broken.isEmpty)
        }

        @Test("Objects are created, listed in pages, watched, patched, applied and deleted")
        func life() async throws {
            try await inNamespace {
                let maps = client.resources(ConfigMap.self)
                for name in ["a", "b", "c"] { _ = try await maps.create(map(name), in: namespace, as: manager) }
                let taken = await #expect(throws: KubernetesError.self) {
                    _ = try await maps.create(map("a"), in: namespace, as: manager)
                }
                #expect(taken?.alreadyExists == true)

                let selector = ListSelector.labels(LabelSelector(matchLabels: ["app": "test"]))
                var page = try await maps.page(in: namespace, selecting: selector, limit: 2)
                var names = page.items.map(\.key.name)
                let version = page.resourceVersion
                while let next = page.next {
                    page = try await maps.page(in: namespace, selecting: selector, limit: 2, after: next)
                    names += page.items.map(\.key.name)
                }
                #expect(names == ["a", "b", "c"])

                let changes = try await maps.watch(in: namespace, selecting: selector, from: version, for: .seconds(60))
                let patch: JSONValue = ["data": ["a": nil, "b": "2"]]
                let patched = try await maps.mergePatch(key("a"), patch, as: manager)
                #expect(patched.data == ["b": "2"])
                let object = try await maps.get(key("b"))
                let refused = await #expect(throws: KubernetesError.self) {
                    try await maps.delete(key("b"), DeleteOptions(uid: "11111111-1111-1111-1111-111111111111"))
                }
                #expect(refused?.isConflict == true)
                try await maps.delete(key("b"), DeleteOptions(uid: object.metadata.uid))

                var iterator = changes.makeAsyncIterator()
                var seen: [String] = []
                while seen.count < 2, let change = try await iterator.next() {
                    switch change {
                    case .modified(let map): seen.append("modified \(map.key.name)")
                    case .deleted(let map): seen.append("deleted \(map.key.name)")
                    case .added, .bookmark, .unreadable, .unreadableDeleted: break
                    }
                }
                #expect(seen == ["modified a", "deleted b"])
            }
        }

        @Test("A field of another manager is taken over only by force, and the conflict names it")
        func apply() async throws {
            try await inNamespace {
                let maps = client.resources(ConfigMap.self)
                try await maps.apply(key("x"), map("x"), as: manager)
                let conflict = await #expect(throws: KubernetesError.self) {
                    try await maps.apply(key("x"), map("x", ["a": "2"]), as: "another")
                }
                #expect(conflict?.isConflict == true)
                #expect(conflict?.status?.details?.causes?.first?.field == ".data.a")
                let taken = try await maps.apply(key("x"), map("x", ["a": "2"]), as: "another", conflicts: .force)
                #expect(taken.data == ["a": "2"])
            }
        }

        @Test("A Deployment is scaled through its subresource, and not on a stale version")
        func scale() async throws {
            try await inNamespace {
                let deployments = client.resources(Deployment.self)
                let labels: JSONValue = ["app": "test"]
                let wish: JSONValue = [
                    "metadata": ["name": "worker"],
                    "spec": [
                        "replicas": 0, "selector": ["matchLabels": labels],
                        "template": [
                            "metadata": ["labels": labels],
                            "spec": ["containers": [["name": "c", "image": "example/worker"]]],
                        ],
                    ],
                ]
                let created = try await deployments.create(wish, in: namespace, as: manager)
                #expect(created.spec?.replicas == 0)
                let scaled = try await deployments.scale(key("worker"), to: 3, as: manager)
                #expect(scaled.spec.replicas == 3)
                #expect(try await deployments.scale(key("worker")).spec.replicas == 3)
                let stale = await #expect(throws: KubernetesError.self) {
                    try await deployments.scale(
                        key("worker"), to: 4, ifAt: created.metadata.resourceVersion, as: manager)
                }
                #expect(stale?.isConflict == true)
                try await deployments.scale(key("worker"), to: 0, as: manager)
            }
        }

        @Test("Metadata alone can be read of any kind, and a missing object is told as such")
        func metadata() async throws {
            let namespaces = client.resources(PartialObject.self, at: Namespace.resourceType)
            #expect(try await namespaces.get(ObjectKey(name: "default")).metadata.uid?.isEmpty == false)
            #expect(try await namespaces.page(in: nil).items.contains { $0.key.name == "kube-system" })
            let error = await #expect(throws: KubernetesError.self) {
                _ = try await namespaces.get(ObjectKey(name: "no-such-namespace"))
            }
            #expect(error?.isNotFound == true)
        }

        @Test("A watch ends cleanly after the lifetime that it asked for")
        func lifetime() async throws {
            let maps = client.resources(ConfigMap.self)
            let page = try await maps.page(in: "default")
            let changes = try await maps.watch(in: "default", from: page.resourceVersion, for: .seconds(1))
            for try await change in changes {
                if case .unreadable(let object) = change { Issue.record("\(object)") }
            }
        }
    }
}
