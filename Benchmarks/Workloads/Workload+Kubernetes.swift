import ControllerRuntime
import HTTPTransport
import Kubernetes
import KubernetesModel
import Logging
import YAML

extension Workload {
    /// The file that a person with many clusters has.
    static func kubeconfig() -> Workload {
        let count = 20
        let certificate = String(repeating: "TUlJQmVqQ0NBUitnQXdJQkFnSVVZ", count: 50)
        let clusters = (0..<count).map {
            "- name: c\($0)\n  cluster: {server: 'https://c\($0).example:6443', certificate-authority-data: \(certificate)}\n"
        }
        let users = (0..<count).map {
            "- name: u\($0)\n  user:\n    client-certificate-data: \(certificate)\n    client-key-data: \(certificate)\n"
        }
        let text =
            "apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters:\n" + clusters.joined()
            + "users:\n" + users.joined()
        let bytes = Array(text.utf8)
        return Workload("YAML: a kubeconfig of 20 clusters") {
            let file = try YAMLDecoder().decode(NamedParts.self, from: bytes)
            try expect(file.clusters.count + file.users.count, 2 * count)
        }
    }

    private struct NamedParts: Decodable {
        struct Cluster: Decodable {
            var name: String
            var cluster: [String: String]
        }
        struct User: Decodable {
            var name: String
            var user: [String: String]
        }
        var clusters: [Cluster]
        var users: [User]
    }

    /// What the client does with a page after its bytes came.
    static func podPage() throws -> Workload {
        let count = 500
        let items = (0..<count).map { podJSON($0, version: $0) }.joined(separator: ",")
        let pods = pods(answering: [Array(#"{"metadata":{"resourceVersion":"9"},"items":[\#(items)]}"#.utf8)])
        return Workload("JSON: a page of 500 Pods, by the client") {
            let page = try await pods.page(in: nil)
            try expect(page.items.count, count)
        }
    }

    /// Lines cut where a socket cuts them, each decoded to an event.
    static func podWatch() -> Workload {
        let count = 1_000
        let lines = (0..<count).map { #"{"type":"MODIFIED","object":\#(podJSON($0 % 100, version: $0))}"# + "\n" }
        let bytes = Array(lines.joined().utf8)
        let length = 16 << 10
        let pieces = stride(from: 0, to: bytes.count, by: length).map {
            Array(bytes[$0..<min($0 + length, bytes.count)])
        }
        let pods = pods(answering: pieces)
        return Workload("JSON: 1,000 watch events of Pods, by the client") {
            let stream = try await pods.watch(in: nil, from: ResourceVersion(rawValue: "1"), for: .seconds(60))
            var events = 0
            for try await event in stream { if case .modified = event { events += 1 } }
            try expect(events, count)
        }
    }

    /// A busy cluster's changes against a large cache.
    static func storeChanges() -> Workload {
        let held = 10_000
        let changes = 1_000
        let store = Store<ConfigMap>()
        let objects = (0..<held).map { configMap($0, version: 0) }
        _ = store.replaceAll(with: objects)
        let newer = [1, 2].map { version in (0..<changes).map { configMap($0 * 10, version: version) } }
        return Workload("Store: 1,000 changes among 10,000 objects") {
            var seen = 0
            // Both versions, so that each run finds what the last one left and yet changes everything.
            for objects in newer { for object in objects { seen += store.put(object).count } }
            try expect(seen, 2 * changes)
        }
    }

    static func workQueue() -> Workload {
        let count = 2_000
        let keys = (0..<count).map { ObjectKey(namespace: "dev", name: "endpoint-\($0)") }
        return Workload("Work queue: 2,000 keys added twice, taken, done") {
            let queue = WorkQueue<ObjectKey>()
            for _ in 0..<2 { for key in keys { queue.add(key) } }
            queue.shutDown()
            var taken = 0
            while let key = await queue.next() {
                queue.done(key)
                taken += 1
            }
            try expect(taken, count)
        }
    }

    private static func pods(answering pieces: [[UInt8]]) -> Resources<Pod> {
        KubernetesClient(
            configuration: KubernetesConfiguration(server: "https://api.example:6443", credential: .none),
            transport: CannedTransport(pieces: pieces), logger: Logger(label: "benchmark")
        ).resources()
    }

    private static func configMap(_ number: Int, version: Int) -> ConfigMap {
        var metadata = ObjectMeta(name: "map-\(number)", namespace: "dev")
        metadata.uid = "uid-\(number)"
        metadata.resourceVersion = ResourceVersion(rawValue: "\(version * 100_000 + number)")
        return ConfigMap(metadata: metadata, data: ["value": "\(version)"])
    }

    /// About 2.5 kB, most of which the client skips: as a server sends a worker's Pod.
    private static func podJSON(_ number: Int, version: Int) -> String {
        let environment = (0..<12).map { #"{"name":"SETTING_\#($0)","value":"a value of some length, number \#($0)"}"# }
        let conditions = ["Initialized", "Ready", "ContainersReady", "PodScheduled"].map {
            #"{"type":"\#($0)","status":"True","lastProbeTime":null,"lastTransitionTime":"2026-11-21T08:00:00Z"}"#
        }
        return #"""
            {"kind":"Pod","apiVersion":"v1","metadata":{"name":"worker-7d4b9c-\#(number)","namespace":"dev","uid":"\#(number)",\#
            "resourceVersion":"\#(version)","creationTimestamp":"2026-11-21T08:00:00Z","labels":{"app":"worker",\#
            "pod-template-hash":"7d4b9c"},"ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet",\#
            "name":"worker-7d4b9c","uid":"r","controller":true,"blockOwnerDeletion":true}]},"spec":{"containers":[{\#
            "name":"worker","image":"registry.example/worker@sha256:0123456789abcdef","env":[\#(environment.joined(separator: ","))],\#
            "resources":{"limits":{"nvidia.com/gpu":"1","memory":"16Gi"}},"volumeMounts":[{"name":"models",\#
            "mountPath":"/models"}]}],"nodeName":"gpu-\#(number)","restartPolicy":"Always",\#
            "terminationGracePeriodSeconds":600},"status":{"phase":"Running","conditions":[\#(conditions.joined(separator: ","))],\#
            "podIP":"10.0.0.1","startTime":"2026-11-21T08:00:00Z","containerStatuses":[{"name":"worker","ready":true,\#
            "restartCount":0,"image":"registry.example/worker","imageID":"i","started":true,\#
            "state":{"running":{"startedAt":"2026-11-21T08:00:02Z"}}}]}}
            """#
    }
}
