internal import FoundationEssentials
internal import KubernetesModel
internal import MartletAPI
internal import MartletDecisions
internal import Synchronization

/// The capacity that an endpoint may have now: the watched schedules, the clock and the endpoint's own override.
///
/// A capacity holds until its next transition, so it is computed once for each and not once a look: a queue may change
/// a thousand times a second.
final class CapacitySource: Sendable {
    private struct Inputs: Equatable {
        var readings: [Int]
        var override: CapacityOverride?
        var spec: EndpointBounds
    }
    private struct Known {
        var inputs: Inputs
        var from: Date
        var capacity: Capacity

        func holds(at now: Date) -> Bool { from <= now && capacity.nextTransition.map { now < $0 } ?? true }
    }
    /// Nil where the cluster does not know the kind: nothing is scheduled.
    private let schedules: Cache<GPUSchedule>?
    private let index: ScheduleIndex
    private let shelf: ScheduleShelf
    private let known = Mutex<[ObjectKey: Known]>([:])

    init(schedules: Cache<GPUSchedule>?, index: ScheduleIndex, shelf: ScheduleShelf) {
        self.schedules = schedules
        self.index = index
        self.shelf = shelf
    }

    /// What schedules and override let `endpoint` have at `now`. A spec that is refused has no backend to govern.
    func capacity(of endpoint: InferenceEndpoint, at now: Date) -> Capacity {
        capacity(of: endpoint, as: endpoint.resolution, at: now)
    }

    /// The same for who has checked the spec already.
    func capacity(of endpoint: InferenceEndpoint, as resolution: SpecResolution, at now: Date) -> Capacity {
        let keys = index.schedules(of: endpoint.key)
        let override = OverrideReading(of: endpoint, at: now).accepted
        guard !keys.isEmpty || override != nil else {
            forget(endpoint.key)
            return .ungoverned
        }
        let read = keys.sorted().compactMap { schedules?[$0] }.map(shelf.read)
        let spec =
            switch resolution {
            case .accepted(let resolved): EndpointBounds(of: resolved)
            case .refused: EndpointBounds()
            }
        let inputs = Inputs(readings: read.map(\.number), override: override, spec: spec)
        if let known = known.withLock({ $0[endpoint.key] }), known.inputs == inputs, known.holds(at: now) {
            return known.capacity
        }
        let capacity = CapacityRules(schedules: read.map(\.governing), override: override, spec: spec)
            .capacity(at: now)
        known.withLock { $0[endpoint.key] = Known(inputs: inputs, from: now, capacity: capacity) }
        return capacity
    }

    /// Forgets an endpoint that is gone.
    func forget(_ key: ObjectKey) { known.withLock { $0[key] = nil } }
}

extension OverrideReading {
    /// The endpoint's annotation.
    init(of endpoint: InferenceEndpoint, at now: Date) {
        self.init(endpoint.metadata.annotations?[CapacityOverride.annotation], now: now)
    }
}
