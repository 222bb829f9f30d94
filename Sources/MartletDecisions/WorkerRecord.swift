import FoundationEssentials

/// What one worker has said, and what follows from it at a given instant.
///
/// ```
///            two quiet heartbeats in a row
///  unproven ──────────────────────────────▶ idle
///     ▲  ▲      a task active or processed   │
///     │  └──────────── busy ◀────────────────┤
///     └ heartbeat after a gap    silent ◀────┘ the next heartbeat is overdue
/// ```
struct WorkerRecord: Sendable {
    private enum Finding {
        case unproven, idle, worked
        case active(Int)
    }

    private(set) var lastHeard: Date
    /// Nil until the first heartbeat after the worker came online.
    private var last: Heartbeat?
    private var finding: Finding
    private var hasLeft = false

    init(onlineAt now: Date) {
        lastHeard = now
        finding = .unproven
    }

    init(_ heartbeat: Heartbeat, at now: Date) {
        lastHeard = now
        let heartbeat = heartbeat.bounded
        last = heartbeat
        finding = heartbeat.active > 0 ? .active(heartbeat.active) : .unproven
    }

    mutating func receive(_ heartbeat: Heartbeat, at now: Date, listeningSince: Date?) {
        let heartbeat = heartbeat.bounded
        let gap = now.timeIntervalSince(lastHeard)
        let follows =
            !hasLeft && gap >= 0 && gap <= overdueAfter
            && listeningSince.map { lastHeard >= $0 } ?? false
        let moved = last.map { $0.processed != heartbeat.processed } ?? false
        let quietBefore = last.map { $0.active == 0 } ?? false
        finding =
            if heartbeat.active > 0 {
                .active(heartbeat.active)
            } else if moved {
                .worked
            } else if follows, quietBefore {
                .idle
            } else {
                .unproven
            }
        last = heartbeat
        lastHeard = now
        hasLeft = false
    }

    mutating func leave(at now: Date) {
        hasLeft = true
        lastHeard = now
    }

    func evidence(at now: Date, listeningSince: Date?) -> WorkerEvidence {
        let overdueAt = lastHeard.addingTimeInterval(overdueAfter)
        guard let listeningSince else { return .busy(.silent(since: lastHeard)) }
        if lastHeard < listeningSince {
            let patience = Heartbeat.unheardPeriods * (last?.frequency ?? Heartbeat.defaultFrequency)
            return now < listeningSince.addingTimeInterval(patience)
                ? .busy(.unproven) : .busy(.silent(since: listeningSince))
        }
        if hasLeft || now > overdueAt { return .busy(.silent(since: lastHeard)) }
        return switch finding {
        case .active(let count): .busy(.active(count))
        case .worked: .busy(.worked)
        case .unproven: .busy(.unproven)
        case .idle: .idle(overdueAt: overdueAt)
        }
    }

    private var overdueAfter: Double { Heartbeat.overdueFactor * (last?.frequency ?? Heartbeat.defaultFrequency) }
}

extension Heartbeat {
    /// Seconds between Celery's heartbeats unless told otherwise.
    static let defaultFrequency = 2.0
    /// A heartbeat later than this many periods is overdue. Late is taken for busy, the safe side, so it may be tight.
    static let overdueFactor = 1.5
    /// Periods for which a worker that was never heard counts as busy.
    static let unheardPeriods = 3.0

    /// The same with numbers that can be worked with. A promise of one heartbeat a year must not pass for proof of
    /// idleness all year; ten minutes is more than anyone sets.
    fileprivate var bounded: Heartbeat {
        let frequency = self.frequency.isFinite ? min(max(self.frequency, 0.5), 600) : Self.defaultFrequency
        return Heartbeat(active: max(0, active), processed: processed, frequency: frequency)
    }
}
