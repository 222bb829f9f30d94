import Synchronization

@testable import ControllerRuntime

/// Values that the code under test gives to a callback, for a test to wait for one by one.
final class Inbox<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])
    private let bell = Bell()

    func put(_ value: Value) {
        values.withLock { $0.append(value) }
        bell.ring()
    }

    /// The oldest value not yet taken, once there is one.
    func next() async throws -> Value {
        while true {
            if let value = values.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return value }
            try await bell.wait()
        }
    }

    func next(_ count: Int) async throws -> [Value] {
        var taken: [Value] = []
        while taken.count < count { taken.append(try await next()) }
        return taken
    }

    /// What was put in and not yet taken.
    var rest: [Value] { values.withLock { $0 } }
}
