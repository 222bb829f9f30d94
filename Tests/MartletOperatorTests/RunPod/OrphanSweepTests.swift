import FoundationEssentials
import KubernetesModel
import RunPodSimulator
import Synchronization
import Testing

@testable import MartletAPI
@testable import MartletDecisions
@testable import MartletOperator

@Suite("Endpoints without an object", .timeLimit(.minutes(1)))
struct OrphanSweepTests {
    @Test(
        "one is told at once and deleted when a second complete list, an hour later, shows it still without an object")
    func anHour() async throws {
        let scene = try SweepScene()
        let lost = scene.add()
        #expect(await scene.sweep.sweep() == [lost])
        scene.pass(3599)
        #expect(await scene.sweep.sweep() == [lost])
        #expect(scene.ids == [lost])
        #expect(scene.events(about: lost) == [.found(isDeletedNext: true)])
        scene.pass(1)
        #expect(await scene.sweep.sweep() == [])
        #expect(scene.ids.isEmpty)
        #expect(scene.events(about: lost).last == .deleted)
    }

    @Test("without --delete-orphans it is told for ever and never touched")
    func onlyTold() async throws {
        let scene = try SweepScene(deletes: false)
        let lost = scene.add()
        let before = scene.writes
        for _ in 0..<48 {
            #expect(await scene.sweep.sweep() == [lost])
            scene.pass(3600)
        }
        #expect(scene.ids == [lost])
        #expect(scene.writes == before)
    }

    @Test("one that its spec kept is no orphan, by its id or by the name of a create whose answer was lost")
    func retained() async throws {
        let scene = try SweepScene()
        let kept = scene.add("kept")
        let named = scene.add("named -fb")
        scene.cluster.state.withLock { state in
            state.retained = [(kept, "other"), (nil, "named")].map { id, name in
                UnmanagedEndpoint(id: id, name: name, keyFingerprint: nil, since: JumpTime.start)
            }
        }
        for _ in 0..<3 {
            #expect(await scene.sweep.sweep() == [])
            scene.pass(3600)
        }
        #expect(scene.ids == [kept, named])
    }

    @Test("while nobody can read what was kept nothing is deleted")
    func unreadableLedger() async throws {
        let scene = try SweepScene()
        let lost = scene.add()
        await scene.sweep.sweep()
        scene.pass(3600)
        scene.crash.kill()
        #expect(await scene.sweep.sweep() == [lost])
        #expect(scene.ids == [lost])
    }

    @Test("a list with a page missing proves nothing, however old the suspicion is")
    func incompleteList() async throws {
        let scene = try SweepScene(pageSize: 1)
        let lost = scene.add()
        scene.add("foreign", owner: nil)
        await scene.sweep.sweep()
        scene.failFollowUpPages(nil)
        for _ in 0..<5 {
            scene.pass(3600)
            #expect(await scene.sweep.sweep() == [lost], "it is forgotten, or deleted on half a list")
        }
        #expect(scene.ids.count == 2)
        scene.runpod.withWorld { $0.removeAllFaults() }
        scene.pass(60)
        await scene.sweep.sweep()
        #expect(!scene.ids.contains(lost) && scene.ids.count == 1)
    }

    @Test("the first sighting counts from a complete list: one that failed begins no hour")
    func firstListFails() async throws {
        let scene = try SweepScene(pageSize: 1)
        let lost = scene.add()
        scene.add("foreign", owner: nil)
        scene.failFollowUpPages(3)
        #expect(await scene.sweep.sweep() == [])
        scene.pass(3600)
        #expect(await scene.sweep.sweep() == [lost])
        #expect(scene.ids.contains(lost))
    }

    @Test(
        "what is not this cluster's by its marker is none of its business",
        arguments: [nil, "elsewhere/dev/uid-gone", "cluster/dev", "cluster/dev/uid-gone/more", "", "cluster//uid-gone"])
    func foreign(owner: String?) async throws {
        let scene = try SweepScene()
        scene.add(owner: owner)
        for _ in 0..<3 {
            #expect(await scene.sweep.sweep() == [])
            scene.pass(3600)
        }
        #expect(scene.ids.count == 1)
    }

    @Test("an operator of some namespaces leaves the endpoints of others alone")
    func namespaces() async throws {
        let scene = try SweepScene(namespaces: ["prod", "dev"])
        let mine = scene.add()
        let other = scene.add("other", owner: "cluster/test/uid-gone")
        #expect(await scene.sweep.sweep() == [mine])
        scene.pass(3600)
        await scene.sweep.sweep()
        #expect(scene.ids == [other])
    }

    @Test("an object that the cache does not show yet, but the API server has, keeps its endpoint")
    func staleCache() async throws {
        let scene = try SweepScene()
        scene.add()
        scene.addObject()
        #expect(scene.objects.all.isEmpty)
        for _ in 0..<3 {
            #expect(await scene.sweep.sweep() == [])
            scene.pass(3600)
        }
        #expect(scene.ids.count == 1)
    }

    @Test("an object that the cache still shows, but the API server has no more, keeps nothing")
    func staleObject() async throws {
        let scene = try SweepScene()
        let lost = scene.add()
        scene.addObject()
        scene.objects.sync()
        scene.cluster.delete(ObjectKey(namespace: "dev", name: "one"), at: scene.time.now)
        #expect(await scene.sweep.sweep() == [lost])
    }

    @Test("an API server that does not answer proves no object gone")
    func unreadable() async throws {
        let scene = try SweepScene()
        let lost = scene.add()
        for _ in 0..<3 {
            // The ledger can still be read, the objects behind it can't.
            scene.crash.state.withLock { $0 = Crash.State() }
            scene.crash.arm(after: 1, .before)
            #expect(await scene.sweep.sweep() == [])
            #expect(scene.crash.isDead)
            scene.pass(3600)
        }
        scene.crash.state.withLock { $0 = Crash.State() }
        #expect(await scene.sweep.sweep() == [lost])
        #expect(scene.ids == [lost])
    }

    @Test("an endpoint that another object has adopted is that object's, whatever its marker says")
    func adopted() async throws {
        let scene = try SweepScene()
        let id = scene.add()
        scene.addObject("uid-new", recording: id)
        scene.objects.sync()
        for _ in 0..<3 {
            #expect(await scene.sweep.sweep() == [])
            scene.pass(3600)
        }
        #expect(scene.ids == [id])
    }

    @Test("an owner that comes back ends the suspicion, and the hour begins anew when it goes")
    func ownerReturns() async throws {
        let scene = try SweepScene()
        let lost = scene.add()
        #expect(await scene.sweep.sweep() == [lost])
        scene.addObject()
        scene.pass(1800)
        #expect(await scene.sweep.sweep() == [])
        scene.cluster.delete(ObjectKey(namespace: "dev", name: "one"), at: scene.time.now)
        scene.pass(1800)
        #expect(await scene.sweep.sweep() == [lost])
        #expect(scene.ids == [lost])
    }

    @Test("an account whose list fails keeps its own suspicions, and brings none of another account back")
    func anotherAccountFails() async throws {
        let scene = try SweepScene(keys: ["key-a", "key-z"])
        let mine = scene.add(under: "key-a")
        let other = scene.add("other", owner: "cluster/dev/uid-gone-too", under: "key-z")
        #expect(Set(await scene.sweep.sweep()) == [mine, other])
        scene.addObject()
        scene.runpod.withWorld { $0.revokeKey("key-z") }
        scene.pass(1800)
        #expect(await scene.sweep.sweep() == [other])
        scene.cluster.delete(ObjectKey(namespace: "dev", name: "one"), at: scene.time.now)
        scene.pass(1800)
        #expect(Set(await scene.sweep.sweep()) == [mine, other])
        #expect(scene.ids == [mine, other], "the suspicion outlived the owner's return")
    }

    @Test("who does not lead deletes nothing")
    func standby() async throws {
        let scene = try SweepScene()
        let lost = scene.add()
        await scene.sweep.sweep()
        scene.lead.lose()
        scene.pass(7200)
        await scene.sweep.sweep()
        #expect(scene.ids == [lost])
    }

    @Test("a deletion that fails leaves it without workers, and is tried again with the next sweep")
    func failingDelete() async throws {
        let scene = try SweepScene()
        let lost = scene.add()
        await scene.sweep.sweep()
        scene.runpod.withWorld { $0.inject(.deleteFails) }
        scene.pass(3600)
        #expect(await scene.sweep.sweep() == [lost])
        #expect(scene.runpod.withWorld { $0.endpoints.first?.configuration.workers.max } == 0)
        scene.runpod.withWorld { $0.removeAllFaults() }
        scene.pass(3600)
        #expect(await scene.sweep.sweep() == [])
        #expect(scene.ids.isEmpty)
    }
}
