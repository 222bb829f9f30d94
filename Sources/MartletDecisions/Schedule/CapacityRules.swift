public import FoundationEssentials
internal import MartletAPI

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
        if let override, override.until > now {
            var capacity = holding(under: override).capacity
            capacity.nextTransition = override.until
            capacity.nextOpens = holding(under: override).opens(into: scheduled(at: override.until))
            return capacity
        }
        let holding = scheduled(at: now)
        var capacity = holding.capacity
        let since = since(now, holding)
        capacity.workers?.since = since[.workers]
        capacity.runpod?.since = since[.runpod]
        if let next = next(after: now, holding) {
            capacity.nextTransition = next.time
            capacity.nextOpens = holding.opens(into: next.holding)
        }
        return capacity
    }

    /// The next instant at which the schedules change what holds; one at which nothing does, if they don't for many of
    /// their own changes: then it is time to look again.
    private func next(after now: Date, _ current: Holding) -> (time: Date, holding: Holding)? {
        var walk = CapacityWalk(schedules, from: now, .forward)
        var found: (time: Date, holding: Holding)?
        for _ in 0..<Self.changesAhead {
            guard let step = walk.step() else { return nil }
            let after = holding(walk.allowances)
            found = (step.time, after)
            if after != current || !step.isChange { break }
        }
        return found
    }

    /// The latest instants at which the clock changed the bounds.
    private func since(_ now: Date, _ current: Holding) -> [CapacityBackend: Date] {
        var walk = CapacityWalk(schedules, from: now, .backward)
        var found: [CapacityBackend: Date] = [:]
        var wanted = CapacityBackend.allCases.filter { current[$0] != nil }
        for count in 1...Self.changesAhead where !wanted.isEmpty {
            guard let step = walk.step() else { break }
            let before = holding(walk.allowances)
            // As far as is looked, it has held since then.
            let isEnd = count == Self.changesAhead || !step.isChange
            for backend in wanted where isEnd || before[backend] != current[backend] { found[backend] = step.time }
            wanted.removeAll { found[$0] != nil }
        }
        // An override that is over ended with a change, unless it said what the schedules say.
        guard let override, override.until <= now else { return found }
        let overridden = holding(under: override)
        for backend in CapacityBackend.allCases where override.until > found[backend] ?? .distantPast {
            guard let before = overridden[backend], let after = current[backend], !after.isSame(as: before) else {
                continue
            }
            found[backend] = override.until
        }
        return found
    }

    /// Changes of the schedules that are looked through for one that changes the bounds: a fortnight's and more.
    private static let changesAhead = 32
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
        holding(schedules.map { $0.allowance(in: $0.calendar?.state(at: now)) })
    }

    /// `allowances` of the schedules, in their order.
    private func holding(_ allowances: [GoverningSchedule.Allowance]) -> Holding {
        let words = zip(schedules, allowances).map { (schedule: $0, allowance: $1) }
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
