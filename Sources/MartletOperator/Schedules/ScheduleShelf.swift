internal import KubernetesModel
internal import MartletAPI
internal import MartletDecisions
internal import Synchronization

/// The schedules as read, checked and with their zones' rules: that is done once a version, not once a look.
final class ScheduleShelf: Sendable {
    private struct Kept {
        var uid: String?
        var generation: Int64?
        var recordedOpen: Bool?
        var read: ReadSchedule
    }
    private let zones: ZoneDirectory
    private let kept = Mutex<[ObjectKey: Kept]>([:])
    private let readings = Mutex(0)

    init(zones: ZoneDirectory) { self.zones = zones }

    /// What `schedule` has to say.
    func read(_ schedule: GPUSchedule) -> ReadSchedule {
        let metadata = schedule.metadata
        let known = kept.withLock { $0[schedule.key] }
        if let known, known.uid == metadata.uid, known.generation == metadata.generation, metadata.generation != nil,
            known.recordedOpen == schedule.status?.open
        {
            return known.read
        }
        let number = readings.withLock { count in
            count += 1
            return count
        }
        let read = ReadSchedule(schedule, zones: zones, number: number)
        // A zone that is missing may be installed any time.
        if read.zoneProblem == nil {
            kept.withLock {
                $0[schedule.key] = Kept(
                    uid: metadata.uid, generation: metadata.generation, recordedOpen: schedule.status?.open, read: read)
            }
        }
        return read
    }

    /// Forgets a schedule that is gone.
    func forget(_ key: ObjectKey) { kept.withLock { $0[key] = nil } }
}

/// One schedule, read.
struct ReadSchedule: Sendable {
    /// Tells one reading from another.
    let number: Int
    /// What it says of its endpoints.
    var governing: GoverningSchedule
    /// What is wrong with its spec; empty: nothing.
    var problems: [SpecProblem]
    /// Why its zone can't be used.
    var zoneProblem: ZoneProblem?

    init(_ schedule: GPUSchedule, zones: ZoneDirectory, number: Int = 0) {
        self.number = number
        var zone: TimeZoneRules?
        switch schedule.resolution {
        case .refused(let problems): self.problems = problems
        case .accepted(let resolved):
            problems = []
            do throws(ZoneProblem) { zone = try zones.rules(of: resolved.timeZone) } catch { zoneProblem = error }
        }
        governing = GoverningSchedule(schedule, zone: zone)
    }
}
