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
        // The same for all windows.
        let begun = zone.latestLocal(at: seconds + schedule.preWarmSeconds)
        return state(under: exceptions.stretch(at: seconds)) { windows[$0].isOpen(at: seconds, begun: begun) }
    }

    /// `isOpen` tells it of a window by its place.
    func state(under exception: ExceptionCalendar.Stretch?, isOpen: (Int) -> Bool) -> ScheduleState {
        if exception?.state == .closed {
            return ScheduleState(isOpen: false, names: exception?.names ?? [], bounds: [])
        }
        var state = ScheduleState(isOpen: false, names: [], bounds: [])
        for (index, window) in schedule.windows.enumerated() where isOpen(index) {
            state.add(window.name, window.bounds)
        }
        for name in exception?.names ?? [] { state.add(name, schedule.inside) }
        return state
    }

    /// The first instant after this one at which ``state(at:)`` changes, be it only to another window; nil: it never does.
    /// It may be one at which nothing changes after all, where a schedule has not rested for thousands of openings: then it
    /// is time to look again.
    public func nextChange(after instant: Date) -> Date? {
        ScheduleSweep(self, from: instant.wholeSeconds, .forward).edge.map(Date.init(wholeSeconds:))
    }

    /// The latest instant not after this one at which ``state(at:)`` changed, with the same reservation.
    public func lastChange(notAfter instant: Date) -> Date? {
        ScheduleSweep(self, from: instant.wholeSeconds, .backward).edge.map(Date.init(wholeSeconds:))
    }

    /// When it opens or closes next, for people; nil: neither within five years nor within hundreds of changes from window
    /// to window. Whoever has to act waits for ``nextChange(after:)``.
    public func nextTransition(after instant: Date) -> ScheduleTransition? {
        let wasOpen = state(at: instant).isOpen
        return flip(from: instant.wholeSeconds, .forward).map { ScheduleTransition($0, wasOpen ? .close : .open) }
    }

    /// When it last opened or closed, looked for just as far.
    public func lastTransition(notAfter instant: Date) -> ScheduleTransition? {
        let isOpen = state(at: instant).isOpen
        return flip(from: instant.wholeSeconds, .backward).map { ScheduleTransition($0, isOpen ? .open : .close) }
    }

    /// Every opening and closing in the range, its lower bound included, found as they are asked for.
    public func transitions(in range: Range<Date>) -> some Sequence<ScheduleTransition> {
        let start = range.lowerBound.wholeSeconds
        let end = range.upperBound
        // A transition on the very bound counts.
        let before = range.lowerBound == Date(wholeSeconds: start) ? start - 1 : start
        return sequence(state: ScheduleSweep(self, from: before, .forward)) { sweep in
            while true {
                let wasOpen = sweep.isOpen
                guard let time = (sweep.step()?.edge).map(Date.init(wholeSeconds:)), time < end else { return nil }
                if sweep.isOpen != wasOpen { return ScheduleTransition(time: time, kind: wasOpen ? .close : .open) }
            }
        }
    }

    private func flip(from time: Int, _ direction: ScheduleSweep.Direction) -> Int? {
        var sweep = ScheduleSweep(self, from: time, direction)
        let wasOpen = sweep.isOpen
        for _ in 0..<Self.changesAhead {
            guard let step = sweep.step(), step.isChange, abs(step.edge - time) <= Self.horizon else { return nil }
            if sweep.isOpen != wasOpen { return step.edge }
        }
        return nil
    }

    /// Five years, in seconds: a leap day comes again within four, mostly.
    private static let horizon = 5 * 366 * 86_400
    /// A quarter of a year of a day's and a night's window, and more.
    private static let changesAhead = 256
}

/// What a schedule says at one instant.
public struct ScheduleState: Sendable, Hashable {
    /// Whether capacity may exist.
    public var isOpen: Bool
    /// The windows and exceptions that it is open for, or the exceptions that close it, in the order of the spec.
    public var names: [String]
    /// The bounds of each that it is open for; closed: empty, `outside` holds.
    public var bounds: [ScheduleBounds]

    /// For `status.window`: the names, joined by ", ", the first of them where they are many; nil where there are none.
    public var window: String? {
        guard !names.isEmpty else { return nil }
        let shown = names.prefix(Self.namesShown).joined(separator: ", ")
        return names.count > Self.namesShown ? "\(shown), and \(names.count - Self.namesShown) more" : shown
    }

    /// Names of 63 characters, so that all fit the 1,024 of the status.
    private static let namesShown = 8

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
