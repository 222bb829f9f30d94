import HTTPTransport
import Kubernetes
import KubernetesModel
import Testing

@Suite struct ErrorTests {
    private let key = ObjectKey(namespace: "dev", name: "a")
    private let path = "/api/v1/namespaces/dev/configmaps"

    @Test("A conflict keeps each cause: who owns the field, and which")
    func conflict() async {
        let status = """
            {"kind": "Status", "status": "Failure", "reason": "Conflict", "code": 409, "message": "Apply failed",
             "details": {"name": "a", "kind": "configmaps", "causes": [
              {"reason": "FieldManagerConflict", "message": "conflict with \\"kubectl\\"", "field": ".data.x"}]}}
            """
        let server = ScriptedTransport(.patch, "\(path)/a?fieldManager=m", .json(409, status))
        let maps = KubernetesClient(server).resources(ConfigMap.self)
        let error = await failure { () throws(KubernetesError) in
            try await maps.apply(key, JSONValue.object([:]), as: "m")
        }
        #expect(error?.isConflict == true)
        #expect(error?.alreadyExists == false)
        #expect(error?.isRetryable == false)
        #expect(error?.status?.details?.causes?.first?.field == ".data.x")
        #expect(error?.description == "apply configmaps dev/a: 409 Conflict: Apply failed")
    }

    @Test("A taken name is no conflict of versions")
    func alreadyExists() async {
        let status = #"{"status": "Failure", "reason": "AlreadyExists", "code": 409}"#
        let server = ScriptedTransport(.post, "\(path)?fieldManager=m", .json(409, status))
        let maps = KubernetesClient(server).resources(ConfigMap.self)
        let error = await failure { () throws(KubernetesError) in
            try await maps.create(JSONValue.object([:]), in: "dev", as: "m")
        }
        #expect(error?.alreadyExists == true)
        #expect(error?.isConflict == false)
    }

    @Test("What a stranger in between answers is known by its code and not quoted")
    func stranger() async {
        let server = ScriptedTransport(.get, "\(path)/a", .json(502, "<html>canary</html>"))
        let maps = KubernetesClient(server).resources(ConfigMap.self)
        let error = await failure { () throws(KubernetesError) in try await maps.get(key) }
        #expect(error?.description == "get configmaps dev/a: 502")
    }

    @Test("An object that is not there is told from a broken server")
    func notFound() async {
        let status = #"{"status": "Failure", "reason": "NotFound", "code": 404}"#
        let server = ScriptedTransport(.get, "\(path)/a", .json(404, status))
        let maps = KubernetesClient(server).resources(ConfigMap.self)
        let error = await failure { () throws(KubernetesError) in try await maps.get(key) }
        #expect(error?.isNotFound == true)
        #expect(error?.isRetryable == false)
    }

    @Test("An answer beyond the limit is refused")
    func tooLarge() async {
        let server = ScriptedTransport(.get, "\(path)/a", .json(200, String(repeating: " ", count: 100)))
        let limits = RequestLimits(largestBody: 99)
        let maps = KubernetesClient(server, limits: limits).resources(ConfigMap.self)
        let error = await failure { () throws(KubernetesError) in try await maps.get(key) }
        #expect(error?.cause == .tooLarge(limit: 99))
    }
}
