import DequeModule
import HeapModule

/// What a `WorkQueue` knows about its keys, as a value: nothing here waits or reads a clock.
struct WorkQueueState<Key: Hashable & Sendable> {
    /// Where a key stands between being asked for and being done.
    private enum Phase {
        /// In `ready`.
        case waiting
        /// A worker has it.
        case processing
        /// A worker has it, and it was asked for again.
        case processingAgain
    }

    private struct Delayed: Comparable {
        let due: MonotonicInstant
        /// Equal times keep the order of arrival.
        let order: UInt64
        let key: Key

        static func < (left: Delayed, right: Delayed) -> Bool { (left.due, left.order) < (right.due, right.order) }
        static func == (left: Delayed, right: Delayed) -> Bool { left.order == right.order }
    }

    private let backoff: Backoff
    private var phases: [Key: Phase] = [:]
    private var ready: Deque<Key> = []
    /// The entry of `heap` that counts for each delayed key; any other entry of the key is void.
    private var delayed: [Key: Delayed] = [:]
    private var heap: Heap<Delayed> = []
    private var failures: [Key: Int] = [:]
    private var nextOrder: UInt64 = 0
    private var isClosed = false

    init(backoff: Backoff) { self.backoff = backoff }

    var depth: Int { ready.count }

    /// When the next delayed key comes due.
    var nextDue: MonotonicInstant? { heap.min?.due }

    /// How many entries are held for delayed keys, void ones too: bounded by twice the delayed keys.
    var heldEntries: Int { heap.count }

    mutating func add(_ key: Key) {
        guard !isClosed else { return }
        switch phases[key] {
        case nil:
            phases[key] = .waiting
            ready.append(key)
        case .waiting, .processingAgain: break
        case .processing: phases[key] = .processingAgain
        }
    }

    mutating func add(_ key: Key, at due: MonotonicInstant) {
        guard !isClosed else { return }
        if let present = delayed[key], present.due <= due { return }
        nextOrder += 1
        let entry = Delayed(due: due, order: nextOrder, key: key)
        delayed[key] = entry
        heap.insert(entry)
        dropVoidEntries()
    }

    mutating func retry(_ key: Key, now: MonotonicInstant, using random: inout some RandomNumberGenerator) {
        let count = failures[key, default: 0] + 1
        failures[key] = count
        add(key, at: now.advanced(by: backoff.delay(afterFailures: count, using: &random)))
    }

    mutating func forget(_ key: Key) { failures[key] = nil }

    mutating func cancelDelayed(_ key: Key) {
        failures[key] = nil
        delayed[key] = nil
        dropVoidEntries()
    }

    mutating func next() -> Key? {
        guard let key = ready.popFirst() else { return nil }
        phases[key] = .processing
        return key
    }

    mutating func done(_ key: Key) {
        switch phases[key] {
        case .processing: phases[key] = nil
        case .processingAgain:
            phases[key] = .waiting
            ready.append(key)
        case .waiting, nil: preconditionFailure("a key is done that no worker was given")
        }
    }

    /// Adds every delayed key that is due.
    mutating func promote(now: MonotonicInstant) {
        while let first = heap.min, first.due <= now {
            _ = heap.removeMin()
            guard delayed[first.key] == first else { continue }
            delayed[first.key] = nil
            add(first.key)
        }
        dropVoidEntries()
    }

    mutating func close() {
        isClosed = true
        delayed = [:]
        heap = []
    }

    /// Keeps the first entry of the heap a valid one, and void entries from outnumbering valid ones.
    private mutating func dropVoidEntries() {
        if heap.count > 2 * delayed.count + 16 { heap = Heap(delayed.values) }
        while let first = heap.min, delayed[first.key] != first { _ = heap.removeMin() }
    }
}
