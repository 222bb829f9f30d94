internal import MartletAPI

/// Walks from change to change of a schedule; asks a window again only once its own stretch is over.
struct ForwardSweep {
    private let calendar: ScheduleCalendar
    /// Where the walk has come to.
    private(set) var time: Int
    /// Of each window at ``time``.
    private var stretches: [WindowCalendar.Stretch]
    private var exception: ExceptionCalendar.Stretch?

    init(_ calendar: ScheduleCalendar, from time: Int) {
        self.calendar = calendar
        self.time = time
        stretches = calendar.windows.map { $0.following(time) }
        exception = calendar.exceptions.stretch(at: time)
    }

    var isOpen: Bool {
        switch exception?.state {
        case .closed: false
        case .open: true
        case nil: stretches.contains(where: \.isOpen)
        }
    }

    /// Goes to the next change; nil, and stays, if there is none.
    mutating func step() -> Int? {
        var next = calendar.exceptions.edge(after: time)
        if exception?.state != .closed {
            // What the windows do on a closed day changes nothing.
            for case let edge? in stretches.map(\.edge) { next = min(edge, next ?? edge) }
        }
        guard let next else { return nil }
        time = next
        for (index, stretch) in stretches.enumerated() {
            if let edge = stretch.edge, edge <= next { stretches[index] = calendar.windows[index].following(next) }
        }
        exception = calendar.exceptions.stretch(at: next)
        return next
    }
}
