import FoundationEssentials
import KubernetesModel
import MartletAPI
import Testing

@testable import MartletDecisions

@Suite("Capacity record")
struct CapacityRecordTests {
    private let edge = Date(timeIntervalSince1970: 1_800_000_000)

    private func capacity(
        open: Bool, max: Int, since: Date? = nil, next: Date? = nil, cause: ClosingCause = .schedule
    ) -> Capacity {
        Capacity(
            isOpen: open, by: "office-hours",
            workers: BackendCapacity(isOpen: open, min: 0, max: max, since: since, cause: cause), runpod: nil,
            nextTransition: next, nextOpens: !open)
    }

    private func look(
        _ record: inout CapacityRecord, _ capacity: Capacity, at now: Date
    ) -> CapacityObservation {
        record.observe(capacity, of: capacity.workers, specMin: 1, specMax: 20, at: now)
    }

    @Test("Without a schedule the spec's bounds hold and nothing closes")
    func ungoverned() {
        var record = CapacityRecord()
        let seen = look(&record, .ungoverned, at: edge)
        #expect(seen == CapacityObservation(floor: 1, ceiling: 20, closing: nil, change: .nothing))
        #expect(record.lastTransition == nil)
    }

    @Test("An edge counts from the clock's instant, however late it is seen", arguments: [0.0, 0.2, 3600])
    func edge(late: Double) {
        var record = CapacityRecord()
        _ = look(&record, capacity(open: true, max: 20, since: edge - 3600, next: edge), at: edge - 60)
        let seen = look(&record, capacity(open: false, max: 0, since: edge), at: edge + late)
        #expect(seen.change == .edge(at: edge))
        #expect(seen.closing == Closing(since: edge, cause: .schedule))
        #expect(seen.ceiling == 0)
        #expect(look(&record, capacity(open: false, max: 0, since: edge), at: edge + late + 1).change == .nothing)
    }

    @Test("An edge missed while nobody looked is made up for with the clock's instant")
    func missed() {
        var record = CapacityRecord(
            restoring: ScheduleStatus(
                open: true, by: "office-hours", lastTransitionTime: Timestamp(edge - 3600),
                nextTransitionTime: Timestamp(edge)))
        let seen = look(&record, capacity(open: false, max: 0, since: edge), at: edge + 500)
        #expect(seen.change == .edge(at: edge))
        #expect(seen.closing?.since == edge)
    }

    @Test("A schedule made while tasks run gives them their whole drain, although its window closed long ago")
    func created() {
        var record = CapacityRecord(restoring: ScheduleStatus(open: true))
        let closed = capacity(open: false, max: 0, since: edge)
        let seen = look(&record, closed, at: edge + 50_000)
        #expect(seen.change == .seen(at: edge + 50_000))
        #expect(seen.closing?.since == edge + 50_000)
        #expect(look(&record, closed, at: edge + 50_300).closing?.since == edge + 50_000)
    }

    @Test("A restart does not begin the drain again")
    func restart() {
        var record = CapacityRecord(
            restoring: ScheduleStatus(open: false, by: "office-hours", lastTransitionTime: Timestamp(edge)))
        for since in [nil, edge - 86_400] {
            let seen = look(&record, capacity(open: false, max: 0, since: since), at: edge + 300)
            #expect(seen.change == .nothing)
            #expect(seen.closing?.since == edge)
        }
    }

    @Test("A ceiling lowered by an edit while open drains from the edit; a restart of the operator is no edit")
    func edited() {
        var record = CapacityRecord()
        _ = look(&record, capacity(open: true, max: 20, since: edge, next: edge + 30_000), at: edge)
        let lower = capacity(open: true, max: 4, since: edge, next: edge + 30_000)
        #expect(look(&record, lower, at: edge + 9000).closing?.since == edge + 9000)
        var restarted = CapacityRecord(
            restoring: ScheduleStatus(open: true, by: "office-hours", lastTransitionTime: Timestamp(edge + 9000)))
        #expect(look(&restarted, lower, at: edge + 9100).closing?.since == edge + 9000)
    }

    @Test("A ceiling that the clock lowers while open is an edge as well")
    func lowered() {
        var record = CapacityRecord()
        _ = look(&record, capacity(open: true, max: 20, since: edge - 60, next: edge), at: edge - 60)
        let seen = look(&record, capacity(open: true, max: 4, since: edge), at: edge)
        #expect(seen.closing == Closing(since: edge, cause: .schedule))
    }

    @Test("An override that closes drains from when it was seen, and opening again ends the closing")
    func override() {
        var record = CapacityRecord()
        _ = look(&record, capacity(open: true, max: 20, since: edge, next: edge + 30_000), at: edge)
        let closed = capacity(open: false, max: 0, since: nil, next: edge + 9000, cause: .override)
        #expect(look(&record, closed, at: edge + 60).closing == Closing(since: edge + 60, cause: .override))
        let seen = look(&record, capacity(open: true, max: 20, since: edge, next: nil), at: edge + 9000)
        #expect(seen.closing == nil)
        #expect(record.lastTransition == edge)
    }

    @Test("A clock set back does not put the end of a drain off until it has caught up")
    func clockSetBack() {
        var record = CapacityRecord(
            restoring: ScheduleStatus(open: false, by: "office-hours", lastTransitionTime: Timestamp(edge)))
        let seen = look(&record, capacity(open: false, max: 0, since: nil), at: edge - 40_000)
        #expect(seen.closing?.since == edge - 40_000)
    }

    @Test("The spec's maximum is a ceiling that no schedule raises, and the floor never passes the ceiling")
    func bounds() {
        var record = CapacityRecord()
        var wide = capacity(open: true, max: 900)
        wide.workers?.min = 50
        let seen = look(&record, wide, at: edge)
        #expect(seen.ceiling == 20 && seen.floor == 20 && seen.closing == nil)
    }

    @Test("With the last schedule gone the spec's bounds hold again, and no transition stays recorded")
    func deleted() {
        var record = CapacityRecord()
        _ = look(&record, capacity(open: false, max: 0, since: edge), at: edge)
        let seen = look(&record, .ungoverned, at: edge + 60)
        #expect(seen.ceiling == 20 && seen.closing == nil)
        #expect(seen.change == .seen(at: edge + 60))
        #expect(record.lastTransition == nil)
    }
}
