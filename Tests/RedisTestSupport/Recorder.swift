import Synchronization

/// Keeps what callbacks of any thread tell it, in order.
package final class Recorder<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])

    package init() {}

    package var all: [Element] { elements.withLock { $0 } }

    package func append(_ element: Element) { elements.withLock { $0.append(element) } }

    package func removeAll() { elements.withLock { $0.removeAll() } }
}
