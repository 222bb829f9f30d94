import FoundationEssentials
import KubernetesModel
import MartletAPI
import MartletDecisions

@testable import MartletOperator

/// A schedule in Seoul, 08:00 to 17:00 from Monday to Friday, to be changed by each test.
enum OfficeHours {
    /// Monday, 22 November 2027, 08:00 and 17:00 in Seoul.
    static let opening = Date(timeIntervalSince1970: 1_826_838_000)
    static let closing = opening + 9 * 3600

    static var spec: GPUScheduleSpec {
        GPUScheduleSpec(
            timeZone: "Asia/Seoul", targets: [ScheduleTarget(name: "w")],
            windows: [
                ScheduleWindowSpec(
                    name: "weekdays", days: ["Mon", "Tue", "Wed", "Thu", "Fri"], from: "08:00", to: "17:00")
            ])
    }

    static func schedule(
        _ name: String = "office-hours", status: GPUScheduleStatus? = nil,
        _ change: (inout GPUScheduleSpec) -> Void = { _ in }
    ) -> GPUSchedule {
        var spec = spec
        change(&spec)
        var metadata = ObjectMeta(name: name, namespace: "dev")
        metadata.uid = "uid-\(name)"
        metadata.generation = 1
        return GPUSchedule(metadata: metadata, spec: spec, status: status)
    }
}
