import MartletAPI
import Redis

/// So many entries from an id on.
struct StreamPage: Hashable {
    var from: StreamID
    var count: Int
}

/// How many entries a consumer group has before it, from reading to reading.
///
/// A server's lag is not to be relied on: it is nil before Redis 7 and after deletions, and after a trim (`MAXLEN`) or a
/// deletion of entries not yet read it stays too high for good (seen in 7.0.15: a lag of 93 with nothing to read). So the
/// entries after the last one delivered are counted now and then, page by page, as far as the count matters; in between
/// the lag tells, less what it was found to be too high by. Nothing is called empty that was not seen to be empty.
struct StreamCounter {
    typealias Instant = ContinuousClock.Instant

    enum Verdict: Equatable {
        /// `recheckAt`: when a better figure may be had.
        case settled(KeyCount, recheckAt: Instant?)
        /// Pages have to be read.
        case counting
    }

    /// A lag that was checked is believed for so long.
    static let trust = Duration.seconds(5)
    /// Without a lag every reading would be a count; more often nobody needs it.
    static let pause = Duration.seconds(1)
    /// Entries hold payloads: a page has about so many bytes, a whole count not many times as much.
    static let pageBytes = 1 << 20
    static let maximumBytes = 8 << 20
    static let maximumPage = 1000
    static let maximumEntries = 10_000

    private struct Count {
        var figure: StreamFigure
        var group: StreamFigure.Group
        var next: StreamID
        var size = 1
        var counted = 0
        var bytes = 0
        var largest = 1
    }

    private struct Check {
        var lastDelivered: StreamID
        var lag: Int?
        /// By how much the lag is too high; nil: too many entries to be counted.
        var excess: Int?
        var nextAt: Instant
    }

    private let limit: Int
    private var check: Check?
    private var count: Count?
    private var last: KeyCount?

    init(countingTo limit: Int) { self.limit = min(max(1, limit), Self.maximumEntries) + 1 }

    var isCounting: Bool { count != nil }

    /// The connection is new: whatever was being counted is counted again.
    mutating func restart() {
        check = nil
        count = nil
        last = nil
    }

    mutating func receive(_ figure: StreamFigure, at now: Instant) -> Verdict {
        guard let group = figure.group else {
            check = nil
            return settle(
                KeyCount(waiting: figure.length, estimate: figure.length > 0 ? .groupMissing : nil), recheckAt: nil)
        }
        guard figure.length > 0, let next = group.lastDelivered.next else {
            return settle(KeyCount(waiting: 0, inFlight: group.pending), recheckAt: nil)
        }
        if let known = known(figure, group, at: now) { return settle(known, recheckAt: check?.nextAt) }
        count = Count(figure: figure, group: group, next: next)
        return .counting
    }

    /// What need not be counted.
    private func known(_ figure: StreamFigure, _ group: StreamFigure.Group, at now: Instant) -> KeyCount? {
        guard let check else { return nil }
        guard let lag = group.lag else {
            guard var last, last.waiting > 0, last.estimate != .groupMissing, now < check.nextAt else { return nil }
            last.inFlight = group.pending
            return last
        }
        let left = min(lag - (check.excess ?? 0), figure.length)
        if left > 0 { return now < check.nextAt ? KeyCount(waiting: left, inFlight: group.pending) : nil }
        // The same lag at the same place as when there was nothing.
        guard check.excess == lag, check.lag == lag, check.lastDelivered == group.lastDelivered else { return nil }
        return KeyCount(waiting: 0, inFlight: group.pending)
    }

    /// The page to be read next.
    var page: StreamPage? { count.map { StreamPage(from: $0.next, count: $0.size) } }

    /// Takes the entries of ``page``; nil: they can't be read.
    mutating func receive(page reply: RESPValue?, at now: Instant) -> Verdict? {
        guard var count, let entries = reply?.elements else { return nil }
        let asked = count.size
        for entry in entries {
            guard let id = entry.elements?.first?.text.flatMap(StreamID.init) else { return nil }
            let bytes = entry.bytes
            count.counted += 1
            count.bytes += bytes
            count.largest = max(count.largest, bytes)
            guard let next = id.next else { return finish(count, isComplete: true, at: now) }
            count.next = next
        }
        if entries.count < asked { return finish(count, isComplete: true, at: now) }
        guard count.counted < limit, count.bytes < Self.maximumBytes else {
            return finish(count, isComplete: false, at: now)
        }
        // Slowly at first: how large entries are shows only by reading some.
        count.size = max(
            1, min(asked * 8, Self.maximumPage, Self.pageBytes / count.largest, limit - count.counted))
        self.count = count
        return .counting
    }

    private mutating func finish(_ count: Count, isComplete: Bool, at now: Instant) -> Verdict {
        self.count = nil
        let megabytes = count.bytes >> 20
        let group = count.group
        var result = KeyCount(waiting: count.counted, inFlight: group.pending)
        var excess: Int?
        if let lag = group.lag {
            if isComplete {
                excess = max(0, lag - count.counted)
            } else {
                result.waiting = max(count.counted, min(lag, count.figure.length))
            }
        } else if !isComplete {
            result.estimate = .atLeast
        }
        let rest = group.lag == nil ? max(Self.pause, .seconds(megabytes)) : max(Self.trust, .seconds(megabytes))
        check = Check(lastDelivered: group.lastDelivered, lag: group.lag, excess: excess, nextAt: now + rest)
        return settle(result, recheckAt: now + rest)
    }

    private mutating func settle(_ result: KeyCount, recheckAt: Instant?) -> Verdict {
        last = result
        return .settled(result, recheckAt: result.waiting > 0 ? recheckAt : nil)
    }
}

extension RESPValue {
    /// Of all strings in it.
    fileprivate var bytes: Int {
        switch self {
        case .string(let bytes): bytes.count
        case .array(let items), .set(let items), .map(let items), .push(let items): items.reduce(0) { $0 + $1.bytes }
        case .null, .integer, .double, .boolean, .error: 0
        }
    }
}
