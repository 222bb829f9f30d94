/// Who waits, and who is told what. The queue's lock guards it; continuations are resumed inside, which is quick.
struct CallQueueState: ~Copyable {
    /// What is told to a call.
    enum Wake: Sendable, Equatable {
        /// The wait is over.
        case end(CallQueue.Turn)
        /// Sleep until then for all, then let time pass.
        case keepTime(until: Duration)
        /// The listening was given up.
        case interrupted
    }

    struct Waiter {
        var id: UInt64
        var priority: CallPriority
        var since: Duration
        var deadline: Duration?
        var listener: CheckedContinuation<Wake, Never>?
    }

    var budget: RateBudget
    /// The next to go first.
    private(set) var waiting: [Waiter] = []
    /// Told to those that do not listen at the moment.
    private var untold: [UInt64: Wake] = [:]
    private var lastID: UInt64 = 0
    private var timekeeper: (id: UInt64, until: Duration)?
    /// No deadline of those that wait is sooner.
    private var soonestDeadline: Duration?

    init(budget: RateBudget) { self.budget = budget }

    mutating func enqueue(_ priority: CallPriority, until deadline: Duration? = nil, now: Duration) -> UInt64 {
        lastID += 1
        let place = waiting.firstIndex { $0.priority < priority } ?? waiting.endIndex
        waiting.insert(Waiter(id: lastID, priority: priority, since: now, deadline: deadline), at: place)
        if let deadline { soonestDeadline = min(deadline, soonestDeadline ?? deadline) }
        let id = lastID
        pump(now: now)
        return id
    }

    /// Lets go whoever may go; where only time can help, has the first of the rest keep it.
    mutating func pump(now: Duration) {
        dismissLate(now: now)
        while let head = waiting.first {
            switch budget.decision(for: head.priority, now: now) {
            case .go:
                budget.began()
                dismissFirst(.go)
            case .wait(let until) where until - now > CallQueue.longestWait:
                // Whoever is behind is less urgent, and would wait at least as long.
                while !waiting.isEmpty { dismissFirst(.postponed(until - now)) }
            case .wait(let until): return keepTime(until: min(until, soonestDeadline ?? until), by: head.id)
            case .waitForAnswer:
                // An answer comes or is given up; only who can't wait so long needs the time.
                if let soonestDeadline { keepTime(until: soonestDeadline, by: head.id) }
                return
            }
        }
    }

    private mutating func keepTime(until: Duration, by id: UInt64) {
        if let timekeeper, timekeeper.until <= until { return }
        timekeeper = (id, until)
        tell(.keepTime(until: until), id)
    }

    /// Those whose time is over go before anybody gets a turn.
    private mutating func dismissLate(now: Duration) {
        guard let soonest = soonestDeadline, soonest <= now else { return }
        while let index = waiting.firstIndex(where: { $0.deadline.map { $0 <= now } ?? false }) {
            dismiss(at: index, .expired)
        }
        soonestDeadline = waiting.lazy.compactMap(\.deadline).min()
    }

    private mutating func dismissFirst(_ turn: CallQueue.Turn) { dismiss(at: waiting.startIndex, turn) }

    private mutating func dismiss(at index: Int, _ turn: CallQueue.Turn) {
        let waiter = waiting.remove(at: index)
        if timekeeper?.id == waiter.id { timekeeper = nil }
        untold[waiter.id] = nil
        if let listener = waiter.listener {
            listener.resume(returning: .end(turn))
        } else {
            untold[waiter.id] = .end(turn)
        }
    }

    private mutating func tell(_ wake: Wake, _ id: UInt64) {
        guard let index = waiting.firstIndex(where: { $0.id == id }), let listener = waiting[index].listener else {
            untold[id] = wake
            return
        }
        waiting[index].listener = nil
        listener.resume(returning: wake)
    }

    mutating func listen(_ id: UInt64, _ listener: CheckedContinuation<Wake, Never>, isCancelled: Bool) {
        if let wake = untold.removeValue(forKey: id) {
            listener.resume(returning: wake)
        } else if !isCancelled, let index = waiting.firstIndex(where: { $0.id == id }) {
            waiting[index].listener = listener
        } else {
            listener.resume(returning: .interrupted)
        }
    }

    mutating func interrupt(_ id: UInt64) {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return }
        waiting[index].listener?.resume(returning: .interrupted)
        waiting[index].listener = nil
    }

    /// The timekeeper has slept as long as it was told.
    mutating func timeHasPassed(for id: UInt64, now: Duration) {
        if timekeeper?.id == id { timekeeper = nil }
        pump(now: now)
    }

    /// A cancelled call gives back its place, or its turn.
    mutating func leave(_ id: UInt64, now: Duration) {
        waiting.removeAll { $0.id == id }
        if untold.removeValue(forKey: id) == .end(.go) { budget.endedUnsent() }
        if timekeeper?.id == id { timekeeper = nil }
        pump(now: now)
    }
}
