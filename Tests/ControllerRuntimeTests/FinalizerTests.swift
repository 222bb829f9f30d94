import Kubernetes
import KubernetesModel
import Testing

@testable import ControllerRuntime

@Suite(.timeLimit(.minutes(1))) struct FinalizerTests {
    private let server = ScriptedServer()
    private let finalizer: Finalizer = "example.com/cleanup"
    private let path = "/api/v1/namespaces/ns/configmaps/a"
    private var resources: Resources<ConfigMap> { server.client(ManualTime()).resources() }

    private func object(_ version: Int, _ finalizers: [String] = [], uid: String = "u") -> ConfigMap {
        var metadata = ObjectMeta(name: "a", namespace: "ns", finalizers: finalizers)
        metadata.uid = uid
        metadata.resourceVersion = ResourceVersion(rawValue: String(version))
        return ConfigMap(metadata: metadata)
    }

    private func reply(_ version: Int, _ finalizers: [String] = [], uid: String = "u") -> ScriptedServer.Reply {
        let list = finalizers.map { "\"\($0)\"" }.joined(separator: ",")
        return .json(
            """
            {"metadata":{"namespace":"ns","name":"a","uid":"\(uid)","resourceVersion":"\(version)",\
            "finalizers":[\(list)]}}
            """)
    }

    @Test func `it is added behind those of others, at the version that was read`() async throws {
        server.expect("PATCH \(path)", reply(2, ["other", finalizer.rawValue]))
        let marked = try await finalizer.ensure(on: object(1, ["other"]), in: resources, as: "test")
        #expect(finalizer.isOn(marked))
        #expect(
            server.bodies.rest == [
                #"{"metadata":{"finalizers":["other","example.com/cleanup"],"resourceVersion":"1","uid":"u"}}"#
            ])
    }

    @Test func `it writes nothing if it is there, or if the object is being deleted`() async throws {
        _ = try await finalizer.ensure(on: object(1, [finalizer.rawValue]), in: resources, as: "test")
        var dying = object(1)
        dying.metadata.deletionTimestamp = Timestamp(ManualTime().now)
        let unmarked = try await finalizer.ensure(on: dying, in: resources, as: "test")
        #expect(!finalizer.isOn(unmarked))
        try await finalizer.remove(from: object(1, ["other"]), in: resources, as: "test")
        #expect(server.requests.rest.isEmpty)
    }

    @Test func `when another writer was faster it writes over what is there now`() async throws {
        server.expect("PATCH \(path)", .status(409, reason: "Conflict"))
        server.expect("GET \(path)", reply(5, ["new", finalizer.rawValue]))
        server.expect("PATCH \(path)", reply(6, ["new"]))
        try await finalizer.remove(from: object(1, [finalizer.rawValue]), in: resources, as: "test")
        #expect(server.bodies.rest.last == #"{"metadata":{"finalizers":["new"],"resourceVersion":"5","uid":"u"}}"#)
    }

    @Test func `taking it off an object that is gone is success`() async throws {
        server.expect("PATCH \(path)", .status(404, reason: "NotFound"))
        try await finalizer.remove(from: object(1, [finalizer.rawValue]), in: resources, as: "test")
    }

    @Test func `another object of the same name is never touched`() async throws {
        server.expect("PATCH \(path)", .status(409, reason: "Conflict"))
        server.expect("GET \(path)", reply(9, [finalizer.rawValue], uid: "another"))
        try await finalizer.remove(from: object(1, [finalizer.rawValue]), in: resources, as: "test")
        server.expect("PATCH \(path)", .status(409, reason: "Conflict"))
        server.expect("GET \(path)", reply(9, uid: "another"))
        await #expect { try await finalizer.ensure(on: object(1), in: resources, as: "test") } throws: { error in
            (error as? KubernetesError)?.isNotFound == true
        }
    }

    @Test func `a conflict that does not end is told`() async throws {
        for _ in 0..<4 {
            server.expect("PATCH \(path)", .status(409, reason: "Conflict"))
            server.expect("GET \(path)", reply(5))
        }
        server.expect("PATCH \(path)", .status(409, reason: "Conflict"))
        await #expect { try await finalizer.ensure(on: object(1), in: resources, as: "test") } throws: { error in
            (error as? KubernetesError)?.isConflict == true
        }
    }
}
