internal import MartletAPI

/// When one window is open, in seconds since 1970.
///
/// On the wall a window is a state that each start opens and each end that is no start closes; such a stretch, a *run*, is
/// brought to UTC as a whole: begun `preWarm` early, dropped where both its ends fall into the same gap.
struct WindowCalendar: Sendable, Hashable {
    /// A run, open at `start` and closed at `end`; `end` nil: it never closes.
    struct Run: Sendable, Hashable {
        var start: Int
        var end: Int?
        /// The local minutes of both.
        fileprivate var first: Int
        fileprivate var close: Int?
    }

    /// What the window is from one change of it to the next.
    struct Stretch: Sendable, Hashable {
        var isOpen: Bool
        /// The nearest change on the side that was looked to; nil: there is none.
        var edge: Int?
    }

    let zone: TimeZoneRules
    let preWarm: Int
    private let starts: CronTimes
    private let closings: ClosingTimes

    /// Runs that one look joins, where each begins before the last is over: enough for five years of daily windows. What
    /// is joined beyond seems to end and, looked at from there, goes on.
    private static let runsAhead = 2_000

    init(_ window: ResolvedWindow, preWarmSeconds: Int, in zone: TimeZoneRules) {
        self.zone = zone
        preWarm = preWarmSeconds
        starts = CronTimes(window.start)
        closings = ClosingTimes(starts: starts, ends: CronTimes(window.end))
    }

    /// `begun`: the latest local time that has come by `instant`, begun early.
    func isOpen(at instant: Int, begun: Int) -> Bool {
        guard let start = starts.last(notAfter: floor(begun, by: 60).quotient) else { return false }
        guard let close = closings.next(after: start) else { return true }
        let end = zone.instant(ofLocal: close * 60)
        if end <= instant { return false }
        if preWarm == 0 || zone.instant(ofLocal: start * 60) < end { return true }
        // In a gap: whether the run began before it, or is none.
        return current(at: instant).map { isOpen($0, at: instant) } ?? false
    }

    /// What it is, and until when.
    func following(_ instant: Int) -> Stretch {
        guard let run = current(at: instant), isOpen(run, at: instant) else {
            // A run that has begun by then begins no more.
            let begun = floor(zone.latestLocal(at: instant + preWarm), by: 60).quotient
            return Stretch(isOpen: false, edge: run(after: begun)?.start)
        }
        var last = run
        for _ in 0..<Self.runsAhead {
            guard let end = last.end, let close = last.close, let next = self.run(after: close), next.start <= end
            else {
                break
            }
            last = next
        }
        return Stretch(isOpen: true, edge: last.end)
    }

    /// What it is, and since when.
    func preceding(_ instant: Int) -> Stretch {
        guard let run = current(at: instant) else { return Stretch(isOpen: false, edge: nil) }
        guard isOpen(run, at: instant) else { return Stretch(isOpen: false, edge: run.end) }
        var first = run
        for _ in 0..<Self.runsAhead {
            guard let previous = self.run(before: first.first), let end = previous.end, end >= first.start else {
                break
            }
            first = previous
        }
        // Where nothing closes it, it has been open for ever.
        let hasClosed = closings.last(notAfter: first.first - 1) != nil
        return Stretch(isOpen: true, edge: hasClosed ? first.start : nil)
    }

    private func isOpen(_ run: Run, at instant: Int) -> Bool { run.end.map { $0 > instant } ?? true }

    /// The latest run that has begun.
    private func current(at instant: Int) -> Run? {
        // Runs end in the order in which they begin: whether the latest is over decides.
        let latest = floor(zone.latestLocal(at: instant + preWarm), by: 60).quotient
        return starts.last(notAfter: latest).flatMap { run(startingNear: $0) }
    }

    /// The run that holds the start, or the last one before it that any clock shows.
    private func run(startingNear start: Int) -> Run? {
        let previousClose = closings.last(notAfter: start - 1)
        let first = previousClose.flatMap { starts.next(after: $0) } ?? start
        if let run = run(from: first, to: closings.next(after: start)) { return run }
        return run(before: first)
    }

    private func run(before first: Int) -> Run? {
        var limit = first - 1
        for _ in 0..<Self.runsAhead {
            guard let start = starts.last(notAfter: limit) else { return nil }
            let begin = closings.last(notAfter: start - 1).flatMap { starts.next(after: $0) } ?? start
            if let run = run(from: begin, to: closings.next(after: start)) { return run }
            limit = begin - 1
        }
        return nil
    }

    private func run(after close: Int) -> Run? {
        var limit = close
        for _ in 0..<Self.runsAhead {
            guard let start = starts.next(after: limit) else { return nil }
            let end = closings.next(after: start)
            if let run = run(from: start, to: end) { return run }
            guard let end else { return nil }
            limit = end
        }
        return nil
    }

    /// Nil for a run that no clock shows.
    private func run(from first: Int, to close: Int?) -> Run? {
        let start = zone.instant(ofLocal: first * 60)
        let end = close.map { zone.instant(ofLocal: $0 * 60) }
        if let end, end <= start { return nil }
        return Run(start: start - preWarm, end: end, first: first, close: close)
    }
}
