import FoundationEssentials
import Kubernetes
import KubernetesModel
import MartletDecisions
import RunPod
import RunPodSimulator
import Testing

@testable import MartletAPI
@testable import MartletOperator

private let place = "martlet/martlet-abandoned-endpoints"
private let object = ObjectKey(namespace: "dev", name: "one")
private let fingerprint = RunPodKey("key-a")?.fingerprint.rawValue

@Suite("Ledger of abandoned endpoints", .timeLimit(.minutes(1))) struct AbandonedLedgerTests {
    private let server = ConfigMapServer()
    private var ledger: EndpointLedger { EndpointLedger(.abandoned, server.client(), namespace: "martlet") }

    private func entry(_ id: String?, _ name: String = "martlet-dev-one-1", since: Date = JumpTime.start)
        -> UnmanagedEndpoint
    {
        UnmanagedEndpoint(id: id, name: name, keyFingerprint: fingerprint, since: since)
    }

    @Test("an entry stands with id, name, key fingerprint and object once it is added, beside those before it")
    func added() async throws {
        try await ledger.add(entry("ep1"), of: object)
        try await ledger.add(entry(nil, "martlet-dev-two-2"), of: object)
        let entries = try await ledger.entries().sorted { $0.name < $1.name }
        #expect(entries.map(\.id) == ["ep1", nil])
        #expect(entries.map(\.name) == ["martlet-dev-one-1", "martlet-dev-two-2"])
        #expect(entries.allSatisfy { $0.keyFingerprint == fingerprint && $0.object == "dev/one" })
        #expect(entries.allSatisfy { $0.since.date == JumpTime.start })
        #expect(Set(server[place]?.data?.keys.map { $0 } ?? []) == ["ep1", "martlet-dev-two-2"])
    }

    @Test("added twice it is one entry; removed it is gone, and the others stay")
    func removed() async throws {
        for id in ["ep1", "ep1", "ep2"] { try await ledger.add(entry(id), of: object) }
        let entries = try await ledger.entries()
        #expect(entries.count == 2)
        try await ledger.remove(try #require(entries.first(where: { $0.id == "ep1" })))
        #expect(try await ledger.entries().map(\.id) == ["ep2"])
    }

    @Test("two operators that write the first entry at once both get theirs in")
    func race() async throws {
        // The patch finds nothing to patch; then comes the create.
        server.before(2) {
            $0[place] = ConfigMap(
                metadata: ObjectMeta(name: "martlet-abandoned-endpoints", namespace: "martlet"), data: ["other": "x"])
        }
        try await ledger.add(entry("ep1"), of: object)
        #expect(Set(server[place]?.data?.keys.map { $0 } ?? []) == ["ep1", "other"])
    }

    @Test("an entry that nobody can read does not hide the others; no ledger is an empty one")
    func unreadable() async throws {
        #expect(try await ledger.entries().isEmpty)
        try await ledger.add(entry("ep1"), of: object)
        server[place]?.data?["scribble"] = "not JSON"
        #expect(try await ledger.entries().map(\.id) == ["ep1"])
    }

    @Test("an API server that refuses the entry fails the write: the object must not go without it")
    func refused() async {
        server.refuse(403)
        await #expect(throws: KubernetesError.self) { try await ledger.add(entry("ep1"), of: object) }
    }

    @Test("what is not a ConfigMap's key in a name is replaced")
    func slots() async throws {
        try await ledger.add(entry(nil, "martlet dev/ä"), of: object)
        #expect(server[place]?.data?.keys.map { $0 } == ["martlet-dev--"])
    }

    // MARK: What the sweep does with it

    @Test("an entry that a key reaches again is deleted on RunPod and crossed out")
    func cleared() async throws {
        let scene = try SweepScene(ledger: ledger)
        let id = scene.add()
        try await ledger.add(entry(id), of: object)
        await scene.sweep.sweep()
        await scene.sweep.clearLedger()
        #expect(scene.ids.isEmpty)
        #expect(try await ledger.entries().isEmpty)
    }

    @Test("an endpoint that an object has taken over since is crossed out and not deleted")
    func takenOver() async throws {
        let scene = try SweepScene(ledger: ledger)
        let id = scene.add()
        try await ledger.add(entry(id), of: object)
        scene.addObject("uid-new", recording: id)
        scene.objects.sync()
        await scene.sweep.sweep()
        await scene.sweep.clearLedger()
        #expect(scene.ids == [id], "an endpoint in use was deleted")
        #expect(try await ledger.entries().isEmpty)
    }

    @Test(
        "a lost create is known by its name, but the endpoint that its object made later under that name is left alone")
    func youngerNamesake() async throws {
        let scene = try SweepScene(keys: ["key-a", "key-z"], ledger: ledger)
        let lost = scene.add("martlet-dev-one-1", under: "key-a")
        try await ledger.add(entry(nil), of: object)
        scene.pass(700)
        let current = scene.add("martlet-dev-one-1", under: "key-z")
        await scene.sweep.sweep()
        await scene.sweep.clearLedger()
        #expect(scene.ids == [current])
        #expect(!scene.ids.contains(lost))
        #expect(try await ledger.entries().isEmpty)
    }

    @Test("one that somebody deleted on RunPod is crossed out, when the key that knew it says 404 and no other")
    func deletedByHand() async throws {
        let strange = try SweepScene(keys: ["key-z"], ledger: ledger)
        try await ledger.add(entry("gone1234"), of: object)
        await strange.sweep.sweep()
        await strange.sweep.clearLedger()
        #expect(try await ledger.entries().count == 1)
        let scene = try SweepScene(keys: ["key-a"], ledger: ledger)
        await scene.sweep.sweep()
        await scene.sweep.clearLedger()
        #expect(try await ledger.entries().isEmpty)
    }

    @Test("one that can't be deleted stays in the ledger; so does every one while another operator leads")
    func stays() async throws {
        let scene = try SweepScene(ledger: ledger)
        let id = scene.add()
        try await ledger.add(entry(id), of: object)
        await scene.sweep.sweep()
        scene.runpod.withWorld { $0.inject(.deleteFails) }
        await scene.sweep.clearLedger()
        #expect(try await ledger.entries().count == 1)
        scene.runpod.withWorld { $0.removeAllFaults() }
        scene.lead.lose()
        await scene.sweep.clearLedger()
        #expect(try await ledger.entries().count == 1)
        #expect(scene.ids == [id])
    }
}
