public import FoundationEssentials
public import MartletAPI

/// What a schedule says at each instant. Made once a schedule and kept: making it costs some microseconds a window.
///
/// An exception replaces the windows' word from the first instant of its first local day to the last of its last, and
/// nothing else: a window over midnight is cut there and goes on at the other side, and pre-warming neither reaches into a
/// closed day nor begins an open one earlier.
public struct ScheduleCalendar: Sendable, Hashable {
    /// What it is the calendar of.
    public let schedule: ResolvedSchedule
    /// The rules of its time zone.
    public let zone: TimeZoneRules

    /// `zone` must be that of `schedule.timeZone`.
    public init(_ schedule: ResolvedSchedule, in zone: TimeZoneRules) {
        self.schedule = schedule
        self.zone = zone
    }

    /// What holds, in microseconds.
    public func state(at instant: Date) -> ScheduleState { .closed(by: nil) }

    /// The first instant after this one at which ``state(at:)`` changes, be it only to another window; nil: within the
    /// steps that are looked ahead it never does.
    public func nextChange(after instant: Date) -> Date? { nil }

    /// The latest instant not after this one at which ``state(at:)`` changed.
    public func lastChange(notAfter instant: Date) -> Date? { nil }

    /// When it opens or closes next; nil: within five years it does not.
    public func nextTransition(after instant: Date) -> ScheduleTransition? { nil }

    /// When it last opened or closed.
    public func lastTransition(notAfter instant: Date) -> ScheduleTransition? { nil }

    /// Every opening and closing in the range, its lower bound included, found as they are asked for.
    public func transitions(in range: Range<Date>) -> some Sequence<ScheduleTransition> {
        [ScheduleTransition]()
    }
}

/// What a schedule says at one instant.
public struct ScheduleState: Sendable, Hashable {
    /// Whether capacity may exist.
    public var isOpen: Bool
    /// The windows and exceptions that it is open for, or the exception that closes it, in the order of the spec.
    public var names: [String]
    /// The bounds of each that it is open for; closed: empty, `outside` holds.
    public var bounds: [ScheduleBounds]

    /// No window is open, or an exception closes them.
    static func closed(by exception: String?) -> ScheduleState {
        ScheduleState(isOpen: false, names: exception.map { [$0] } ?? [], bounds: [])
    }

    /// For `status.window`: the names, joined by ", "; nil where there are none.
    public var window: String? { names.isEmpty ? nil : names.joined(separator: ", ") }
}

/// That a schedule opens or closes.
public struct ScheduleTransition: Sendable, Hashable {
    /// When.
    public var time: Date
    /// Which of the two.
    public var kind: ScheduleTransitionKind
}
