import Synchronization

/// Takes down what happened, from whatever thread, in the order in which it did.
final class Journal<Entry: Sendable>: Sendable {
    private let written = Mutex<[Entry]>([])
    var entries: [Entry] { written.withLock { $0 } }
    func write(_ entry: Entry) { written.withLock { $0.append(entry) } }
}
