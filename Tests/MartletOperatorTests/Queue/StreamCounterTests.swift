import MartletAPI
import Redis
import Testing

@testable import MartletOperator

/// How many entries wait, from what a server says and from counting.
@Suite struct StreamCounterTests {
    private let start = ContinuousClock.now

    private func figure(length: Int, pending: Int = 0, at delivered: String = "5-1", lag: Int?) -> StreamFigure {
        StreamFigure(
            length: length,
            group: StreamID(delivered).map { StreamFigure.Group(pending: pending, lastDelivered: $0, lag: lag) })
    }

    /// Entries from an id on, each with a payload of so many bytes.
    private func entries(_ count: Int, from first: UInt64 = 6, bytes: Int = 10) -> RESPValue {
        .array(
            (0..<UInt64(count)).map { index in
                .array([
                    .string(Array("\(first + index)-1".utf8)),
                    .array([.string([0x61]), .string(Array(repeating: 0x62, count: bytes))]),
                ])
            })
    }

    /// Answers pages from a stream with that many entries left; returns what it settles on and how many pages it took.
    private func count(
        _ counter: inout StreamCounter, left: Int, bytes: Int = 10, at now: ContinuousClock.Instant
    ) throws -> (KeyCount, recheckAt: ContinuousClock.Instant?, pages: [Int]) {
        var pages: [Int] = []
        var left = left
        while let page = counter.page {
            pages.append(page.count)
            let given = min(left, page.count)
            left -= given
            let entries = entries(given, from: page.from.milliseconds + 1, bytes: bytes)
            let verdict = counter.receive(page: entries, at: now)
            if case .settled(let count, let recheckAt) = try #require(verdict) { return (count, recheckAt, pages) }
        }
        Issue.record("it neither asks nor settles")
        return (.absent, nil, pages)
    }

    @Test("a lag is checked once and then believed for five seconds")
    func lag() throws {
        var counter = StreamCounter(countingTo: 100)
        #expect(counter.receive(figure(length: 20, pending: 2, lag: 12), at: start) == .counting)
        let first = try count(&counter, left: 12, at: start)
        #expect(first.0 == KeyCount(waiting: 12, inFlight: 2))
        #expect(first.pages == [1, 8, 64])
        let soon = start + .seconds(4)
        #expect(
            counter.receive(figure(length: 30, at: "9-1", lag: 18), at: soon)
                == .settled(KeyCount(waiting: 18), recheckAt: start + .seconds(5)))
        #expect(counter.receive(figure(length: 30, at: "9-1", lag: 18), at: start + .seconds(5)) == .counting)
    }

    @Test("by how much a lag is too high is taken off until it is checked again, and zero is always seen")
    func excess() throws {
        var counter = StreamCounter(countingTo: 100)
        _ = counter.receive(figure(length: 9, lag: 95), at: start)
        #expect(try count(&counter, left: 2, at: start).0 == KeyCount(waiting: 2))
        #expect(
            counter.receive(figure(length: 10, lag: 96), at: start + .seconds(1))
                == .settled(KeyCount(waiting: 3), recheckAt: start + .seconds(5)))
        // What the arithmetic calls empty is looked at.
        let later = start + .seconds(2)
        #expect(counter.receive(figure(length: 10, at: "9-1", lag: 93), at: later) == .counting)
        #expect(try count(&counter, left: 0, at: later).0 == KeyCount(waiting: 0))
        // The same again need not be.
        let hours = later + .seconds(9000)
        #expect(
            counter.receive(figure(length: 10, at: "9-1", lag: 93), at: hours)
                == .settled(KeyCount(waiting: 0), recheckAt: nil))
        #expect(counter.receive(figure(length: 11, at: "9-1", lag: 94), at: hours) == .counting)
    }

    @Test("a lag of zero is believed only where nothing was seen to wait")
    func falseZero() throws {
        var counter = StreamCounter(countingTo: 100)
        #expect(counter.receive(figure(length: 7, lag: 0), at: start) == .counting)
        #expect(try count(&counter, left: 1, at: start).0 == KeyCount(waiting: 1))
    }

    @Test("without a lag entries are counted as far as they matter, and once a second at most")
    func withoutLag() throws {
        var counter = StreamCounter(countingTo: 50)
        _ = counter.receive(figure(length: 5000, lag: nil), at: start)
        let many = try count(&counter, left: 5000, at: start)
        #expect(many.0 == KeyCount(waiting: 51, estimate: .atLeast))
        #expect(many.pages == [1, 8, 42])
        #expect(many.recheckAt == start + .seconds(1))
        #expect(
            counter.receive(figure(length: 4999, pending: 3, at: "7-1", lag: nil), at: start + .milliseconds(500))
                == .settled(KeyCount(waiting: 51, inFlight: 3, estimate: .atLeast), recheckAt: start + .seconds(1)))
        #expect(counter.receive(figure(length: 10, at: "7-1", lag: nil), at: start + .seconds(1)) == .counting)
        #expect(try count(&counter, left: 0, at: start + .seconds(1)).0 == KeyCount(waiting: 0))
        // The first task after nothing waits for no pause.
        #expect(counter.receive(figure(length: 11, at: "7-1", lag: nil), at: start + .seconds(1)) == .counting)
    }

    @Test("large entries are read in small pages, and no more of them than a few megabytes")
    func largeEntries() throws {
        var counter = StreamCounter(countingTo: 1000)
        _ = counter.receive(figure(length: 5000, lag: nil), at: start)
        let counted = try count(&counter, left: 5000, bytes: 500_000, at: start)
        #expect(counted.pages.allSatisfy { $0 <= 2 })
        #expect(counted.0.estimate == .atLeast)
        #expect((16...20).contains(counted.0.waiting))
        #expect(counted.recheckAt == start + .seconds(8))
    }

    @Test("an empty stream, a missing group and foreign nonsense")
    func odd() {
        var counter = StreamCounter(countingTo: 10)
        #expect(
            counter.receive(figure(length: 0, pending: 4, lag: 7), at: start)
                == .settled(KeyCount(waiting: 0, inFlight: 4), recheckAt: nil))
        #expect(
            counter.receive(StreamFigure(length: 9, group: nil), at: start)
                == .settled(KeyCount(waiting: 9, estimate: .groupMissing), recheckAt: nil))
        #expect(counter.receive(figure(length: 9, lag: 7), at: start) == .counting)
        #expect(counter.receive(page: .array([.integer(3)]), at: start) == nil)
        #expect(counter.receive(page: .null, at: start) == nil)
        let end = "\(UInt64.max)-\(UInt64.max)"
        #expect(
            counter.receive(figure(length: 3, at: end, lag: 7), at: start)
                == .settled(KeyCount(waiting: 0), recheckAt: nil))
    }

    @Test("groups are read as maps and as flat arrays, with and without a lag")
    func figures() {
        func text(_ text: String) -> RESPValue { .string(Array(text.utf8)) }
        let old: [RESPValue] = [
            text("name"), text("workers"), text("consumers"), .integer(1), text("pending"), .integer(2),
            text("last-delivered-id"), text("5-1"),
        ]
        let new = old + [text("entries-read"), .null, text("lag"), .integer(3)]
        for answer in [RESPValue.array([.map(new)]), .array([.array(new)])] {
            #expect(
                StreamFigure.read([.integer(9), answer], group: "workers")
                    == .found(figure(length: 9, pending: 2, lag: 3)))
        }
        #expect(
            StreamFigure.read([.integer(9), .array([.map(old)])], group: "workers")
                == .found(figure(length: 9, pending: 2, lag: nil)))
        #expect(
            StreamFigure.read([.integer(9), .array([.map(old)])], group: "others")
                == .found(StreamFigure(length: 9, group: nil)))
        #expect(StreamFigure.read([.integer(0), .error(.generic)], group: "workers") == .absent)
        #expect(StreamFigure.read([.integer(1), .error(.generic)], group: "workers") == .refused(.generic))
        #expect(
            StreamFigure.read([.integer(1), .array([.map([text("name")])])], group: "workers")
                == .found(StreamFigure(length: 1, group: nil)))
        #expect(StreamFigure.read([.error(.wrongType), .error(.wrongType)], group: "workers") == .refused(.wrongType))
    }
}
