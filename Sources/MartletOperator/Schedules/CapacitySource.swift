internal import FoundationEssentials
internal import KubernetesModel
internal import MartletAPI
internal import MartletDecisions

/// The capacity that an endpoint may have now: the watched schedules, the clock and the endpoint's own override.
struct CapacitySource: Sendable {
    /// Nil where the cluster does not know the kind: nothing is scheduled.
    let schedules: Cache<GPUSchedule>?
    let index: ScheduleIndex
    let shelf: ScheduleShelf

    /// What schedules and override let `endpoint` have at `now`. A spec that is refused has no backend to govern.
    func capacity(of endpoint: InferenceEndpoint, at now: Date) -> Capacity {
        capacity(of: endpoint, as: endpoint.resolution, at: now)
    }

    /// The same for who has checked the spec already.
    func capacity(of endpoint: InferenceEndpoint, as resolution: SpecResolution, at now: Date) -> Capacity {
        let governing = index.schedules(of: endpoint.key).compactMap { schedules?[$0] }.map { shelf.read($0).governing }
        let override = OverrideReading(of: endpoint, at: now).accepted
        guard !governing.isEmpty || override != nil else { return .ungoverned }
        let spec =
            switch resolution {
            case .accepted(let resolved): EndpointBounds(of: resolved)
            case .refused: EndpointBounds()
            }
        return CapacityRules(schedules: governing.sorted { $0.name < $1.name }, override: override, spec: spec)
            .capacity(at: now)
    }
}

extension OverrideReading {
    /// The endpoint's annotation.
    init(of endpoint: InferenceEndpoint, at now: Date) {
        self.init(endpoint.metadata.annotations?[CapacityOverride.annotation], now: now)
    }
}
