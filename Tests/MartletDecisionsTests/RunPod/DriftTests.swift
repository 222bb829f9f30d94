import FoundationEssentials
import Testing

@testable import MartletAPI
@testable import MartletDecisions

@Suite("Keeping a RunPod endpoint as wanted")
struct DriftTests {
    private func opened(_ change: (inout RunPodSpec) -> Void = { _ in }) throws -> EndpointStage {
        var stage = try EndpointStage(change)
        stage.live(120)
        stage.steps = []
        stage.events = []
        return stage
    }

    @Test("Every difference goes into one PATCH, and is confirmed by a later list")
    func onePatch() throws {
        var stage = try opened()
        stage.account[0].timeoutMilliseconds = 0
        stage.account[0].flashBoot = true
        stage.account[0].image = "other:2"
        stage.account[0].pools = ["AMPERE_24"]
        stage.account[0].environment = .differs
        stage.live(70)
        #expect(stage.updates.count == 1)
        #expect(stage.updates[0].settings == ["executionTimeoutSeconds", "flashBoot", "gpu", "image", "env"])
        #expect(stage.updates[0].workers == nil)
        #expect(stage.live(20).finding.reason == .ready)
    }

    @Test("What RunPod puts back is corrected a few times, then seldom, with an event")
    func returns() throws {
        var stage = try opened()
        for _ in 0..<60 {
            stage.account[0].bounds = RunPodBounds(min: 0, max: 2)
            stage.live(60)
        }
        #expect(stage.updates.count <= EndpointTiming.corrections + 1)
        #expect(stage.events.count { if case .driftReturns = $0 { true } else { false } } == 1)
        #expect(stage.updates.allSatisfy { $0.workers?.bounds == RunPodBounds(min: 1, max: 3) })
    }

    @Test("An adopted endpoint keeps its environment, and what the spec does not name")
    func adopted() throws {
        var stage = try EndpointStage {
            $0.adoptEndpointId = "theirs"
            $0.image = nil
            $0.gpu = nil
        }
        var theirs = ObservedEndpoint(id: "theirs", name: "whatever", mark: .none, bounds: .init(min: 0, max: 1))
        theirs.environment = .differs
        theirs.image = "their/own:7"
        theirs.pools = ["HOPPER_141"]
        theirs.networkVolumeIDs = ["vol"]
        stage.account = [theirs]
        stage.live(120)
        #expect(stage.record.endpointID == "theirs")
        #expect(stage.updates.map(\.settings) == [["workers"]])
        #expect(stage.creates == 0)
    }

    @Test("An adopted endpoint that is gone is never replaced silently")
    func adoptedGone() throws {
        var stage = try EndpointStage { $0.adoptEndpointId = "theirs" }
        #expect(stage.live(300).finding.reason == .adoptedEndpointGone)
        #expect(stage.creates == 0)
    }

    @Test("A recorded endpoint that bears another object's marker is left alone, also at deletion")
    func foreignRecord() throws {
        var stage = try EndpointStage()
        stage.isMarked = true
        stage.account = [
            ObservedEndpoint(id: "ep9", name: "martlet-other", mark: .another, bounds: .init(min: 2, max: 2))
        ]
        stage.record = EndpointRecord(endpointID: "ep9", keyFingerprint: "key-one")
        #expect(stage.live(120).finding.reason == .ownedByAnother)
        stage.isRetiring = true
        stage.live(300)
        #expect(stage.account.first?.bounds == RunPodBounds(min: 2, max: 2))
        #expect(stage.isReleased)
    }

    @Test("An endpoint that somebody deleted on RunPod is proved gone by 404 and created anew")
    func vanished() throws {
        var stage = try opened()
        stage.account = []
        stage.live(300)
        #expect(stage.account.map(\.id) == ["ep2"])
        #expect(stage.events.contains(.vanished(id: "ep1")))
    }

    @Test("A list without the endpoint alone proves nothing")
    func listAlone() throws {
        var stage = try opened()
        stage.listed = []
        stage.live(600)
        #expect(stage.creates == 0)
        #expect(stage.record.endpointID == "ep1")
    }

    @Test("Crash loop, missing capacity and cold start are told apart")
    func workers() throws {
        let cases: [(WorkerCounts, RunPodReason)] = [
            (WorkerCounts(unhealthy: 2), .crashLooping), (WorkerCounts(throttled: 1), .throttled),
            (WorkerCounts(initializing: 1, throttled: 1), .coldStart), (WorkerCounts(idle: 1, unhealthy: 1), .ready),
        ]
        for (counts, reason) in cases {
            var stage = try opened()
            stage.workers = counts
            #expect(stage.live(70).finding.reason == reason)
        }
    }

    @Test("Suspended: nothing is written, whatever differs")
    func suspended() throws {
        var stage = try opened()
        stage.suspend = true
        stage.account[0].bounds = RunPodBounds(min: 3, max: 9)
        stage.live(300)
        #expect(stage.steps.allSatisfy { if case .readList = $0 { true } else { false } })
    }

    @Test("Names are compared without what RunPod and flash hang on them")
    func names() {
        for name in ["martlet-a", "martlet-a-fb", "martlet-a -fb", "live-martlet-a", "live-martlet-a -fb "] {
            #expect(OwnedName.normalised(name) == "martlet-a")
        }
        let long = OwnedName.name(namespace: String(repeating: "n", count: 60), name: "x", uid: "u")
        #expect(long.utf8.count == 63)
        #expect(OwnedName.normalised(long) == long)
        #expect(OwnerMarker("a/b/c")?.description == "a/b/c")
        #expect(OwnerMarker("a/b") == nil)
    }
}
