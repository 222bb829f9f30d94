internal import FoundationEssentials
internal import KubernetesModel
internal import MartletAPI
internal import MartletDecisions

/// What schedules and override make of one reconcile of an endpoint's workers.
struct ScheduleLook: Sendable {
    /// Within which the queue decides; nil: the spec's.
    let bounds: ScalingBounds?
    let report: EndpointScheduleReport
    /// When the same would be seen otherwise by time alone.
    private let next: Date?
    private let isOverridden: Bool

    /// A clock that was set is noticed within this time where no schedule's own look tells of it.
    private static let recheck = Duration.seconds(60)

    /// Looks once, and notes in `memory` what is new.
    init(_ endpoint: InferenceEndpoint, _ capacities: CapacitySource, _ memory: inout EndpointMemory, now: Date) {
        let capacity = capacities.capacity(of: endpoint, as: memory.resolution, at: now)
        let override = OverrideReading(of: endpoint, at: now)
        if case .accepted(let resolved) = memory.resolution, let workers = resolved.scaling?.workers {
            let seen = memory.capacity.observe(
                capacity, of: capacity.workers, specMin: workers.minReplicas, specMax: workers.maxReplicas, at: now)
            switch seen.change {
            case .edge(let instant): memory.pendingEdge = instant
            case .seen: memory.pendingEdge = nil
            case .nothing: break
            }
            bounds = ScalingBounds(floor: seen.floor, ceiling: seen.ceiling, closing: seen.closing)
        } else {
            bounds = nil
        }
        report = EndpointScheduleReport(capacity, override, lastTransition: memory.capacity.lastTransition, now: now)
        next = capacity.nextTransition
        isOverridden = override.accepted.map { $0.until > now } ?? false
    }

    /// Whether the object does not show yet what schedules and override make of it.
    func isNews(for endpoint: InferenceEndpoint) -> Bool {
        guard endpoint.status?.schedule == report.status else { return true }
        let told = endpoint.status?.conditions ?? []
        return EndpointScheduleReport.types.contains { type in
            told[type]?.reason != report.findings.first { $0.type == type }?.reason
        }
    }

    /// When to look again, not later than in `wait`.
    func nextLook(within wait: Duration, now: Date) -> Duration {
        var wait = wait
        if isOverridden { wait = min(wait, Self.recheck) }
        if let next { wait = min(wait, .until(next, from: now)) }
        return wait
    }
}

extension Duration {
    /// The time to an edge, rounded up: who wakes a nanosecond early has to look twice.
    static func until(_ edge: Date, from now: Date) -> Duration {
        .milliseconds(max(1, Int64((min(edge.timeIntervalSince(now), farthest) * 1000).rounded(.up))))
    }

    /// Ten years, in seconds: a later edge is not slept for at once, nor does it overflow.
    private static let farthest = 315_360_000.0
}
