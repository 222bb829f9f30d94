import DequeModule
import FoundationEssentials
import KubernetesModel

/// What an `EventRecorder` has to write and has written, as a value: nothing here waits or reads a clock.
struct EventLedger {
    /// What became of a recorded event.
    enum Verdict: Equatable {
        /// It will be written.
        case queued
        /// It is written already, or will be; a repeat only counts.
        case counted
        /// The same occurrence was recorded before.
        case known
        /// Its object has had its share. `isFirst` says that none was dropped since the last one let through.
        case overRate(isFirst: Bool)
    }

    /// What the shell is to do.
    enum Step: Equatable {
        case create(EventDraft, key: ObjectKey, seen: Repeats)
        /// Add `seen.count` to the event's count; `known` is the count that it has, if that is known.
        case bump(key: ObjectKey, seen: Repeats, known: Int?)
        /// Nothing until a record or that instant.
        case rest(until: MonotonicInstant?)
    }

    /// How often, and when, something happened that is not written yet.
    struct Repeats: Equatable {
        var count: Int
        var first: Date
        var last: Date
    }

    /// How a write went.
    enum Outcome: Equatable {
        /// The API server has it, with that count.
        case written(count: Int?)
        /// It was there from before: this occurrence has been told.
        case alreadyThere
        /// A bump found no event: it outlived its time to live.
        case expired
        /// It will never be accepted.
        case refused
        /// The server could not be asked, for this event or any other.
        case unreachable
        /// The server would not take it now, which need not hold for the next one.
        case putOff
    }

    private enum Progress: Equatable {
        case queued
        case written(count: Int?, at: MonotonicInstant)
    }

    private struct Entry {
        let draft: EventDraft
        var progress: Progress
        /// Nil: everything is written.
        var unwritten: Repeats?
        /// How often the server would not take it.
        var attempts = 0
    }

    /// Room for the events of a bad minute; what is older is worth less than memory.
    static let longestQueue = 1_000
    /// Events that are remembered to count repeats. One forgotten is refused as a duplicate by its name.
    static let longestMemory = 4_096
    /// Repeats are written no more often: a counter on an event needs no more than a person's attention.
    static let bumpInterval: Duration = .seconds(300)
    /// So often an event is tried that the server puts off; then it was not to be.
    static let attempts = 12
    /// As the API's own clients limit themselves (client-go: 25 at once, then one in five minutes, an object).
    static let burst = 25.0
    /// Tokens a second.
    static let refill = 1.0 / 300

    private var queue: Deque<ObjectKey> = []
    private var entries: [ObjectKey: Entry] = [:]
    /// The keys of `entries`, the oldest first.
    private var ages: Deque<ObjectKey> = []
    /// Written events with repeats to add, by the time of the next write. Equal waits make this a queue in order.
    private var bumps: Deque<(due: MonotonicInstant, key: ObjectKey)> = []
    private var buckets = TokenBuckets(burst: Self.burst, perSecond: Self.refill, longest: Self.longestMemory)

    /// How many events wait to be created.
    var queued: Int { queue.count }
    /// How many events it remembers.
    var remembered: Int { entries.count }

    /// Takes an event; also answers with the one that had to be dropped for it, if any.
    mutating func record(
        _ draft: EventDraft, at date: Date, now: MonotonicInstant
    ) -> (verdict: Verdict, dropped: EventDraft?) {
        let key = draft.key
        if let entry = entries[key] {
            guard draft.occurrence == nil else { return (.known, nil) }
            count(key, entry, at: date, now: now)
            return (.counted, nil)
        }
        switch buckets.take(draft.about.uid ?? key.name, now: now) {
        case .granted: break
        case .refused(let isFirst): return (.overRate(isFirst: isFirst), nil)
        }
        entries[key] = Entry(
            draft: draft, progress: .queued, unwritten: Repeats(count: 1, first: date, last: date))
        ages.append(key)
        queue.append(key)
        return (.queued, makeRoom())
    }

    /// What to write next. The same answer until `finish` is called or more is recorded.
    mutating func next(now: MonotonicInstant) -> Step {
        while let key = queue.first {
            if let entry = entries[key], entry.progress == .queued, let seen = entry.unwritten {
                return .create(entry.draft, key: key, seen: seen)
            }
            queue.removeFirst()
        }
        while let (due, key) = bumps.first {
            guard let entry = entries[key], case .written(let count, at: _) = entry.progress, let seen = entry.unwritten
            else {
                bumps.removeFirst()
                continue
            }
            return due <= now ? .bump(key: key, seen: seen, known: count) : .rest(until: due)
        }
        return .rest(until: nil)
    }

    /// Takes the outcome of writing `seen` of the event `key`.
    mutating func finish(_ key: ObjectKey, wrote seen: Repeats, _ outcome: Outcome, now: MonotonicInstant) {
        guard var entry = entries[key] else { return }
        switch outcome {
        case .unreachable: return
        case .putOff:
            entry.attempts += 1
            entries[key] = entry
            standBack(key, entry, now: now)
            return
        case .refused:
            forget(key)
            return
        case .expired:
            entry.progress = .queued
            entries[key] = entry
            bumps.removeAll { $0.key == key }
            queue.append(key)
            return
        case .written(let count):
            entry.progress = .written(count: count, at: now)
        case .alreadyThere:
            entry.progress = .written(count: nil, at: now)
        }
        entry.attempts = 0
        // It is the first, as a rule: a thousand wait behind it after an edge of hundreds.
        if queue.first == key { queue.removeFirst() } else { queue.removeAll { $0 == key } }
        bumps.removeAll { $0.key == key }
        // Repeats may have been recorded while the request was on its way.
        let left = (entry.unwritten?.count ?? 0) - seen.count
        let last = entry.unwritten?.last ?? seen.last
        entry.unwritten = left > 0 ? Repeats(count: left, first: seen.last, last: last) : nil
        entries[key] = entry
        if left > 0 { bumps.append((due: now.advanced(by: Self.bumpInterval), key: key)) }
    }

    /// Lets all others go first, so that an event that can't be written keeps none from being.
    private mutating func standBack(_ key: ObjectKey, _ entry: Entry, now: MonotonicInstant) {
        guard entry.attempts < Self.attempts else { return forget(key) }
        queue.removeAll { $0 == key }
        bumps.removeAll { $0.key == key }
        switch entry.progress {
        case .queued: queue.append(key)
        case .written: bumps.append((due: now.advanced(by: Self.bumpInterval), key: key))
        }
    }

    private mutating func count(_ key: ObjectKey, _ present: Entry, at date: Date, now: MonotonicInstant) {
        var entry = present
        let hadNone = entry.unwritten == nil
        var unwritten = entry.unwritten ?? Repeats(count: 0, first: date, last: date)
        unwritten.count += 1
        unwritten.last = date
        entry.unwritten = unwritten
        entries[key] = entry
        if hadNone, case .written(count: _, at: let written) = entry.progress {
            planBump(key, due: max(now, written.advanced(by: Self.bumpInterval)))
        }
    }

    private mutating func planBump(_ key: ObjectKey, due: MonotonicInstant) {
        let place = bumps.firstIndex { $0.due > due } ?? bumps.endIndex
        bumps.insert((due: due, key: key), at: place)
    }

    /// Drops what no longer fits. Returns the event that will not be written for it, if there is one.
    private mutating func makeRoom() -> EventDraft? {
        var dropped: EventDraft?
        if queue.count > Self.longestQueue, let oldest = queue.popFirst() {
            dropped = entries[oldest]?.draft
            forget(oldest)
        }
        // Queued ones are bounded already and must not be forgotten: they go to the back.
        while entries.count > Self.longestMemory, let oldest = ages.popFirst() {
            if entries[oldest]?.progress == .queued { ages.append(oldest) } else { entries[oldest] = nil }
        }
        return dropped
    }

    private mutating func forget(_ key: ObjectKey) {
        entries[key] = nil
        queue.removeAll { $0 == key }
        bumps.removeAll { $0.key == key }
        ages.removeAll { $0 == key }
    }
}
