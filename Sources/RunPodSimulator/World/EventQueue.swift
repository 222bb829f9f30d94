/// What will happen, the earliest first; of equal times, what was scheduled first.
struct EventQueue<Event: Sendable>: Sendable {
    private struct Entry: Sendable {
        let at: SimulatedInstant
        let number: Int
        let event: Event

        func isBefore(_ other: Entry) -> Bool { at == other.at ? number < other.number : at < other.at }
    }

    /// A binary heap.
    private var heap: [Entry] = []
    private var scheduled = 0

    /// When the earliest event happens.
    var next: SimulatedInstant? { heap.first?.at }

    mutating func schedule(_ event: Event, at instant: SimulatedInstant) {
        scheduled += 1
        heap.append(Entry(at: instant, number: scheduled, event: event))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].isBefore(heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the earliest event if it happens at `limit` or before.
    mutating func take(until limit: SimulatedInstant) -> (at: SimulatedInstant, event: Event)? {
        guard let first = heap.first, first.at <= limit else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].isBefore(heap[least])
            {
                least = child
            }
            guard least != parent else { return (first.at, first.event) }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
