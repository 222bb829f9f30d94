import HTTPTransport
import Kubernetes
import KubernetesModel
import Testing

@Suite struct PageTests {
    private let path = "/api/v1/namespaces/dev/configmaps"

    @Test("A list goes on where its token says and ends without one")
    func pages() async throws {
        let first =
            #"{"metadata": {"resourceVersion": "9", "continue": "a/b+c="}, "items": [{"metadata": {"name": "x"}}]}"#
        let last = #"{"metadata": {"resourceVersion": "9", "continue": ""}, "items": [{"metadata": {"name": "y"}}]}"#
        let server = ScriptedTransport([
            .init(method: .get, target: "\(path)?limit=1", reply: .json(200, first)),
            .init(method: .get, target: "\(path)?limit=1&continue=a%2Fb%2Bc%3D", reply: .json(200, last)),
        ])
        let maps = KubernetesClient(server).resources(ConfigMap.self)
        let one = try await maps.page(in: "dev", limit: 1)
        let two = try await maps.page(in: "dev", limit: 1, after: one.next)
        #expect((one.items + two.items).map(\.key.name) == ["x", "y"])
        #expect(two.next == nil)
        #expect(two.resourceVersion == ResourceVersion(rawValue: "9"))
    }

    @Test("Selectors go to the server, and no namespace means all of them")
    func selectors() async throws {
        let server = ScriptedTransport(
            .get, "/api/v1/configmaps?labelSelector=app%20in%20%28a%2Cb%29&fieldSelector=metadata.name%3Dx&limit=500",
            .json(200, #"{"metadata": {"resourceVersion": "9"}, "items": []}"#))
        let labels = LabelSelector(matchExpressions: [
            LabelRequirement(key: "app", operator: .isIn, values: ["a", "b"])
        ])
        let selector = ListSelector(labels: labels, fields: "metadata.name=x")
        _ = try await KubernetesClient(server).resources(ConfigMap.self).page(in: nil, selecting: selector)
    }

    @Test("A token that has expired is told apart from other failures")
    func expired() async throws {
        let status = #"{"kind": "Status", "status": "Failure", "reason": "Expired", "code": 410, "message": "too old"}"#
        let server = ScriptedTransport(.get, "\(path)?limit=500&continue=t", .json(410, status))
        let maps = KubernetesClient(server).resources(ConfigMap.self)
        let error = await failure { () throws(KubernetesError) in
            try await maps.page(in: "dev", after: PageToken(rawValue: "t"))
        }
        #expect(error?.isGone == true)
        #expect(error?.isRetryable == false)
        #expect(error?.description == "list configmaps: 410 Expired: too old")
    }

    @Test("One object that cannot be read does not keep the others from being read")
    func unreadable() async throws {
        let list = """
            {"metadata": {"resourceVersion": "9"}, "items": [
              {"metadata": {"name": "good", "namespace": "dev"}, "data": {"a": "b"}},
              {"metadata": {"name": "bad", "namespace": "dev", "uid": "u"}, "data": {"a": ["canary"]}}]}
            """
        let server = ScriptedTransport(.get, "\(path)?limit=500", .json(200, list))
        let page = try await KubernetesClient(server).resources(ConfigMap.self).page(in: "dev")
        #expect(page.items.map(\.key.name) == ["good"])
        #expect(page.unreadable.map(\.key.name) == ["bad"])
        #expect(page.unreadable.first?.metadata.uid == "u")
        #expect(page.unreadable.first?.problem.contains("data.a") == true)
        #expect(page.unreadable.first?.problem.contains("canary") == false)
    }

    @Test("An answer that is no list is malformed, and its text stays out of the error")
    func malformed() async throws {
        let server = ScriptedTransport(.get, "\(path)?limit=500", .json(200, "<html>canary</html>"))
        let maps = KubernetesClient(server).resources(ConfigMap.self)
        let error = await failure { () throws(KubernetesError) in try await maps.page(in: "dev") }
        #expect(error?.cause == .malformed("not valid JSON"))
    }
}
