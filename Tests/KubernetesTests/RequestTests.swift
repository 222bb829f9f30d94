import HTTPTransport
import Kubernetes
import KubernetesModel
import Testing

@Suite struct RequestTests {
    private let key = ObjectKey(namespace: "dev", name: "worker")
    private let worker = #"{"metadata": {"name": "worker", "namespace": "dev"}, "spec": {"replicas": 2}}"#
    private let path = "/apis/apps/v1/namespaces/dev/deployments"

    @Test("Getting asks for one object under its group, version, namespace and name")
    func get() async throws {
        let server = ScriptedTransport(.get, "\(path)/worker", .json(200, worker))
        let deployment = try await KubernetesClient(server).resources(Deployment.self).get(key)
        #expect(deployment.spec?.replicas == 2)
        #expect(server.requests[0].headers["Accept"] == "application/json")
        #expect(server.requests[0].headers["Authorization"] == nil)
        #expect(server.requests[0].timeouts.response == .seconds(30))
    }

    @Test("The core group and cluster-scoped kinds have their own paths")
    func otherPaths() async throws {
        let server = ScriptedTransport(.get, "/api/v1/nodes/gpu-1", .json(200, #"{"metadata": {"name": "gpu-1"}}"#))
        _ = try await KubernetesClient(server).resources(Node.self).get(ObjectKey(name: "gpu-1"))
    }

    @Test(
        "No name can leave its place in the path",
        arguments: [
            ("../../secrets/x", "..%2F..%2Fsecrets%2Fx"), ("..", "%2E%2E"), ("a?b#c%", "a%3Fb%23c%25"), ("é", "%C3%A9"),
        ])
    func encoding(name: String, encoded: String) async throws {
        let server = ScriptedTransport(.get, "\(path)/\(encoded)", .json(200, worker))
        _ = try await KubernetesClient(server).resources(Deployment.self).get(ObjectKey(namespace: "dev", name: name))
    }

    @Test("Creating adds apiVersion and kind and names the field manager")
    func create() async throws {
        let server = ScriptedTransport(.post, "\(path)?fieldManager=martlet", .json(201, worker))
        let body: JSONValue = ["metadata": ["name": "worker"]]
        _ = try await KubernetesClient(server).resources(Deployment.self).create(body, in: "dev", as: "martlet")
        #expect(
            server.requests[0].text == #"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"worker"}}"#)
        #expect(server.requests[0].headers["Content-Type"] == "application/json")
    }

    @Test("An apiVersion in the body wins over the one that would be added, and typed bodies get one too")
    func typedBodies() async throws {
        let server = ScriptedTransport([
            .init(method: .post, target: "\(path)?fieldManager=martlet", reply: .json(201, worker)),
            .init(method: .post, target: "\(path)?fieldManager=martlet", reply: .json(201, worker)),
        ])
        let deployments = KubernetesClient(server).resources(Deployment.self)
        let own: JSONValue = ["apiVersion": "apps/v9"]
        _ = try await deployments.create(own, in: "dev", as: "martlet")
        let typed = Deployment(metadata: ObjectMeta(name: "worker"), spec: WorkloadSpec(replicas: 0))
        _ = try await deployments.create(typed, in: "dev", as: "martlet")
        #expect(server.requests[0].text == #"{"apiVersion":"apps/v9","kind":"Deployment"}"#)
        #expect(
            server.requests[1].text
                == #"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"worker"},"spec":{"replicas":0}}"#)
    }

    @Test("A merge patch is sent as such, with nulls, to the subresource that is asked for")
    func mergePatch() async throws {
        let server = ScriptedTransport(.patch, "\(path)/worker/status?fieldManager=martlet", .json(200, worker))
        let patch: JSONValue = ["metadata": ["annotations": ["a": nil]]]
        try await KubernetesClient(server).resources(Deployment.self)
            .mergePatch(key, patch, at: .status, as: "martlet")
        #expect(server.requests[0].text == #"{"metadata":{"annotations":{"a":null}}}"#)
        #expect(server.requests[0].headers["Content-Type"] == "application/merge-patch+json")
    }

    @Test("Applying takes fields over only when told to")
    func apply() async throws {
        let server = ScriptedTransport([
            .init(method: .patch, target: "\(path)/worker?fieldManager=martlet", reply: .json(200, worker)),
            .init(method: .patch, target: "\(path)/worker?fieldManager=martlet&force=true", reply: .json(200, worker)),
        ])
        let deployments = KubernetesClient(server).resources(Deployment.self)
        let wish: JSONValue = ["spec": ["replicas": 2]]
        try await deployments.apply(key, wish, as: "martlet")
        try await deployments.apply(key, wish, as: "martlet", conflicts: .force)
        #expect(server.requests[0].text == #"{"apiVersion":"apps/v1","kind":"Deployment","spec":{"replicas":2}}"#)
        #expect(server.requests[0].headers["Content-Type"] == "application/apply-patch+yaml")
    }

    @Test("Scaling writes the wished replicas and nothing else")
    func scale() async throws {
        let target = "\(path)/worker/scale?fieldManager=martlet"
        let scale = #"{"metadata": {"name": "worker"}, "spec": {"replicas": 20}, "status": {"replicas": 2}}"#
        let server = ScriptedTransport([
            .init(method: .get, target: "\(path)/worker/scale", reply: .json(200, scale)),
            .init(method: .patch, target: target, reply: .json(200, scale)),
            .init(method: .patch, target: target, reply: .json(200, scale)),
        ])
        let deployments = KubernetesClient(server).resources(Deployment.self)
        #expect(try await deployments.scale(key).status?.replicas == 2)
        try await deployments.scale(key, to: 20, as: "martlet")
        try await deployments.scale(key, to: 0, ifAt: ResourceVersion(rawValue: "7"), as: "martlet")
        #expect(server.requests[1].text == #"{"spec":{"replicas":20}}"#)
        #expect(server.requests[2].text == #"{"metadata":{"resourceVersion":"7"},"spec":{"replicas":0}}"#)
    }

    @Test("Deleting sends its preconditions, grace and propagation")
    func delete() async throws {
        let server = ScriptedTransport(
            .delete, "\(path)/worker", .json(202, #"{"kind": "Status", "status": "Success"}"#))
        try await KubernetesClient(server).resources(Deployment.self).delete(
            key,
            DeleteOptions(
                uid: "u", resourceVersion: ResourceVersion(rawValue: "7"), gracePeriod: .seconds(5),
                propagation: .foreground))
        #expect(
            server.requests[0].text == #"{"apiVersion":"v1","gracePeriodSeconds":5,"kind":"DeleteOptions","#
                + #""preconditions":{"resourceVersion":"7","uid":"u"},"propagationPolicy":"Foreground"}"#)
    }

    @Test("Metadata of any kind is asked for without the rest, in lists too")
    func partial() async throws {
        let type = ResourceType(group: "keda.sh", version: "v1alpha1", plural: "scaledobjects", kind: "ScaledObject")
        let base = "/apis/keda.sh/v1alpha1/namespaces/dev/scaledobjects"
        let server = ScriptedTransport([
            .init(method: .get, target: "\(base)/a", reply: .json(200, #"{"metadata": {"name": "a"}}"#)),
            .init(
                method: .get, target: "\(base)?limit=500",
                reply: .json(200, #"{"metadata": {"resourceVersion": "1"}, "items": null}"#)),
        ])
        let objects = KubernetesClient(server).resources(PartialObject.self, at: type)
        #expect(try await objects.get(ObjectKey(namespace: "dev", name: "a")).key.name == "a")
        #expect(try await objects.page(in: "dev").items.isEmpty)
        #expect(server.requests[0].headers["Accept"]?.contains("as=PartialObjectMetadata;") == true)
        #expect(server.requests[1].headers["Accept"]?.contains("as=PartialObjectMetadataList;") == true)
    }

    @Test("Each exchange is reported once, with what the metrics need")
    func reports() async throws {
        let server = ScriptedTransport([
            .init(method: .get, target: "\(path)/worker", reply: .json(200, worker)),
            .init(method: .get, target: "\(path)/worker", reply: .failure(.connectFailed("refused"))),
        ])
        let reports = Journal<String>()
        let client = KubernetesClient(server) { report in
            reports.write("\(report.verb) \(report.resource?.description ?? "") \(report.code ?? 0)")
        }
        _ = try await client.resources(Deployment.self).get(key)
        let error = await failure { () throws(KubernetesError) in try await client.resources(Deployment.self).get(key) }
        #expect(error?.cause == .transport(.connectFailed("refused")))
        #expect(reports.entries == ["get deployments.apps 200", "get deployments.apps 0"])
    }
}
