import FoundationEssentials
import KubernetesModel
import Testing

@Suite struct ObjectDecodingTests {
    private func decode<T: Decodable>(_: T.Type, _ json: String) throws -> T {
        try JSONDecoder().decode(T.self, from: Data(json.utf8))
    }

    @Test("The copy of the object that kubectl leaves in an annotation is not kept")
    func lastApplied() throws {
        let only = try decode(
            ObjectMeta.self,
            #"{"name": "a", "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"}}"#)
        #expect(only.annotations == nil)
        let both = try decode(
            ObjectMeta.self,
            #"{"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "k": "v"}}"#)
        #expect(both.annotations == ["k": "v"])
    }

    @Test("A Pod is cut down to what a scaler reads")
    func pod() throws {
        let pod = try decode(
            Pod.self,
            """
            {"metadata": {"name": "p", "namespace": "n", "uid": "u", "deletionTimestamp": "2026-11-20T21:00:00Z",
              "annotations": {"controller.kubernetes.io/pod-deletion-cost": "-5", "martlet.dev/x": "1", "other": "2"},
              "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "r", "uid": "v",
                "controller": true}]},
             "spec": {"nodeName": "gpu-1", "containers": [{"name": "c", "image": "i"}]},
             "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}
            """)
        #expect(pod.key == ObjectKey(namespace: "n", name: "p"))
        #expect(pod.nodeName == "gpu-1")
        #expect(pod.phase == .running)
        #expect(pod.isReady)
        #expect(pod.isTerminating)
        #expect(pod.deletionCost == -5)
        #expect(
            pod.metadata.annotations?.keys.sorted() == ["controller.kubernetes.io/pod-deletion-cost", "martlet.dev/x"])
        #expect(pod.metadata.controller?.name == "r")
        #expect(try JSONDecoder().decode(Pod.self, from: JSONEncoder().encode(pod)) == pod)
    }

    @Test("A Pod that nobody has seen yet is pending, and an unheard-of phase is unknown")
    func podDefaults() throws {
        let fresh = try decode(Pod.self, #"{"metadata": {"name": "p"}}"#)
        #expect(fresh.phase == .pending)
        #expect(!fresh.isReady)
        #expect(fresh.nodeName == nil)
        #expect(try decode(Pod.self, #"{"metadata": {}, "status": {"phase": "Frozen"}}"#).phase == .unknown)
    }

    @Test("The GPUs of a template are those of all its containers, a limit standing in for a request")
    func gpus() throws {
        let deployment = try decode(
            Deployment.self,
            """
            {"metadata": {"name": "d"}, "spec": {"replicas": 2, "selector": {"matchLabels": {"a": "b"}}, "template": {
              "metadata": {"labels": {"a": "b"}}, "spec": {"terminationGracePeriodSeconds": 600, "containers": [
              {"name": "x", "resources": {"limits": {"nvidia.com/gpu": "2"}, "requests": {"nvidia.com/gpu": "2"}}},
              {"name": "y", "resources": {"requests": {"nvidia.com/gpu": 1}}}, {"name": "z"}]}}}}
            """)
        let template = try #require(deployment.spec?.template)
        #expect(template.amount(of: "nvidia.com/gpu") == Quantity(3))
        #expect(template.amount(of: "amd.com/gpu") == Quantity(0))
        #expect(template.gracePeriod == .seconds(600))
        #expect(PodTemplate().gracePeriod == .seconds(30))
    }

    @Test("A Secret's values are bytes, and no way of printing it shows them")
    func secret() throws {
        let secret = try decode(
            Secret.self, #"{"metadata": {"name": "s"}, "data": {"password": "Y2FuYXJ5", "empty": ""}}"#)
        #expect(secret.data == ["password": Array("canary".utf8), "empty": []])
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), dumped] {
            #expect(text.contains("password"))
            #expect(!text.contains("canary") && !text.contains("Y2FuYXJ5") && !text.contains("99"))
        }
        #expect(throws: DecodingError.self) { try decode(Secret.self, #"{"metadata": {}, "data": {"a": "?"}}"#) }
    }

    @Test("A scale without replicas, as the server writes zero, can be read")
    func emptyScale() throws {
        #expect(try decode(Scale.self, #"{"metadata": {}, "spec": {}}"#).spec.replicas == nil)
        #expect(try decode(Scale.self, #"{"metadata": {}}"#).spec.replicas == nil)
    }

    @Test("Any JSON survives, nulls and large integers included")
    func jsonValue() throws {
        let value: JSONValue = [
            "a": nil, "b": [1, "x", true, .number(1.5)], "c": ["d": [:]], "e": .integer(Int64.max), "f": [],
        ]
        let encoded = try JSONEncoder().encode(value)
        #expect(try JSONDecoder().decode(JSONValue.self, from: encoded) == value)
        #expect(value["c"]?["d"] == [:])
        #expect(value["a"] == JSONValue.null)
        #expect(value["b"]?.array?[1].string == "x")
    }
}
