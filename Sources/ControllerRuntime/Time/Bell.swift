import Synchronization

/// Wakes one waiting task; rings that nobody waited for are kept as one.
final class Bell: Sendable {
    private enum State {
        case silent
        case rung
        case awaited(id: Int, CheckedContinuation<Void, any Error>)
    }

    private let state = Mutex((phase: State.silent, nextID: 0))

    /// Wakes the waiting task, or the next one to wait.
    func ring() {
        let waiting: CheckedContinuation<Void, any Error>? = state.withLock { state in
            switch state.phase {
            case .silent, .rung:
                state.phase = .rung
                return nil
            case .awaited(id: _, let continuation):
                state.phase = .silent
                return continuation
            }
        }
        waiting?.resume()
    }

    /// Forgets a ring that nobody heard.
    func silence() {
        state.withLock { state in
            switch state.phase {
            case .rung: state.phase = .silent
            case .silent, .awaited: break
            }
        }
    }

    /// Suspends until the bell rings, not at all if it has. One task at a time. Throws only `CancellationError`.
    func wait() async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome: Result<Void, any Error>? = state.withLock { state in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    switch state.phase {
                    case .rung:
                        state.phase = .silent
                        return .success(())
                    case .silent:
                        state.phase = .awaited(id: id, continuation)
                        return nil
                    case .awaited:
                        preconditionFailure("two tasks wait for one bell")
                    }
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let waiting: CheckedContinuation<Void, any Error>? = state.withLock { state in
                guard case .awaited(id: id, let continuation) = state.phase else { return nil }
                state.phase = .silent
                return continuation
            }
            waiting?.resume(throwing: CancellationError())
        }
    }

    /// Suspends until the bell rings or `duration` is over; nil waits for the bell alone. Throws only `CancellationError`.
    func wait(atMost duration: Duration?, on time: any TimeSource) async throws {
        guard let duration else { return try await wait() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.wait() }
            group.addTask { try await time.sleep(for: duration) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
