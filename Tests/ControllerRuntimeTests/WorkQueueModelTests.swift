import Testing

@testable import ControllerRuntime

/// The queue as simply as it can be said: lists that are searched from the front.
private struct NaiveQueue {
    var ready: [Int] = []
    var processing: Set<Int> = []
    var again: Set<Int> = []
    var delayed: [(key: Int, due: MonotonicInstant, order: Int)] = []
    private var order = 0

    mutating func add(_ key: Int) {
        if processing.contains(key) {
            again.insert(key)
        } else if !ready.contains(key) {
            ready.append(key)
        }
    }

    mutating func add(_ key: Int, at due: MonotonicInstant) {
        if let index = delayed.firstIndex(where: { $0.key == key }) {
            guard due < delayed[index].due else { return }
            delayed.remove(at: index)
        }
        order += 1
        delayed.append((key, due, order))
    }

    mutating func promote(now: MonotonicInstant) {
        let due = delayed.filter { $0.due <= now }.sorted { ($0.due, $0.order) < ($1.due, $1.order) }
        delayed.removeAll { $0.due <= now }
        for entry in due { add(entry.key) }
    }

    mutating func next() -> Int? {
        guard !ready.isEmpty else { return nil }
        let key = ready.removeFirst()
        processing.insert(key)
        return key
    }

    mutating func done(_ key: Int) {
        processing.remove(key)
        if again.remove(key) != nil { add(key) }
    }
}

@Suite struct WorkQueueModelTests {
    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func `any sequence of calls answers as the naive queue does`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var queue = WorkQueueState<Int>(backoff: Backoff(first: .seconds(1), limit: .seconds(8)))
        var model = NaiveQueue()
        var now = MonotonicInstant(sinceOrigin: .zero)
        let keys = 0..<Int.random(in: 1...12, using: &random)
        for _ in 0..<2_000 {
            let key = Int.random(in: keys, using: &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0, 1:
                queue.add(key)
                model.add(key)
            case 2, 3:
                let due = now.advanced(by: .seconds(Int.random(in: 1...20, using: &random)))
                queue.add(key, at: due)
                model.add(key, at: due)
            case 4:
                now = now.advanced(by: .seconds(Int.random(in: 0...6, using: &random)))
                queue.promote(now: now)
                model.promote(now: now)
            case 5:
                guard let running = model.processing.sorted().randomElement(using: &random) else { continue }
                queue.done(running)
                model.done(running)
            case 6:
                queue.cancelDelayed(key)
                model.delayed.removeAll { $0.key == key }
            default:
                let busy = model.processing
                let given = queue.next()
                #expect(given == model.next())
                if let given { #expect(!busy.contains(given), "no two workers hold one key") }
            }
            #expect(queue.depth == model.ready.count)
            #expect(queue.nextDue == model.delayed.map(\.due).min())
        }
    }

    @Test func `moving a delayed key forward again and again holds no more than a few entries`() {
        var queue = WorkQueueState<Int>(backoff: .reconciliation)
        for step in 0..<10_000 {
            queue.add(1, at: MonotonicInstant(sinceOrigin: .seconds(100_000 - step)))
            #expect(queue.heldEntries <= 18)
        }
        #expect(queue.nextDue == MonotonicInstant(sinceOrigin: .seconds(90_001)))
    }
}
