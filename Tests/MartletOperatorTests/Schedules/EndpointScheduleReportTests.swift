import FoundationEssentials
import KubernetesModel
import MartletAPI
import MartletDecisions
import Testing

@testable import MartletOperator

@Suite("An endpoint's word on its schedules") struct EndpointScheduleReportTests {
    private let now = OfficeHours.opening

    private func capacity(open: Bool, by: String? = "office-hours") -> Capacity {
        Capacity(
            isOpen: open, by: by, workers: nil, runpod: nil, nextTransition: OfficeHours.closing, nextOpens: !open)
    }

    @Test("an endpoint that nothing governs is open and has no condition about it")
    func ungoverned() {
        let report = EndpointScheduleReport(.ungoverned, .absent, lastTransition: nil, now: now)
        #expect(report.status == ScheduleStatus(open: true))
        #expect(report.findings.isEmpty)
    }

    @Test("who decides, since when and until when stand in the status, in whole seconds", arguments: [true, false])
    func governed(open: Bool) throws {
        let report = EndpointScheduleReport(capacity(open: open), .absent, lastTransition: now + 0.4, now: now + 1)
        #expect(report.status.open == open && report.status.by == "office-hours")
        #expect(report.status.lastTransitionTime?.date == now)
        #expect(report.status.nextTransitionTime?.date == OfficeHours.closing)
        let finding = try #require(report.findings.first)
        #expect(finding.type == "ScheduleOpen" && finding.status == (open ? .yes : .no))
        #expect(finding.message.contains("office-hours"))
        #expect(finding.message.contains("2027-11-22T08:00:00Z"))
    }

    @Test("an override tells its end, that it is over, or what is wrong with it")
    func overrides() {
        func reason(_ value: String) -> (ConditionStatus, String)? {
            EndpointScheduleReport(
                capacity(open: true), OverrideReading(value, now: now), lastTransition: nil, now: now
            ).findings.first { $0.type == "OverrideAccepted" }.map { ($0.status, $0.reason) }
        }
        #expect(reason("Open until=2027-11-22T07:00:00Z")! == (.yes, "Overridden"))
        #expect(reason("Closed until=2027-11-21T07:00:00Z")! == (.yes, "Expired"))
        for value in [
            "", "Open", "open until=2027-11-22T07:00:00Z", "Open until=tomorrow", "Open until=2028-11-22T07:00:00Z",
        ] {
            #expect(reason(value)! == (.no, "MalformedOverride"), "\(value)")
        }
    }

    @Test("conditions that no longer hold are taken away, others stay")
    func replaced() {
        var conditions: [Condition] = []
        EndpointScheduleReport(
            capacity(open: true), OverrideReading("Open", now: now), lastTransition: nil, now: now
        ).replace(in: &conditions, at: now, generation: 1)
        conditions.set(Finding("Accepted", .yes, "Accepted", "").condition(at: now, generation: 1))
        #expect(conditions.count == 3)
        EndpointScheduleReport.ungoverned.replace(in: &conditions, at: now, generation: 1)
        #expect(conditions.map(\.type) == ["Accepted"])
    }
}
