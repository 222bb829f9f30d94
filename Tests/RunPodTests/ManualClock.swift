import Synchronization

@testable import RunPod

/// A clock that stands still until it is told to go on.
final class ManualClock: Sendable {
    private struct State {
        var now = Duration.zero
        var sleepers: [Int: (due: Duration, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var nextID = 0
        var slept: [Duration] = []
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }
    private let state = Mutex(State())

    /// What was slept for, in order.
    var slept: [Duration] { state.withLock { $0.slept } }

    /// Sleeping takes no time and moves the clock on.
    var instantSleep: RunPodTime {
        RunPodTime(
            now: { self.state.withLock { $0.now } },
            sleep: { duration in
                try Task.checkCancellation()
                self.state.withLock {
                    $0.slept.append(duration)
                    $0.now += duration
                }
            }, random: { 0 })
    }

    /// Sleeping lasts until `advance` has come far enough.
    var time: RunPodTime {
        RunPodTime(now: { self.state.withLock { $0.now } }, sleep: { try await self.sleep($0) }, random: { 0 })
    }

    /// Moves on and wakes whoever is due.
    func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now += duration
            let due = state.sleepers.filter { $0.value.due <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.sorted { $0.due < $1.due }.map(\.continuation)
        }
        for continuation in due { continuation.resume() }
    }

    /// Returns once `count` sleeps have begun since the start.
    func sleeps(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.slept.count >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    private func sleep(_ duration: Duration) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (isCancelled, ready) = state.withLock { state in
                    state.slept.append(duration)
                    let isCancelled = Task.isCancelled
                    if !isCancelled { state.sleepers[id] = (state.now + duration, continuation) }
                    let ready = state.watchers.filter { $0.count <= state.slept.count }.map(\.continuation)
                    state.watchers.removeAll { $0.count <= state.slept.count }
                    return (isCancelled, ready)
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
                for watcher in ready { watcher.resume() }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: id) }?.continuation.resume(throwing: CancellationError())
        }
    }
}
