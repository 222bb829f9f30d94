public import FoundationEssentials
public import MartletAPI

/// What schedules, override and spec together make of an endpoint's capacity at any instant.
///
/// For each backend: with any governing schedule open, the highest min and the highest max of the open ones, where an
/// omitted bound is the spec's; with none open, the highest of their `outside` bounds, where an omitted bound is 0. The
/// spec's max is a ceiling that nothing raises, and no min is above its max.
public struct CapacityRules: Sendable, Hashable {
    /// Those that name the endpoint among their targets, by name.
    public let schedules: [GoverningSchedule]
    /// The annotation's word, also where its time is over: its end changed what holds.
    public let override: CapacityOverride?
    /// The spec's own bounds.
    public let spec: EndpointBounds

    /// Rules of one endpoint.
    public init(schedules: [GoverningSchedule], override: CapacityOverride?, spec: EndpointBounds) {
        self.schedules = schedules.sorted { $0.name < $1.name }
        self.override = override
        self.spec = spec
    }

    /// What holds then.
    public func capacity(at now: Date) -> Capacity {
        let overriding = override.flatMap { $0.until > now ? $0 : nil }
        let holding = overriding.map(holding(under:)) ?? scheduled(at: now)
        var capacity = holding.capacity
        if overriding == nil {
            capacity.workers?.since = since(.workers, now)
            capacity.runpod?.since = since(.runpod, now)
        }
        if let next = overriding?.until ?? nextChange(after: now, from: holding) {
            capacity.nextTransition = next
            capacity.nextOpens = holding.opens(into: scheduled(at: next))
        }
        return capacity
    }

    /// The next instant at which the schedules change what holds; one at which nothing does, if they don't for many of
    /// their own changes: then it is time to look again.
    private func nextChange(after now: Date, from holding: Holding) -> Date? {
        var time = now
        for _ in 0..<Self.changesAhead {
            guard let next = schedules.compactMap({ $0.nextChange(after: time) }).min() else { return nil }
            if scheduled(at: next) != holding { return next }
            time = next
        }
        return time
    }

    /// The latest instant at which the clock changed the backend's bounds.
    private func since(_ backend: CapacityBackend, _ now: Date) -> Date? {
        guard let current = scheduled(at: now)[backend] else { return nil }
        let changed = lastChange(of: backend, from: current, notAfter: now)
        guard let override, override.until <= now, override.until > changed ?? .distantPast else { return changed }
        // An override that is over ended with a change, unless it said what the schedules say.
        let overridden = holding(under: override)[backend]
        return overridden.map(current.isSame) ?? true ? changed : override.until
    }

    private func lastChange(of backend: CapacityBackend, from current: BackendCapacity, notAfter now: Date) -> Date? {
        let governing = schedules.filter { $0.backends.contains(backend) }
        var time = now
        for _ in 0..<Self.changesAhead {
            guard let last = governing.compactMap({ $0.lastChange(notAfter: time) }).max() else { return nil }
            // Calendars change at whole seconds only.
            time = last.addingTimeInterval(-1)
            if scheduled(at: time)[backend] != current { return last }
        }
        return time.addingTimeInterval(1)
    }

    /// Changes of the schedules that are looked through for one that changes the bounds: a month's and more.
    private static let changesAhead = 64
}

extension CapacityRules {
    /// What holds at an instant, without what the clock says of before and after.
    private struct Holding: Hashable {
        var by: String?
        var workers: BackendCapacity?
        var runpod: BackendCapacity?
        /// Whether any backend that the endpoint has is open, or not governed.
        var isOpen: Bool

        subscript(backend: CapacityBackend) -> BackendCapacity? {
            switch backend {
            case .workers: workers
            case .runpod: runpod
            }
        }

        var capacity: Capacity {
            Capacity(isOpen: isOpen, by: by, workers: workers, runpod: runpod, nextTransition: nil, nextOpens: nil)
        }

        /// Whether the change to `next` opens or closes; nil: neither.
        func opens(into next: Holding) -> Bool? {
            if isOpen != next.isOpen { return next.isOpen }
            for backend in CapacityBackend.allCases {
                let (before, after) = (self[backend]?.isOpen, next[backend]?.isOpen)
                if let after, before != after { return after }
            }
            return nil
        }
    }

    private func scheduled(at now: Date) -> Holding {
        let words = schedules.map { (schedule: $0, allowance: $0.allowance(at: now)) }
        var (open, closed): (String?, String?)
        func capacity(_ backend: CapacityBackend) -> BackendCapacity? {
            let governing = words.filter { $0.schedule.backends.contains(backend) }
            guard let own = spec[backend], let first = governing.first else { return nil }
            let opening = governing.filter(\.allowance.isOpen)
            open = open ?? opening.first?.schedule.name
            closed = closed ?? first.schedule.name
            return BackendCapacity(
                (opening.isEmpty ? governing : opening).flatMap { $0.allowance.bounds(of: backend) },
                omitted: opening.isEmpty ? 0...0 : own, ceiling: own.upperBound, isOpen: !opening.isEmpty,
                cause: .schedule)
        }
        let (workers, runpod) = (capacity(.workers), capacity(.runpod))
        return Holding(
            by: open ?? closed, workers: workers, runpod: runpod, isOpen: isOpen(workers: workers, runpod: runpod))
    }

    private func holding(under override: CapacityOverride) -> Holding {
        func capacity(_ backend: CapacityBackend) -> BackendCapacity? {
            guard let own = spec[backend] else { return nil }
            guard override.state == .open else {
                return BackendCapacity([], omitted: 0...0, ceiling: 0, isOpen: false, cause: .override)
            }
            let inside = schedules.filter { $0.backends.contains(backend) }.compactMap(\.inside)
            return BackendCapacity(
                inside.map { $0[backend] ?? WorkerBounds() }, omitted: own, ceiling: own.upperBound, isOpen: true,
                cause: .override)
        }
        let (workers, runpod) = (capacity(.workers), capacity(.runpod))
        return Holding(
            by: "override", workers: workers, runpod: runpod, isOpen: isOpen(workers: workers, runpod: runpod))
    }

    private func isOpen(workers: BackendCapacity?, runpod: BackendCapacity?) -> Bool {
        spec.workers != nil && workers?.isOpen ?? true || spec.runpod != nil && runpod?.isOpen ?? true
    }
}

extension BackendCapacity {
    /// The highest of `bounds`, or `omitted` where there are none.
    fileprivate init(
        _ bounds: [WorkerBounds], omitted: ClosedRange<Int>, ceiling: Int, isOpen: Bool, cause: ClosingCause
    ) {
        let high = Swift.min(ceiling, bounds.map { $0.max ?? omitted.upperBound }.max() ?? omitted.upperBound)
        let low = bounds.map { $0.min ?? omitted.lowerBound }.max() ?? omitted.lowerBound
        self.init(isOpen: isOpen, min: Swift.min(low, high), max: high, since: nil, cause: cause)
    }

    /// Whoever let it be so.
    fileprivate func isSame(as other: BackendCapacity) -> Bool {
        (isOpen, min, max) == (other.isOpen, other.min, other.max)
    }
}

/// The bounds that an endpoint's own spec sets; nil: it has no such backend.
public struct EndpointBounds: Sendable, Hashable {
    /// Of the in-cluster workers.
    public var workers: ClosedRange<Int>?
    /// Of the RunPod endpoint.
    public var runpod: ClosedRange<Int>?

    /// What is left out does not exist.
    public init(workers: ClosedRange<Int>? = nil, runpod: ClosedRange<Int>? = nil) {
        self.workers = workers
        self.runpod = runpod
    }

    /// Those of an accepted spec.
    public init(of endpoint: ResolvedEndpoint) {
        let workers = endpoint.scaling?.workers
        self.init(
            workers: workers.map { $0.minReplicas...max($0.minReplicas, $0.maxReplicas) },
            runpod: endpoint.runpod.map { $0.workers.min...max($0.workers.min, $0.workers.max) })
    }

    subscript(backend: CapacityBackend) -> ClosedRange<Int>? {
        switch backend {
        case .workers: workers
        case .runpod: runpod
        }
    }
}
