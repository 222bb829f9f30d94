import Foundation

/// Holds a server thread until the test lets it on, once for each opening.
final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func open(_ count: Int = 1) { for _ in 0..<count { semaphore.signal() } }
    func wait() { semaphore.wait() }
}
