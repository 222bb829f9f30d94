internal import FoundationEssentials
internal import Kubernetes
internal import KubernetesModel
internal import MartletAPI
internal import MartletDecisions
internal import MartletOperator

/// The schedules that govern one endpoint, with the zones in which people read them.
struct EndpointSchedules {
    let endpoint: InferenceEndpoint
    let all: [GPUSchedule]
    let zones: ZoneDirectory

    /// Those of the endpoint's namespace that name it; none where the cluster does not know the kind, or does not let
    /// the user read it.
    static func load(of endpoint: InferenceEndpoint, _ client: KubernetesClient) async -> EndpointSchedules {
        var schedules: [GPUSchedule] = []
        var next: PageToken?
        repeat {
            let page = try? await client.resources(GPUSchedule.self).page(in: endpoint.key.namespace, after: next)
            schedules += page?.items ?? []
            next = page?.next
        } while next != nil
        return EndpointSchedules(
            endpoint: endpoint,
            all: schedules.filter { $0.targetNames.contains(endpoint.key.name) }.sorted { $0.key < $1.key },
            zones: Self.zones)
    }

    /// The zones of this machine.
    static var zones: ZoneDirectory { ZoneDirectory(folder: ProcessInfo.processInfo.environment["TZDIR"]) }

    /// The zone of the person who reads.
    static func local(_ zones: ZoneDirectory) -> TimeZoneRules? {
        zones.local(environment: ProcessInfo.processInfo.environment["TZ"])
    }

    /// `office-hours`, or several joined.
    var names: String { all.map(\.key.name).joined(separator: ", ") }

    /// The first schedule's zone; nil if there is none, or it is not known here.
    var zone: (name: String, rules: TimeZoneRules)? {
        for schedule in all {
            guard case .accepted(let resolved) = schedule.resolution,
                let rules = try? zones.rules(of: resolved.timeZone)
            else { continue }
            return (resolved.timeZone.rawValue, rules)
        }
        return nil
    }

    /// What decides over the endpoint's capacity.
    func rules(now: Date) -> CapacityRules {
        let governing = all.map { schedule in
            guard case .accepted(let resolved) = schedule.resolution else {
                return GoverningSchedule(schedule, zone: nil)
            }
            return GoverningSchedule(schedule, zone: try? zones.rules(of: resolved.timeZone))
        }
        let spec =
            switch endpoint.resolution {
            case .accepted(let resolved): EndpointBounds(of: resolved)
            case .refused: EndpointBounds()
            }
        let annotation = endpoint.metadata.annotations?[CapacityOverride.annotation]
        return CapacityRules(
            schedules: governing, override: OverrideReading(annotation, now: now).accepted, spec: spec)
    }

    /// The instant on the reader's own wall, and in the schedule's zone where that shows something else.
    func describe(_ instant: Date) -> String {
        let own = Self.local(zones).map { LocalText(zone: $0).full(instant) } ?? "\(Timestamp(instant))"
        guard let zone else { return own }
        let there = LocalText(zone: zone.rules).full(instant)
        return there == own ? own : "\(own) (\(there) in \(zone.name))"
    }
}
