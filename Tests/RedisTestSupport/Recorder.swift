import Synchronization

/// Keeps what callbacks of any thread tell it, in order.
public final class Recorder<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])

    public init() {}

    public var all: [Element] { elements.withLock { $0 } }

    public func append(_ element: Element) { elements.withLock { $0.append(element) } }

    public func removeAll() { elements.withLock { $0.removeAll() } }
}
