import FoundationEssentials
import Testing

@testable import MartletAPI
@testable import MartletDecisions

@Suite("Closing a RunPod endpoint")
struct CloseTests {
    private func opened(_ change: (inout RunPodSpec) -> Void = { _ in }) throws -> EndpointStage {
        var stage = try EndpointStage(change)
        stage.openSchedule()
        stage.live(120)
        #expect(stage.bounds == RunPodBounds(min: 1, max: 3))
        stage.steps = []
        stage.events = []
        return stage
    }

    @Test("At the edge min falls to 0 at once, max stays; without jobs for two readings max follows")
    func disable() throws {
        var stage = try opened()
        stage.closeSchedule()
        let plan = stage.settle()
        #expect(stage.bounds == RunPodBounds(min: 0, max: 3))
        #expect(plan.finding.reason == .draining)
        stage.live(20)
        #expect(stage.bounds == .disabled)
        #expect(stage.live(60).finding.reason == .closed)
        #expect(stage.updates.map(\.workers?.bounds) == [RunPodBounds(min: 0, max: 3), .disabled])
        #expect(stage.updates.allSatisfy { $0.workers?.idleTimeoutSeconds == 10 })
        #expect(stage.record.endpointID == "ep1")
    }

    @Test("Jobs are waited for until drainSeconds after the edge, also over a restart")
    func drain() throws {
        var stage = try opened()
        stage.jobs = 4
        let edge = stage.now
        stage.closeSchedule()
        stage.live(300)
        stage.restart()
        stage.live(edge.addingTimeInterval(599).timeIntervalSince(stage.now))
        #expect(stage.bounds == RunPodBounds(min: 0, max: 3))
        stage.live(2)
        #expect(stage.bounds == .disabled)
        #expect(stage.events.contains(.drainEnded(jobs: 4)))
    }

    @Test("A job plane that does not answer ends no drain before its time")
    func unreadable() throws {
        var stage = try opened()
        stage.healthAnswers = false
        stage.closeSchedule()
        stage.live(590)
        #expect(stage.bounds == RunPodBounds(min: 0, max: 3))
        stage.live(20)
        #expect(stage.bounds == .disabled)
    }

    @Test("An edge that was missed while nobody watched is made up at once")
    func missedEdge() throws {
        var stage = try opened()
        stage.jobs = 4
        stage.closeSchedule(since: stage.now - 3600)
        stage.restart()
        stage.settle()
        #expect(stage.bounds == .disabled)
    }

    @Test("whenClosed Delete: zero, DELETE, 404, and the id is forgotten; the next opening creates anew")
    func delete() throws {
        var stage = try opened { $0.whenClosed = .delete }
        stage.closeSchedule()
        stage.live(60)
        #expect(stage.account.isEmpty)
        #expect(stage.record.isEmpty)
        #expect(stage.settle().finding.reason == .closed)
        stage.openSchedule()
        stage.live(60)
        #expect(stage.account.map(\.id) == ["ep2"])
    }

    @Test("Jobs left over: Delete falls back to Disable and says so, and deletes once they are gone")
    func leftOver() throws {
        var stage = try opened { $0.whenClosed = .delete }
        stage.jobs = 2
        stage.closeSchedule()
        let plan = stage.live(900)
        #expect(stage.account.map(\.bounds) == [.disabled])
        #expect(plan.finding.reason == .jobsLeftOver)
        #expect(stage.events.contains(.jobsLeftOver(2)))
        stage.jobs = 0
        stage.live(1200)
        #expect(stage.account.isEmpty)
    }

    @Test("Jobs that nobody can count are not discarded")
    func unknownJobs() throws {
        var stage = try opened { $0.whenClosed = .delete }
        stage.healthAnswers = false
        stage.closeSchedule()
        stage.live(900)
        #expect(stage.account.map(\.bounds) == [.disabled])
        #expect(stage.live(10).finding.reason == .jobsLeftOver)
    }

    @Test("discardJobs: Delete takes the jobs with it after the drain")
    func discard() throws {
        var stage = try opened {
            $0.whenClosed = .delete
            $0.discardJobs = true
        }
        stage.jobs = 2
        stage.closeSchedule()
        stage.live(630)
        #expect(stage.account.isEmpty)
    }

    @Test("Reopened during the drain, the workers come back and nothing is lost")
    func reopen() throws {
        var stage = try opened { $0.whenClosed = .delete }
        stage.jobs = 2
        stage.closeSchedule()
        stage.live(100)
        stage.openSchedule()
        stage.live(60)
        #expect(stage.account.map(\.bounds) == [RunPodBounds(min: 1, max: 3)])
        #expect(stage.account.map(\.id) == ["ep1"])
    }

    @Test("workers.max is put back at the opening after RunPod lowered it on a long holiday")
    func holiday() throws {
        var stage = try opened()
        for min in 0...1 {
            stage.account[0].bounds = RunPodBounds(min: min, max: 2)
            stage.live(70)
            #expect(stage.bounds == RunPodBounds(min: 1, max: 3))
        }
        stage.closeSchedule()
        stage.live(7 * 86_400)
        stage.openSchedule()
        stage.settle()
        #expect(stage.bounds == RunPodBounds(min: 1, max: 3))
    }

    @Test("The end of a drain without jobs ranks behind openings, the end of its time before them")
    func urgency() throws {
        var idle = try opened()
        idle.closeSchedule()
        idle.live(60)
        #expect(idle.urgencies == [.closing, .cleanup])
        var busy = try opened()
        busy.jobs = 4
        busy.closeSchedule()
        busy.live(620)
        #expect(busy.urgencies == [.closing, .closing])
        #expect(idle.bounds == .disabled && busy.bounds == .disabled)
    }

    @Test("A drain's end that got no turn counts the jobs again before it is tried again", arguments: [0, 3])
    func noTurn(jobs: Int) throws {
        var stage = try opened()
        stage.closeSchedule()
        stage.settle()
        stage.fates[.close] = .expired(after: 15, jobs: jobs)
        stage.live(40)
        #expect(stage.bounds == (jobs == 0 ? .disabled : RunPodBounds(min: 0, max: 3)))
        stage.live(600)
        #expect(stage.bounds == .disabled)
        #expect(stage.urgencies == [.closing, .cleanup, jobs == 0 ? .cleanup : .closing])
    }

    @Test("A closing that fails is tried again within seconds")
    func failing() throws {
        var stage = try opened()
        stage.fates[.close] = .refused(.unreachable)
        stage.closeSchedule()
        stage.settle()
        #expect(stage.bounds?.min == 1)
        stage.live(3)
        #expect(stage.bounds?.min == 0)
    }

    @Test("Outside bounds above zero are no drain: the bounds are lowered")
    func outsideBounds() throws {
        var stage = try opened()
        stage.jobs = 3
        stage.capacity = BackendCapacity(isOpen: false, min: 0, max: 1, since: stage.now, cause: .schedule)
        stage.live(60)
        #expect(stage.bounds == RunPodBounds(min: 0, max: 1))
        #expect(stage.updates.count == 1)
    }

    @Test("While closed and disabled nothing is asked of the job plane, and nothing is written")
    func quiet() throws {
        var stage = try opened()
        stage.closeSchedule()
        stage.live(300)
        stage.steps = []
        stage.live(3600)
        #expect(stage.steps.allSatisfy { if case .readList = $0 { true } else { false } })
        #expect((59...61).contains(stage.steps.count))
    }

    @Test("Open and idle: one list and one health a minute, no write")
    func idle() throws {
        var stage = try opened()
        stage.live(3600)
        let lists = stage.steps.count { if case .readList = $0 { true } else { false } }
        let healths = stage.steps.count { if case .readHealth = $0 { true } else { false } }
        #expect((58...62).contains(lists))
        #expect((58...62).contains(healths))
        #expect(stage.steps.count == lists + healths)
        stage.jobs = 1
        stage.live(120)
        stage.steps = []
        stage.live(600)
        #expect((38...42).contains(stage.steps.count { if case .readHealth = $0 { true } else { false } }))
    }
}
