import Testing

@testable import ControllerRuntime

@Suite(.timeLimit(.minutes(1))) struct WorkQueueTests {
    private let time = ManualTime()

    private func queue() -> WorkQueue<String> {
        WorkQueue(time: time, backoff: Backoff(first: .seconds(1), limit: .seconds(60)), random: HighestRandom())
    }

    @Test func `keys come out in the order in which they went in, each once`() async {
        let queue = queue()
        for key in ["a", "b", "a", "c", "b"] { queue.add(key) }
        #expect(queue.depth == 3)
        #expect([await queue.next(), await queue.next(), await queue.next()] == ["a", "b", "c"])
        #expect(queue.depth == 0)
    }

    @Test func `a key marked dirty while processing runs once more`() async throws {
        let queue = queue()
        queue.add("a")
        #expect(await queue.next() == "a")
        queue.add("a")
        queue.add("a")
        #expect(queue.depth == 0, "a worker has it: no other may get it")
        queue.done("a")
        try #require(queue.depth == 1)
        #expect(await queue.next() == "a")
        queue.done("a")
        #expect(queue.depth == 0)
    }

    @Test func `an idle worker gets a key the moment it is added`() async {
        let queue = queue()
        async let key = queue.next()
        queue.add("a")
        #expect(await key == "a")
    }

    @Test func `a delayed key comes at the earliest time asked for`() async {
        let queue = queue()
        await withTaskGroup { group in
            group.addTask { await queue.run() }
            queue.add("a", after: .seconds(20))
            queue.add("a", after: .seconds(5))
            queue.add("a", after: .seconds(9))
            await until { time.pendingSleeps == [.seconds(5)] }
            time.advance(by: .seconds(5))
            #expect(await queue.next() == "a")
            #expect(time.uptime.sinceOrigin == .seconds(5))
            queue.done("a")
            queue.shutDown()
        }
    }

    @Test func `an earlier delayed key moves the one timer forward`() async {
        let queue = queue()
        await withTaskGroup { group in
            group.addTask { await queue.run() }
            queue.add("late", after: .seconds(60))
            await until { time.pendingSleeps == [.seconds(60)] }
            queue.add("early", after: .seconds(3))
            await until { time.pendingSleeps == [.seconds(3)] }
            time.advance(by: .seconds(3))
            #expect(await queue.next() == "early")
            await until { time.pendingSleeps == [.seconds(57)] }
            queue.shutDown()
        }
    }

    @Test func `ten thousand delayed keys need one timer`() async {
        let queue = queue()
        await withTaskGroup { group in
            group.addTask { await queue.run() }
            for key in 0..<10_000 { queue.add("\(key)", after: .seconds(10 + key)) }
            await until { time.pendingSleeps == [.seconds(10)] }
            queue.shutDown()
        }
    }

    @Test func `retries of a key wait longer each time, until it is forgotten`() async {
        let queue = queue()
        await withTaskGroup { group in
            group.addTask { await queue.run() }
            for delay in [1, 2, 4, 8] {
                queue.retry("a")
                await until { time.pendingSleeps == [.seconds(delay)] }
                time.advance(by: .seconds(delay))
                #expect(await queue.next() == "a")
                queue.done("a")
            }
            queue.forget("a")
            queue.retry("a")
            await until { time.pendingSleeps == [.seconds(1)] }
            queue.shutDown()
        }
    }

    @Test func `shutting down hands out what waits, drops what is delayed, and lets every worker go`() async {
        let queue = queue()
        queue.add("a")
        queue.add("b", after: .seconds(1))
        queue.shutDown()
        queue.add("c")
        #expect(await queue.next() == "a")
        #expect(await queue.next() == nil)
        #expect(await queue.next() == nil)
        await queue.run()
    }

    @Test func `shutting down wakes workers that wait`() async {
        let queue = queue()
        async let one = queue.next()
        async let other = queue.next()
        queue.shutDown()
        #expect(await one == nil)
        #expect(await other == nil)
    }

    @Test func `a cancelled worker takes no key with it`() async {
        let queue = queue()
        await withTaskGroup(of: String?.self) { group in
            group.addTask { await queue.next() }
            group.cancelAll()
            #expect(await group.next() == .some(nil))
        }
        queue.add("a")
        #expect(await queue.next() == "a")
    }
}

/// Lets other tasks run until `condition` holds; the suite's time limit ends it if it never does.
func until(_ condition: () -> Bool) async {
    while !condition(), !Task.isCancelled { await Task.yield() }
}
