import FoundationEssentials
import KubernetesModel
import MartletAPI
import MartletDecisions
import Testing

@testable import MartletOperator

@Suite("A schedule's status") struct GPUScheduleReportTests {
    private let zones = ZoneDirectory()

    private func report(
        _ schedule: GPUSchedule, missing: [String] = [], at now: Date = OfficeHours.opening
    ) -> GPUScheduleReport {
        GPUScheduleReport(
            schedule, ReadSchedule(schedule, zones: zones), missing: missing, after: schedule.status, now: now)
    }

    @Test("says whether it is open, for which window, and what comes next")
    func open() {
        let status = report(OfficeHours.schedule()).status
        #expect(status.open == true)
        #expect(status.window == "weekdays")
        #expect(status.nextTransition == .close)
        #expect(status.nextTransitionTime?.date == OfficeHours.closing)
        #expect(status.conditions?["Accepted"]?.status == .yes)
        #expect(status.conditions?["Ready"]?.reason == "Scheduled")
        #expect(status.observedGeneration == 1)
        let later = report(OfficeHours.schedule(), at: OfficeHours.closing).status
        #expect(later.open == false && later.window == nil && later.nextTransition == .open)
    }

    @Test("is looked at again at the next change, and looks alike until then")
    func next() {
        let first = report(OfficeHours.schedule())
        #expect(first.nextChange == OfficeHours.closing)
        #expect(first.lastTransition(notAfter: OfficeHours.opening) == OfficeHours.opening)
        let second = report(OfficeHours.schedule(status: first.status), at: OfficeHours.closing - 1)
        #expect(second.status == first.status)
    }

    @Test("suspended, it holds what was recorded; never recorded, it is closed", arguments: [true, false, nil])
    func suspended(recorded: Bool?) {
        let schedule = OfficeHours.schedule(status: recorded.map { GPUScheduleStatus(open: $0) }) { $0.suspend = true }
        let report = report(schedule)
        #expect(report.status.open == recorded ?? false)
        #expect(report.status.conditions?["Ready"]?.reason == "Suspended")
        #expect(report.status.conditions?["Accepted"]?.status == .yes)
        #expect(report.status.nextTransitionTime == nil)
        #expect(report.state == nil && report.nextChange == nil)
    }

    @Test("with a zone that this machine does not have it is not accepted, says what to do and holds")
    func unknownZone() throws {
        let schedule = OfficeHours.schedule(status: GPUScheduleStatus(open: true)) { $0.timeZone = "Asia/Atlantis" }
        let status = report(schedule).status
        #expect(status.open == true)
        let accepted = try #require(status.conditions?["Accepted"])
        #expect(accepted.status == .no && accepted.reason == "UnknownTimeZone")
        #expect(accepted.message.contains("Asia/Atlantis") && accepted.message.contains("IANA"))
        #expect(status.conditions?["Ready"]?.reason == "UnknownTimeZone")
    }

    @Test("with a mistake in it it names the mistake and holds")
    func refused() {
        let schedule = OfficeHours.schedule(status: GPUScheduleStatus(open: true)) { $0.windows?[0].from = "25:00" }
        let status = report(schedule).status
        #expect(status.open == true)
        #expect(status.conditions?["Accepted"]?.reason == "InvalidTime")
    }

    @Test("endpoints that do not exist are named, however many")
    func missing() {
        let message = report(OfficeHours.schedule(), missing: (0..<20).map { "m\($0)" }).status.conditions?["Ready"]?
            .message
        #expect(message?.contains("m0, m1") == true && message?.contains("12 more") == true)
    }
}

@Suite("A schedule's shelf") struct ScheduleShelfTests {
    @Test("a schedule is read anew when its spec or its recorded word changes, and only then")
    func versions() {
        let shelf = ScheduleShelf(zones: ZoneDirectory())
        var schedule = OfficeHours.schedule { $0.suspend = true }
        let first = shelf.read(schedule)
        #expect(first.governing == shelf.read(schedule).governing)
        schedule.status = GPUScheduleStatus(open: true)
        #expect(shelf.read(schedule).governing != first.governing)
        schedule = OfficeHours.schedule()
        schedule.metadata.generation = 2
        guard case .follows = shelf.read(schedule).governing.word else {
            Issue.record("the new spec was not read")
            return
        }
    }
}
