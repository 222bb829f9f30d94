import FoundationEssentials
import MartletAPI
import Testing

@testable import MartletDecisions

@Suite("Creating a RunPod endpoint")
struct CreateTests {
    @Test("Finalizer, list, intent, create without a standing worker, id, then the workers, each read back")
    func order() throws {
        var stage = try EndpointStage()
        stage.live(30)
        #expect(stage.isMarked)
        #expect(stage.account.count == 1)
        #expect(stage.record.endpointID == "ep1")
        #expect(stage.record.intent == nil)
        #expect(stage.bounds == RunPodBounds(min: 1, max: 3))
        let kinds = stage.steps.prefix(6).map { String("\($0)".prefix { $0 != "(" }) }
        #expect(kinds == ["readList", "mark", "record", "create", "record", "update"])
        guard case .create(let draft)? = stage.steps.first(where: { if case .create = $0 { true } else { false } })
        else {
            Issue.record("nothing was created")
            return
        }
        #expect(draft.workers.bounds == RunPodBounds(min: 0, max: 3))
        #expect(stage.settle().finding.reason == .ready)
        #expect(stage.events.contains(.created(id: "ep1")))
    }

    @Test("A create whose answer was lost is found by name and marker, never repeated")
    func lostAnswer() throws {
        var stage = try EndpointStage()
        stage.fates[.create] = .lost(isDone: true)
        stage.live(600)
        #expect(stage.creates == 1)
        #expect(stage.account.map(\.id) == ["ep1"])
        #expect(stage.record == EndpointRecord(endpointID: "ep1", keyFingerprint: "key-one"))
    }

    @Test("A create that never took effect is repeated after two complete lists beyond the settling time")
    func lostCall() throws {
        var stage = try EndpointStage()
        stage.fates[.create] = .lost(isDone: false)
        stage.live(EndpointTiming.settle - 1)
        #expect(stage.creates == 1)
        stage.live(60)
        #expect(stage.creates == 2)
        #expect(stage.account.count == 1)
    }

    @Test("A process that finds another's intent waits as long, whatever the first list says")
    func intentOfAnother() throws {
        var stage = try EndpointStage()
        stage.isMarked = true
        stage.record = EndpointRecord(intent: RecordedIntent(name: EndpointStage.name, time: stage.now))
        stage.live(EndpointTiming.settle - 1)
        #expect(stage.creates == 0)
        stage.live(60)
        #expect(stage.creates == 1)
    }

    @Test("A create that shows up in a late list becomes a duplicate that is deleted; the recorded one stays")
    func lateCommit() throws {
        var stage = try EndpointStage()
        stage.fates[.create] = .lost(isDone: false)
        stage.live(200)
        #expect(stage.creates == 2)
        let draft = EndpointDraft(
            name: EndpointStage.name, workers: .init(RunPodBounds(min: 0, max: 3), idleTimeoutSeconds: 10),
            pools: ["ADA_24", "AMPERE_24"])
        stage.account.insert(stage.endpoint(draft), at: 0)
        stage.live(200)
        #expect(stage.account.map(\.id) == ["ep1"])
        #expect(stage.events.contains(.deleted(id: "ep2")))
    }

    @Test("Of duplicates without a record the oldest stays, then the smallest id")
    func oldest() throws {
        var stage = try EndpointStage()
        let draft = EndpointDraft(
            name: EndpointStage.name, workers: .init(RunPodBounds(min: 0, max: 3), idleTimeoutSeconds: 10),
            pools: ["ADA_24", "AMPERE_24"])
        stage.account = [stage.endpoint(draft), stage.endpoint(draft), stage.endpoint(draft)]
        stage.account[1].createdAt = stage.now - 60
        stage.account[2].createdAt = stage.now - 60
        stage.live(200)
        #expect(stage.account.map(\.id) == ["ep2"])
        #expect(stage.creates == 0)
    }

    @Test("The name without the marker is NameTaken and never touched")
    func nameTaken() throws {
        for mark in [OwnerMark.none, .another, .untold] {
            var stage = try EndpointStage()
            stage.account = [
                ObservedEndpoint(id: "foreign", name: EndpointStage.name, mark: mark, bounds: .init(min: 2, max: 5))
            ]
            let plan = stage.live(300)
            #expect(plan.finding.reason == .nameTaken)
            #expect(stage.account[0].bounds == RunPodBounds(min: 2, max: 5))
            stage.isRetiring = true
            stage.live(900)
            #expect(stage.account.count == 1)
        }
    }

    @Test("A refused create clears the intent, says why, and is spaced")
    func refused() throws {
        var stage = try EndpointStage()
        stage.fates[.create] = .refused(.balanceEmpty)
        let plan = stage.settle()
        #expect(plan.finding.reason == .balanceEmpty)
        #expect(stage.record.isEmpty)
        stage.fates[.create] = .refused(.balanceEmpty)
        stage.live(29)
        #expect(stage.creates == 1)
        stage.live(2)
        #expect(stage.creates == 2)
        stage.live(80)
        #expect(stage.account.count == 1)
    }

    @Test("A list that was read for another object at the same moment is not asked for for ever")
    func sharedList() throws {
        for age in [0.0005, 0.002] {
            var stage = try EndpointStage()
            stage.isMarked = true
            stage.list = AccountList(began: stage.now - age, keyFingerprint: "key-one", endpoints: [])
            let step = stage.snapshot.plan(after: stage.history).step
            guard case .readList(let limit, _) = step else {
                #expect(age < 0.001, "\(step)")
                continue
            }
            // Whoever reads lists takes one that began after the limit for new enough.
            #expect(stage.list?.began ?? .distantFuture <= limit)
        }
    }

    @Test("A create that got no turn was not sent: its intent goes, and the next has one of its own")
    func noTurn() throws {
        var stage = try EndpointStage()
        stage.fates[.create] = .expired(after: 20, jobs: 0)
        let plan = stage.settle()
        #expect(plan.finding.reason == .rateLimited)
        #expect(stage.record.isEmpty && stage.account.isEmpty)
        stage.live(30)
        #expect(stage.creates == 2 && stage.account.count == 1)
    }

    @Test("On a capacity refusal the next pool comes first, and that order is not taken for drift")
    func nextPool() throws {
        var stage = try EndpointStage()
        stage.fates[.create] = .refused(.capacityRefused)
        stage.live(120)
        #expect(stage.account.first?.pools == ["AMPERE_24", "ADA_24"])
        #expect(stage.updates.allSatisfy { $0.gpu == nil })
    }

    @Test("A new generation of the spec is tried at once after a refusal")
    func corrected() throws {
        var stage = try EndpointStage()
        stage.fates[.create] = .refused(.unknownPool)
        stage.settle()
        stage.generation = 2
        stage.settle()
        #expect(stage.creates == 2)
    }

    @Test("Nothing is created while closed, suspended, or without key, list or environment")
    func noCreate() throws {
        let changes: [(inout EndpointStage) -> Void] = [
            { $0.closeSchedule() }, { $0.suspend = true },
            { $0.key = .unusable(CallProblem(.secretNotFound, "no Secret")) },
            { $0.listProblem = CallProblem(.unreachable, "no answer") },
            { $0.environmentProblem = CallProblem(.secretKeyMissing, "no key") },
        ]
        for change in changes {
            var stage = try EndpointStage()
            change(&stage)
            for _ in 0..<10 {
                stage.act()
                stage.pass(60)
            }
            #expect(stage.creates == 0)
            #expect(stage.record.isEmpty)
        }
    }

    @Test("A key that RunPod refuses is a No, silence is an Unknown")
    func unlisted() throws {
        var stage = try EndpointStage()
        stage.listProblem = CallProblem(.keyRefused, "refused")
        #expect(stage.snapshot.plan(after: stage.history).finding == RunPodFinding(.no, .keyRefused, "refused"))
        stage.listProblem = CallProblem(.unreachable, "no answer")
        #expect(stage.snapshot.plan(after: stage.history).finding.answer == .unknown)
    }

    @Test("A stale list after the create makes no second endpoint, also over a restart")
    func staleList() throws {
        var stage = try EndpointStage()
        stage.listed = []
        stage.live(20)
        stage.restart()
        stage.live(60)
        #expect(stage.creates == 1)
        stage.listed = nil
        stage.live(60)
        #expect(stage.creates == 1)
        #expect(stage.record.endpointID == "ep1")
    }

    @Test("A list from before the record was seen is no witness that its endpoint is gone")
    func listBeforeTheRecord() throws {
        var stage = try EndpointStage()
        stage.closeSchedule()
        stage.live(300)
        stage.openSchedule()
        // Another process created it a moment ago; neither lists nor reads know it yet.
        stage.isMarked = true
        stage.record = EndpointRecord(endpointID: "young", keyFingerprint: "key-one")
        stage.live(EndpointTiming.settle - 10)
        #expect(stage.record.endpointID == "young")
        #expect(stage.creates == 0)
    }

    @Test("An endpoint that is listed long after a 404 was there after all, and goes as a duplicate")
    func undead() throws {
        var stage = try EndpointStage()
        stage.live(60)
        let undead = stage.account[0]
        stage.account = []
        stage.live(300)
        #expect(stage.account.map(\.id) == ["ep2"])
        stage.account.append(undead)
        stage.live(EndpointTiming.undead + 200)
        #expect(stage.account.map(\.id) == ["ep2"])
    }
}
