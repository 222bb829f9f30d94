import FoundationEssentials
import Testing

@testable import MartletAPI
@testable import MartletDecisions

@Suite("An object with a RunPod endpoint is deleted")
struct RetireTests {
    private func opened(_ change: (inout RunPodSpec) -> Void = { _ in }) throws -> EndpointStage {
        var stage = try EndpointStage(change)
        stage.live(120)
        stage.steps = []
        stage.events = []
        return stage
    }

    @Test("PATCH 0/0, DELETE, GET until 404, a list without it, the record, the finalizer: in this order")
    func order() throws {
        var stage = try opened()
        stage.isRetiring = true
        stage.live(60)
        let kinds = stage.steps.map { String("\($0)".prefix { $0 != "(" }) }
        #expect(kinds == ["update", "delete", "verifyGone", "readList", "record", "release"])
        #expect(stage.account.isEmpty)
        #expect(stage.isReleased)
    }

    @Test("A DELETE with a lost answer is believed only after a 404")
    func lostDelete() throws {
        for isDone in [true, false] {
            var stage = try opened()
            stage.isRetiring = true
            stage.fates[.delete] = .lost(isDone: isDone)
            stage.live(120)
            #expect(stage.account.isEmpty)
            #expect(stage.isReleased)
        }
    }

    @Test("A DELETE that keeps failing leaves workers 0/0, says so and goes on trying; the finalizer stays")
    func failing() throws {
        var stage = try opened()
        stage.isRetiring = true
        for _ in 0..<40 {
            stage.fates[.delete] = .refused(.unreachable)
            stage.live(10)
        }
        #expect(stage.bounds == .disabled)
        #expect(!stage.isReleased)
        #expect(stage.settle().finding.reason == .deleteFailing)
        stage.fates = [:]
        stage.live(180)
        #expect(stage.isReleased)
        #expect(stage.account.isEmpty)
    }

    @Test("Retain leaves the endpoint as it is, and notes it before the object goes")
    func retain() throws {
        var stage = try opened()
        stage.isRetiring = true
        stage.policy = .retain
        stage.live(10)
        #expect(stage.isReleased)
        #expect(stage.bounds == RunPodBounds(min: 1, max: 3))
        #expect(stage.events == [.released(id: "ep1")])
        #expect(stage.retained.map(\.id) == ["ep1"])
        let last = stage.steps.filter { $0 != .hold }.suffix(2)
        #expect(last.first == stage.retained.first.map { .retain($0) } && last.last == .release)
    }

    @Test("Deleted while a create's answer is lost: the finalizer waits, and takes what comes to light with it")
    func duringCreate() throws {
        for isDone in [true, false] {
            var stage = try EndpointStage()
            stage.fates[.create] = .lost(isDone: isDone)
            stage.settle()
            stage.restart()
            stage.isRetiring = true
            stage.live(20)
            #expect(stage.account.isEmpty)
            #expect(!stage.isReleased)
            stage.live(300)
            #expect(stage.isReleased)
            #expect(stage.account.isEmpty)
        }
    }

    @Test("An object that never had an endpoint goes at once, whatever RunPod does")
    func nothingThere() throws {
        var stage = try EndpointStage()
        stage.isMarked = true
        stage.isRetiring = true
        stage.listProblem = CallProblem(.unreachable, "no answer")
        stage.settle()
        #expect(stage.isReleased)
    }

    @Test("Without a key the endpoint goes into the ledger after ten minutes, and the object with it")
    func abandoned() throws {
        var stage = try opened()
        stage.isRetiring = true
        stage.key = .unusable(CallProblem(.secretNotFound, "no Secret"))
        stage.live(EndpointTiming.abandonAfter - 1)
        #expect(!stage.isReleased)
        stage.live(2)
        #expect(stage.isReleased)
        #expect(stage.abandoned.map(\.id) == ["ep1"])
        #expect(stage.abandoned.first?.keyFingerprint == "key-one")
    }

    @Test("A key of another account proves nothing: its lists and 404s do not release the object")
    func otherAccount() throws {
        var stage = try opened()
        stage.restart()
        stage.key = .usable(fingerprint: "key-two")
        stage.listKey = "key-two"
        stage.listed = []
        #expect(stage.live(300).finding.reason == .endpointNotInAccount)
        #expect(stage.creates == 0)
        stage.isRetiring = true
        stage.live(EndpointTiming.abandonAfter + 1)
        #expect(stage.abandoned.map(\.id) == ["ep1"])
    }

    @Test("A new key of the same account is recorded once it lists the endpoint")
    func rotation() throws {
        var stage = try opened()
        stage.key = .usable(fingerprint: "key-two")
        stage.listKey = "key-two"
        stage.live(120)
        #expect(stage.record == EndpointRecord(endpointID: "ep1", keyFingerprint: "key-two"))
        #expect(stage.steps.count { if case .record = $0 { true } else { false } } == 1)
    }

    @Test("An unreachable RunPod keeps the finalizer for as long as it lasts")
    func outage() throws {
        var stage = try opened()
        stage.isRetiring = true
        stage.restart()
        stage.listProblem = CallProblem(.unreachable, "no answer")
        for _ in 0..<100 {
            stage.act()
            stage.pass(60)
        }
        #expect(!stage.isReleased)
        stage.listProblem = nil
        stage.live(60)
        #expect(stage.isReleased)
    }

    @Test("A create in doubt under another account's key is not settled by this key's lists: it goes into the ledger")
    func doubtElsewhere() throws {
        var stage = try EndpointStage()
        stage.isMarked = true
        stage.record = EndpointRecord(
            intent: RecordedIntent(name: EndpointStage.name, time: stage.now), keyFingerprint: "key-zero")
        stage.live(EndpointTiming.abandonAfter - 1)
        #expect(stage.creates == 0)
        stage.live(60)
        #expect(stage.abandoned.map(\.keyFingerprint) == ["key-zero"])
        #expect(stage.creates == 1)
    }
}
