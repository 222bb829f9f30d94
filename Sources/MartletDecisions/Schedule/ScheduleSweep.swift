internal import MartletAPI

/// Walks from change to change of a schedule, in either direction; asks a window again only once its own stretch is over.
struct ScheduleSweep {
    enum Direction { case forward, backward }

    private let calendar: ScheduleCalendar
    private let direction: Direction
    /// Where the walk has come to; backward: the last second before the change.
    private var time: Int
    /// Of each window at ``time``.
    private var stretches: [WindowCalendar.Stretch]
    private var exception: ExceptionCalendar.Stretch?

    init(_ calendar: ScheduleCalendar, from time: Int, _ direction: Direction) {
        self.calendar = calendar
        self.direction = direction
        self.time = time
        stretches = calendar.windows.map { direction == .forward ? $0.following(time) : $0.preceding(time) }
        exception = calendar.exceptions.stretch(at: time)
    }

    var state: ScheduleState { calendar.state(under: exception) { stretches[$0].isOpen } }

    var isOpen: Bool {
        switch exception?.state {
        case .closed: false
        case .open: true
        case nil: stretches.contains(where: \.isOpen)
        }
    }

    /// The instant of the next change on the way; nil: there is none.
    var edge: Int? {
        let border =
            direction == .forward
            ? calendar.exceptions.edge(after: time) : calendar.exceptions.edge(notAfter: time)
        // What the windows do on a closed day changes nothing.
        if exception?.state == .closed { return border }
        return stretches.reduce(border) { nearest, stretch in
            guard let edge = stretch.edge else { return nearest }
            guard let nearest else { return edge }
            return direction == .forward ? min(edge, nearest) : max(edge, nearest)
        }
    }

    /// Passes the change at ``edge``. `isChange` is false where nothing changes there after all: a window that has not
    /// rested for thousands of openings is not looked through at once.
    mutating func pass(_ edge: Int) -> (edge: Int, isChange: Bool) {
        time = direction == .forward ? edge : edge - 1
        let before = exception
        exception = calendar.exceptions.stretch(at: time)
        var isChange = exception != before
        for (index, stretch) in stretches.enumerated() {
            guard let end = stretch.edge, direction == .forward ? end <= time : end > time else { continue }
            stretches[index] =
                direction == .forward
                ? calendar.windows[index].following(time) : calendar.windows[index].preceding(time)
            if stretches[index].isOpen != stretch.isOpen { isChange = true }
        }
        return (edge, isChange)
    }

    /// Passes the next change; nil, and stays, if there is none.
    mutating func step() -> (edge: Int, isChange: Bool)? {
        guard let edge else { return nil }
        return pass(edge)
    }
}
