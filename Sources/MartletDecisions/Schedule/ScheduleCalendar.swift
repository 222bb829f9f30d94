public import FoundationEssentials
public import MartletAPI

/// What a schedule says at each instant. Made once a schedule and kept: making it costs some microseconds a window.
///
/// An exception replaces the windows' word from the first instant of its first local day to the last of its last, and
/// nothing else: a window over midnight is cut there and goes on at the other side, and pre-warming neither reaches into a
/// closed day nor begins an open one earlier. Where an open and a closed exception name the same day, it is closed.
public struct ScheduleCalendar: Sendable, Hashable {
    /// What it is the calendar of.
    public let schedule: ResolvedSchedule
    /// The rules of its time zone.
    public let zone: TimeZoneRules
    let windows: [WindowCalendar]
    let exceptions: ExceptionCalendar

    /// `zone` must be that of `schedule.timeZone`.
    public init(_ schedule: ResolvedSchedule, in zone: TimeZoneRules) {
        self.schedule = schedule
        self.zone = zone
        windows = schedule.windows.map {
            WindowCalendar($0, preWarmSeconds: schedule.preWarmSeconds, in: zone)
        }
        exceptions = ExceptionCalendar(schedule.exceptions, in: zone)
    }

    /// What holds, in microseconds.
    public func state(at instant: Date) -> ScheduleState {
        let seconds = instant.wholeSeconds
        let exception = exceptions.stretch(at: seconds)
        if exception?.state == .closed {
            return ScheduleState(isOpen: false, names: exception?.names ?? [], bounds: [])
        }
        var state = ScheduleState(isOpen: false, names: [], bounds: [])
        for (window, calendar) in zip(schedule.windows, windows) where calendar.isOpen(at: seconds) {
            state.add(window.name, window.bounds)
        }
        for name in exception?.names ?? [] { state.add(name, schedule.inside) }
        return state
    }

    /// The first instant after this one at which ``state(at:)`` changes, be it only to another window; nil: it never does.
    /// It may be one at which nothing changes after all, where a schedule has not rested for thousands of openings.
    public func nextChange(after instant: Date) -> Date? {
        var sweep = ForwardSweep(self, from: instant.wholeSeconds)
        return sweep.step().map(Date.init(wholeSeconds:))
    }

    /// The latest instant not after this one at which ``state(at:)`` changed, with the same reservation.
    public func lastChange(notAfter instant: Date) -> Date? {
        lastEdge(notAfter: instant.wholeSeconds).map(Date.init(wholeSeconds:))
    }

    /// When it opens or closes next; nil: neither within five years nor within a thousand changes from window to window.
    public func nextTransition(after instant: Date) -> ScheduleTransition? {
        var sweep = ForwardSweep(self, from: instant.wholeSeconds)
        let isOpen = sweep.isOpen
        let end = instant.wholeSeconds + Self.horizon
        for _ in 0..<Self.changesAhead {
            guard let time = sweep.step(), time <= end else { return nil }
            if sweep.isOpen != isOpen { return ScheduleTransition(time, isOpen ? .close : .open) }
        }
        return nil
    }

    /// When it last opened or closed, looked for just as far.
    public func lastTransition(notAfter instant: Date) -> ScheduleTransition? {
        var seconds = instant.wholeSeconds
        let isOpen = state(at: instant).isOpen
        let end = seconds - Self.horizon
        for _ in 0..<Self.changesAhead {
            guard let edge = lastEdge(notAfter: seconds), edge >= end else { return nil }
            seconds = edge - 1
            if state(at: Date(wholeSeconds: seconds)).isOpen != isOpen {
                return ScheduleTransition(edge, isOpen ? .open : .close)
            }
        }
        return nil
    }

    /// Every opening and closing in the range, its lower bound included, found as they are asked for.
    public func transitions(in range: Range<Date>) -> some Sequence<ScheduleTransition> {
        let start = range.lowerBound.wholeSeconds
        let end = range.upperBound
        // A transition on the very bound counts.
        let sweep = ForwardSweep(self, from: range.lowerBound == Date(wholeSeconds: start) ? start - 1 : start)
        return sequence(state: sweep) { sweep in
            while true {
                let wasOpen = sweep.isOpen
                guard let time = sweep.step().map(Date.init(wholeSeconds:)), time < end else { return nil }
                if sweep.isOpen != wasOpen { return ScheduleTransition(time: time, kind: wasOpen ? .close : .open) }
            }
        }
    }

    private func lastEdge(notAfter seconds: Int) -> Int? {
        let edge = exceptions.edge(notAfter: seconds)
        // What the windows do on a closed day changes nothing.
        if exceptions.stretch(at: seconds)?.state == .closed { return edge }
        return windows.reduce(edge) { latest, window in
            guard let edge = window.preceding(seconds).edge else { return latest }
            return max(edge, latest ?? edge)
        }
    }

    /// Five years, in seconds: a leap day comes again within four, mostly.
    private static let horizon = 5 * 366 * 86_400
    /// More than there are in a year and a half of a day's and a night's window.
    private static let changesAhead = 1_000
}

/// What a schedule says at one instant.
public struct ScheduleState: Sendable, Hashable {
    /// Whether capacity may exist.
    public var isOpen: Bool
    /// The windows and exceptions that it is open for, or the exceptions that close it, in the order of the spec.
    public var names: [String]
    /// The bounds of each that it is open for; closed: empty, `outside` holds.
    public var bounds: [ScheduleBounds]

    /// For `status.window`: the names, joined by ", "; nil where there are none.
    public var window: String? { names.isEmpty ? nil : names.joined(separator: ", ") }

    fileprivate mutating func add(_ name: String, _ bounds: ScheduleBounds) {
        isOpen = true
        names.append(name)
        self.bounds.append(bounds)
    }
}

/// That a schedule opens or closes.
public struct ScheduleTransition: Sendable, Hashable {
    /// When.
    public var time: Date
    /// Which of the two.
    public var kind: ScheduleTransitionKind
}

extension ScheduleTransition {
    fileprivate init(_ seconds: Int, _ kind: ScheduleTransitionKind) {
        self.init(time: Date(wholeSeconds: seconds), kind: kind)
    }
}
