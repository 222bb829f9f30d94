import FoundationEssentials
import Kubernetes
import KubernetesModel
import Testing

@testable import MartletAPI
@testable import MartletOperator

@Suite("Connection ConfigMap") struct ConnectionPublisherTests {
    private let server = ConfigMapServer()
    private var endpoint: InferenceEndpoint {
        var metadata = ObjectMeta(name: "image-gen", namespace: "dev")
        metadata.uid = "uid-1"
        return InferenceEndpoint(metadata: metadata, spec: InferenceEndpointSpec())
    }
    private let open = ConnectionFacts(endpointID: "4m7x2k9q", isOpen: true, jobsURL: "https://api.runpod.ai/v2")

    private func publish(_ facts: ConnectionFacts) async -> Finding? {
        await ConnectionPublisher(configMaps: server.client().resources(ConfigMap.self))
            .publish(facts, in: "llm", for: endpoint)
    }

    @Test("it holds id, URLs and whether the endpoint is open, belongs to the object, and goes with it")
    func created() async {
        #expect(await publish(open)?.status == .yes)
        let map = server["dev/llm"]
        #expect(map?.data?["endpointId"] == "4m7x2k9q")
        #expect(map?.data?["runUrl"] == "https://api.runpod.ai/v2/4m7x2k9q/run")
        #expect(map?.data?["runsyncUrl"] == "https://api.runpod.ai/v2/4m7x2k9q/runsync")
        #expect(map?.data?["openaiBaseUrl"] == "https://api.runpod.ai/v2/4m7x2k9q/openai/v1")
        #expect(map?.data?["open"] == "true")
        #expect(map?.metadata.ownerReferences?.map(\.uid) == ["uid-1"])
    }

    @Test("what it holds already is not written again")
    func unchanged() async {
        _ = await publish(open)
        _ = await publish(open)
        #expect(server.requests == ["GET dev/llm", "POST dev/llm", "GET dev/llm"])
    }

    @Test("without an endpoint every key stays, empty, so that a Pod that mounts it still starts")
    func closed() async {
        _ = await publish(open)
        let closed = ConnectionFacts(endpointID: nil, isOpen: false, jobsURL: "https://api.runpod.ai/v2")
        #expect(await publish(closed)?.status == .yes)
        let data = server["dev/llm"]?.data ?? [:]
        #expect(Set(data.keys) == Set(open.data.keys))
        #expect(data["open"] == "false" && data.filter { $0.key != "open" }.allSatisfy { $0.value.isEmpty })
    }

    @Test(
        "one of that name that is not this object's is left alone, and that is told",
        arguments: [nil, "uid-of-another"])
    func foreign(owner: String?) async {
        let references = owner.map {
            [OwnerReference(apiVersion: "martlet.dev/v1alpha1", kind: "InferenceEndpoint", name: "image-gen", uid: $0)]
        }
        let theirs = ConfigMap(
            metadata: ObjectMeta(name: "llm", namespace: "dev", ownerReferences: references), data: ["their": "own"])
        server["dev/llm"] = theirs
        let finding = await publish(open)
        #expect(finding?.status == .no && finding?.reason == "ConnectionConflict")
        #expect(finding?.message.contains("configMapName") == true)
        #expect(server["dev/llm"] == theirs)
    }

    @Test("somebody who replaces it between the look and the write is not written over")
    func replaced() async {
        _ = await publish(open)
        var theirs = ConfigMap(metadata: ObjectMeta(name: "llm", namespace: "dev"), data: ["their": "own"])
        theirs.metadata.resourceVersion = ResourceVersion(rawValue: "77")
        // The look is the first request, the write the second.
        server.before(2) { [theirs] in $0["dev/llm"] = theirs }
        let closed = ConnectionFacts(endpointID: nil, isOpen: false, jobsURL: "https://api.runpod.ai/v2")
        let finding = await publish(closed)
        #expect(finding?.status == .no && finding?.reason == "ConnectionNotWritten")
        #expect(server["dev/llm"] == theirs)
    }

    @Test("a right that is missing is told with the server's words")
    func forbidden() async {
        server.refuse(403)
        let finding = await publish(open)
        #expect(finding?.status == .no && finding?.reason == "ConnectionNotWritten")
    }
}
