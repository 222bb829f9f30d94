import HTTPTransport
import Testing

@testable import RunPod

/// A queue whose key has used up its minute, `calls` that wait in it, and the order in which they go.
private final class Line: Sendable {
    let clock = ManualClock()
    let queue: CallQueue
    let order = Record<String>()

    /// 30 s are left of the minute.
    init() async {
        queue = CallQueue(time: clock.time)
        #expect(await queue.turn(.observation) == .go)
        queue.ended(status: 200, Self.told(0, 29), start: .zero)
    }

    static func told(_ remaining: Int, _ reset: Int) -> RateHeaders {
        RateHeaders(windows: [.init(name: "minute", remaining: remaining, reset: reset, quota: 60)])
    }

    /// Waits for its turn, notes it, and is answered at once.
    func call(_ name: String, _ priority: CallPriority, until deadline: Duration? = nil) async {
        switch await queue.turn(priority, until: deadline) {
        case .go:
            order.add(name)
            queue.ended(status: 200, Self.told(40, 50), start: clock.time.now())
        case .cancelled: order.add("\(name) cancelled")
        case .expired: order.add("\(name) expired")
        case .postponed: order.add("\(name) postponed")
        }
    }

    /// Returns once as many calls wait.
    func waits(for count: Int) async {
        while queue.load.waiting != count, !Task.isCancelled { await Task.yield() }
    }
}

@Suite(.timeLimit(.minutes(1))) struct QueueTests {
    @Test("what waits goes by urgency when the window begins anew, and of equals the oldest first")
    func order() async {
        let line = await Line()
        await withTaskGroup(of: Void.self) { group in
            let calls: [(String, CallPriority)] = [
                ("look 1", .observation), ("open 1", .opening), ("correct", .correction), ("close 1", .closing),
                ("look 2", .observation), ("delete", .cleanup), ("open 2", .opening), ("close 2", .closing),
            ]
            for (index, call) in calls.enumerated() {
                group.addTask { await line.call(call.0, call.1) }
                await line.waits(for: index + 1)
            }
            // One sleeps for all.
            await line.clock.sleeps(1)
            #expect(line.clock.slept == [.seconds(30)])
            line.clock.advance(by: .seconds(12))
            #expect(line.queue.load == .init(waiting: 8, inFlight: 0, lag: .seconds(12)))
            line.clock.advance(by: .seconds(18))
        }
        // Two go at once to learn, the others behind them together.
        #expect(Set(line.order.all.prefix(2)) == ["close 1", "close 2"])
        #expect(line.order.all.count == 8)
        #expect(line.queue.load == .init(waiting: 0, inFlight: 0, lag: .zero))
    }

    @Test("one at a time, the order is exact")
    func exactOrder() async {
        let line = await Line()
        let queue = CallQueue(limits: .init(probes: 1, inFlight: 1), time: line.clock.time)
        #expect(await queue.turn(.observation) == .go)
        let order = Record<CallPriority>()
        await withTaskGroup(of: Void.self) { group in
            for (index, priority) in (CallPriority.allCases + CallPriority.allCases).enumerated() {
                group.addTask {
                    guard await queue.turn(priority) == .go else { return }
                    order.add(priority)
                    queue.ended(status: 200, RateHeaders(), start: .zero)
                }
                while queue.load.waiting != index + 1, !Task.isCancelled { await Task.yield() }
            }
            queue.ended(status: 200, RateHeaders(), start: .zero)
        }
        #expect(
            order.all == [
                .closing, .closing, .opening, .opening, .cleanup, .cleanup, .correction, .correction, .observation,
                .observation,
            ])
    }

    @Test("a call that is cancelled gives its place back, also where it sleeps for all")
    func cancelling() async {
        let line = await Line()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await withTaskGroup(of: Void.self) { inner in
                    inner.addTask { await line.call("sleeper", .observation) }
                    await line.waits(for: 2)
                    inner.cancelAll()
                }
            }
            await line.clock.sleeps(1)
            group.addTask { await line.call("other", .observation) }
            // The other one keeps the time now.
            await line.clock.sleeps(2)
            line.clock.advance(by: .seconds(30))
        }
        #expect(line.order.all == ["sleeper cancelled", "other"])
        #expect(line.queue.load.inFlight == 0)
    }

    @Test("a call whose turn does not come in time gets none, and whoever sleeps for all wakes for it")
    func expiring() async {
        let line = await Line()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await line.call("patient", .closing) }
            await line.waits(for: 1)
            await line.clock.sleeps(1)
            group.addTask { await line.call("hurried", .opening, until: .seconds(12)) }
            await line.clock.sleeps(2)
            #expect(line.clock.slept == [.seconds(30), .seconds(12)])
            line.clock.advance(by: .seconds(12))
            while line.order.all.isEmpty, !Task.isCancelled { await Task.yield() }
            #expect(line.order.all == ["hurried expired"])
            await line.clock.sleeps(3)
            line.clock.advance(by: .seconds(18))
        }
        #expect(line.order.all == ["hurried expired", "patient"])
        #expect(line.queue.load == .init(waiting: 0, inFlight: 0, lag: .zero))
    }

    @Test("a deadline that is over when there is room takes no turn")
    func expiredBefore() async {
        let clock = ManualClock()
        let queue = CallQueue(time: clock.time)
        clock.advance(by: .seconds(5))
        #expect(await queue.turn(.opening, until: .seconds(5)) == .expired)
        #expect(queue.load == .init(waiting: 0, inFlight: 0, lag: .zero))
        #expect(await queue.turn(.opening, until: .seconds(6)) == .go)
    }

    @Test("a call that is cancelled before it asks gets no turn, and takes none away")
    func cancelledBefore() async {
        let queue = CallQueue(limits: .init(probes: 1, inFlight: 1), time: ManualClock().time)
        #expect(await queue.turn(.observation) == .go)
        await withTaskGroup(of: Void.self) { group in
            group.cancelAll()
            group.addTask { #expect(await queue.turn(.closing) == .cancelled) }
        }
        #expect(queue.load.waiting == 0)
    }

    @Test("where an hour is used up, calls are told so instead of waiting")
    func longWait() async {
        let line = await Line()
        #expect(line.queue.load.waiting == 0)
        let queue = CallQueue(time: line.clock.time)
        #expect(await queue.turn(.observation) == .go)
        queue.ended(
            status: 200, RateHeaders(windows: [.init(name: "hour", remaining: 0, reset: 1812)]), start: .zero)
        #expect(await queue.turn(.closing) == .postponed(.seconds(1813)))
        #expect(queue.load == .init(waiting: 0, inFlight: 0, lag: .zero))
    }

    @Test("an answer that makes room wakes the one that sleeps for all")
    func earlyRoom() async {
        let clock = ManualClock()
        let queue = CallQueue(time: clock.time)
        #expect(await queue.turn(.observation) == .go)
        #expect(await queue.turn(.observation) == .go)
        queue.ended(status: 200, Line.told(0, 29), start: .zero)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { #expect(await queue.turn(.closing) == .go) }
            await clock.sleeps(1)
            // A minute that begins much later than the one that was used up.
            queue.ended(status: 200, Line.told(40, 59), start: .zero)
        }
        #expect(clock.slept == [.seconds(30)])
        #expect(queue.load.inFlight == 1)
    }

    @Test("a thousand calls, a third of them cancelled, all end, and none leaves a turn taken")
    func churn() async {
        let queue = CallQueue(limits: .init(probes: 1, inFlight: 3), time: .system)
        let gone = Record<Int>()
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<1000 {
                group.addTask {
                    if index % 3 == 0 { withUnsafeCurrentTask { $0?.cancel() } }
                    guard await queue.turn(CallPriority.allCases[index % 5]) == .go else { return }
                    gone.add(index)
                    await Task.yield()
                    if index % 2 == 0 {
                        queue.endedUnsent()
                    } else {
                        queue.ended(status: 200, RateHeaders(), start: .zero)
                    }
                }
            }
        }
        #expect(gone.all.count >= 666)
        #expect(queue.load == .init(waiting: 0, inFlight: 0, lag: .zero))
    }
}
