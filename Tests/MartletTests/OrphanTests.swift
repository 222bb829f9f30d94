import FoundationEssentials
import HTTPTransport
import KubernetesModel
import MartletAPI
import MartletDecisions
import RunPod
import Testing

@testable import martlet

@Suite struct OrphanTests {
    private let search = OrphanSearch(cluster: "c-1", namespace: nil)

    private func endpoint(_ id: String, _ owner: String?) throws -> RunPodEndpoint {
        var endpoint = RunPodEndpoint(id: try #require(EndpointID(id)))
        endpoint.name = "martlet-dev-image-gen"
        endpoint.workers = WorkersBounds(min: 1, max: 3, idleTimeout: 10)
        endpoint.env = owner.map { ["MARTLET_OWNER": $0, "HF_TOKEN": "hunter2"] }
        return endpoint
    }

    private func object(_ uid: String, id: String? = nil, intent: Bool = false) throws -> InferenceEndpoint {
        let record = RunPodStatus(
            endpointId: id,
            intent: intent ? RunPodIntent(name: "x", time: Timestamp(Date(timeIntervalSince1970: 0))) : nil)
        return try EndpointAddressTests.object(uid: uid, status: InferenceEndpointStatus(runpod: record))
    }

    private func kinds(_ endpoints: [RunPodEndpoint], _ objects: [InferenceEndpoint]) -> [OrphanSearch.Kind] {
        search.orphans(among: endpoints, objects: objects).map(\.kind)
    }

    @Test("an endpoint of this cluster whose object is gone is an orphan")
    func abandoned() throws {
        #expect(kinds([try endpoint("a", "c-1/dev/u-9")], [try object("u-1", id: "b")]) == [.abandoned])
    }

    @Test("foreign endpoints are none: another cluster's, without a marker, with a broken one")
    func foreign() throws {
        let endpoints = [
            try endpoint("a", "c-2/dev/u-9"), try endpoint("b", nil), try endpoint("c", "c-1/dev"),
            try endpoint("d", ""),
        ]
        #expect(kinds(endpoints, []).isEmpty)
    }

    @Test("what an object owns, is creating, has recorded or adopts is none")
    func owned() throws {
        #expect(kinds([try endpoint("a", "c-1/dev/u-1")], [try object("u-1", id: "a")]).isEmpty)
        #expect(kinds([try endpoint("a", "c-1/dev/u-1")], [try object("u-1")]).isEmpty)
        #expect(kinds([try endpoint("a", "c-1/dev/u-1")], [try object("u-1", id: "b", intent: true)]).isEmpty)
        #expect(kinds([try endpoint("a", "c-1/dev/u-9")], [try object("u-1", id: "a")]).isEmpty)
        let adopter = try EndpointAddressTests.object(uid: "u-1", adopting: "a")
        #expect(kinds([try endpoint("a", "c-1/dev/u-9")], [adopter]).isEmpty)
    }

    @Test("a second endpoint of a living object is told, but is the operator's to remove")
    func duplicate() throws {
        let found = kinds([try endpoint("a", "c-1/dev/u-1")], [try object("u-1", id: "b")])
        #expect(found == [.duplicate(of: ObjectKey(namespace: "dev", name: "image-gen"))])
    }

    @Test("a namespace narrows the search to what was made for it")
    func namespace() throws {
        let narrow = OrphanSearch(cluster: "c-1", namespace: "dev")
        let endpoints = [try endpoint("a", "c-1/dev/u-8"), try endpoint("b", "c-1/prod/u-9")]
        #expect(narrow.orphans(among: endpoints, objects: []).map(\.endpoint.id.rawValue) == ["a"])
    }

    @Test("no value of an environment is printed")
    func secrets() throws {
        let orphans = search.orphans(among: [try endpoint("a", "c-1/dev/u-9")], objects: [])
        let text = OrphanText.table(orphans) + orphans.map { JSONText.pretty(OrphanText.json($0)) }.joined()
        #expect(text.contains("dev/u-9") && !text.contains("hunter2"))
    }
}

@Suite struct OrphanRemovalTests {
    private let notFound = ScriptedControl.Answer.error(.notFound(Problem(status: 404)))

    private func orphan() throws -> OrphanSearch.Orphan {
        var endpoint = RunPodEndpoint(id: .sample)
        endpoint.workers = WorkersBounds(min: 1, max: 3, idleTimeout: 10)
        endpoint.env = ["MARTLET_OWNER": "c/n/u"]
        return OrphanSearch.Orphan(
            endpoint: endpoint, marker: OwnerMarker(cluster: "c", namespace: "n", uid: "u"), kind: .abandoned)
    }

    private func remove(_ control: ScriptedControl, isOrphan: Bool = true) async throws -> OrphanRemoval.Outcome {
        try await OrphanRemoval(control: control, time: SleepingClock().time).remove(orphan()) { _ in isOrphan }
    }

    @Test("it is closed, deleted and read until RunPod says 404")
    func gone() async throws {
        let there = ScriptedControl.Answer.endpoint(try orphan().endpoint)
        let control = ScriptedControl(gets: [there, there, there, notFound])
        #expect(try await remove(control) == .gone)
        #expect(control.calls == ["get", "patch 0/0", "delete", "get", "get", "get"])
    }

    @Test("an endpoint that has an owner by now, or another marker, is left alone")
    func spared() async throws {
        var control = ScriptedControl(gets: [.endpoint(try orphan().endpoint)])
        #expect(try await remove(control, isOrphan: false) == .spared)
        #expect(control.calls == ["get"])
        var changed = try orphan().endpoint
        changed.env = ["MARTLET_OWNER": "c/n/other"]
        control = ScriptedControl(gets: [.endpoint(changed)])
        #expect(try await remove(control) == .spared)
        #expect(control.calls == ["get"])
    }

    @Test("a deletion that is refused leaves it closed, and says so")
    func refused() async throws {
        let control = ScriptedControl(
            gets: [.endpoint(try orphan().endpoint)], delete: .error(.forbidden(Problem(status: 403))))
        let error = RunPodError(.deleteEndpoint(.sample), .forbidden(Problem(status: 403)))
        #expect(try await remove(control) == .failed(error, isClosed: true))
    }

    @Test("a deletion whose answer is lost is read back")
    func lostAnswer() async throws {
        let control = ScriptedControl(
            gets: [.endpoint(try orphan().endpoint), notFound],
            delete: .error(.transport(.connectionLost("reset"))))
        #expect(try await remove(control) == .gone)
    }

    @Test("closing that fails does not keep it from being deleted")
    func closingFails() async throws {
        let control = ScriptedControl(
            gets: [.endpoint(try orphan().endpoint), notFound], update: .error(.server(Problem(status: 500))))
        #expect(try await remove(control) == .gone)
    }

    @Test("one that RunPod goes on showing is not called gone")
    func lingering() async throws {
        let control = ScriptedControl(gets: [.endpoint(try orphan().endpoint)])
        #expect(try await remove(control) == .lingering)
    }
}
