import HTTPTransport
import Kubernetes
import KubernetesModel
import Testing

@Suite struct DiscoveryTests {
    private typealias Exchange = ScriptedTransport.Exchange

    private let groups = """
        {"groups": [
          {"name": "apps", "versions": [{"version": "v1beta1"}, {"version": "v1"}], "preferredVersion": {"version": "v1"}},
          {"name": "metrics.k8s.io", "versions": [{"version": "v1beta1"}]}]}
        """
    private let core = #"{"resources": [{"name": "pods", "kind": "Pod", "namespaced": true}]}"#
    private let apps = """
        {"resources": [{"name": "deployments", "kind": "Deployment", "namespaced": true},
          {"name": "deployments/scale", "kind": "Scale", "namespaced": true},
          {"name": "deployments/status", "kind": "Deployment", "namespaced": true}]}
        """

    private func exchange(_ target: String, _ reply: ScriptedTransport.Reply) -> Exchange {
        Exchange(method: .get, target: target, reply: reply)
    }

    private func server(minor: String = "20") -> ScriptedTransport {
        ScriptedTransport([
            exchange("/version", .json(200, #"{"major": "1", "minor": "\#(minor)", "gitVersion": "v1.\#(minor).2"}"#)),
            exchange("/api", .json(200, #"{"versions": ["v1"]}"#)), exchange("/apis", .json(200, groups)),
            exchange("/api/v1", .json(200, core)), exchange("/apis/apps/v1", .json(200, apps)),
            exchange("/apis/apps/v1beta1", .json(200, apps)),
            exchange("/apis/metrics.k8s.io/v1beta1", .json(503, "unavailable")),
        ])
    }

    @Test("Kinds are found by group and kind, in the preferred version, with their subresources")
    func kinds() async throws {
        let discovery = try await KubernetesClient(server()).discover()
        #expect(discovery.find(group: "apps", kind: "Deployment") == Deployment.resourceType)
        #expect(discovery.find(apiVersion: "apps/v1beta1", kind: "Deployment")?.version == "v1beta1")
        #expect(discovery.find(apiVersion: "v1", kind: "Pod") == Pod.resourceType)
        #expect(discovery.has(Deployment.resourceType))
        #expect(!discovery.has(HorizontalPodAutoscaler.resourceType))
        #expect(discovery.has(.scale, of: Deployment.resourceType))
        #expect(!discovery.has(.scale, of: Pod.resourceType))
    }

    @Test("A group whose server is down is named and keeps no other from being found")
    func brokenGroup() async throws {
        let discovery = try await KubernetesClient(server()).discover()
        #expect(discovery.broken.keys.sorted() == ["metrics.k8s.io"])
        #expect(discovery.broken["metrics.k8s.io"]?.status?.code == 503)
    }

    @Test("Versions compare by release, also those that managed clusters decorate")
    func version() async throws {
        let discovery = try await KubernetesClient(server(minor: "27+")).discover()
        #expect(discovery.server == ServerVersion(major: 1, minor: 27))
        #expect(discovery.server >= ServerVersion(major: 1, minor: 22))
        #expect(ServerVersion(major: 1, minor: 9) < ServerVersion(major: 1, minor: 10))
        #expect(discovery.server.description == "v1.27+.2")
    }

    @Test("A server that does not answer at all is an error")
    func unreachable() async {
        let server = ScriptedTransport(.get, "/version", .failure(.connectFailed("refused")))
        let error = await failure { () throws(KubernetesError) in try await KubernetesClient(server).discover() }
        #expect(error?.description.hasPrefix("discover: ") == true)
        #expect(error?.isRetryable == true)
    }
}
