internal import Synchronization

/// Lets the calls of one key go, one by one as the budget allows, the most urgent first and of equals the oldest.
///
/// All clients of a key must share its queue; one for each plane, because RunPod counts them apart. A call that waits
/// holds nothing but its place, and gives it back when cancelled. There is no background task: where only time can help,
/// one of those that wait sleeps for all.
package final class CallQueue: Sendable {
    /// How the queue stands.
    package struct Load: Sendable, Hashable {
        /// Calls that wait.
        package var waiting: Int
        /// Calls under way.
        package var inFlight: Int
        /// How long the oldest of those that wait has waited.
        package var lag: Duration
    }

    /// What became of the wait for a turn.
    enum Turn: Sendable, Equatable {
        /// Go. Must be followed by one of the `ended` calls.
        case go
        /// Not within `CallQueue.longestWait`: a window of an hour or a day is used up.
        case postponed(Duration)
        /// Not in time: what the call was to do may not be right any more, and is to be decided anew.
        case expired
        /// The task was cancelled.
        case cancelled
    }

    /// A call that RunPod would not take before is refused here, so that its caller can say so and plan.
    package static let longestWait = Duration.seconds(900)

    private let state: Mutex<CallQueueState>
    private let time: RunPodTime

    /// A queue of a key of which nothing is known yet.
    package init(limits: RateBudget.Limits = RateBudget.Limits(), time: RunPodTime = .system) {
        state = Mutex(CallQueueState(budget: RateBudget(limits: limits)))
        self.time = time
    }

    /// How the queue stands now.
    package var load: Load {
        let now = time.now()
        return state.withLock { state in
            let oldest = state.waiting.map(\.since).min()
            return Load(
                waiting: state.waiting.count, inFlight: state.budget.inFlight,
                lag: oldest.map { max(.zero, now - $0) } ?? .zero)
        }
    }

    /// Waits for a turn, until `deadline` if there is one. Where answers alone can make room, and none comes, it may
    /// take until one is given up.
    func turn(_ priority: CallPriority, until deadline: Duration? = nil) async -> Turn {
        let now = time.now()
        let id = state.withLock { $0.enqueue(priority, until: deadline, now: now) }
        var wake = await wake(of: id)
        while true {
            switch wake {
            case .end(let turn): return turn
            case .keepTime(let until): wake = await keepTime(until: until, for: id)
            case .interrupted:
                let now = time.now()
                state.withLock { $0.leave(id, now: now) }
                return .cancelled
            }
        }
    }

    /// The call was not sent.
    func endedUnsent() { settle { budget, _ in budget.endedUnsent() } }
    /// No answer came.
    func endedWithoutAnswer() { settle { budget, now in budget.endedWithoutAnswer(now: now) } }
    /// The call that began at `start` was answered.
    func ended(status: Int, _ headers: RateHeaders, start: Duration) {
        settle { budget, now in budget.ended(status: status, headers, start: start, now: now) }
    }

    private func settle(_ change: (inout RateBudget, Duration) -> Void) {
        let now = time.now()
        state.withLock { state in
            change(&state.budget, now)
            state.pump(now: now)
        }
    }
}

extension CallQueue {
    /// Suspends until something is to be told to the call.
    private func wake(of id: UInt64) async -> CallQueueState.Wake {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isCancelled = Task.isCancelled
                state.withLock { $0.listen(id, continuation, isCancelled: isCancelled) }
            }
        } onCancel: {
            state.withLock { $0.interrupt(id) }
        }
    }

    private enum Race: Sendable {
        case slept(Bool)
        case woken(CallQueueState.Wake)
    }

    /// Sleeps for all that wait, but hears when its own turn comes sooner.
    private func keepTime(until: Duration, for id: UInt64) async -> CallQueueState.Wake {
        let (hasSlept, wake) = await withTaskGroup(of: Race.self) { group in
            group.addTask { [time] in
                do { try await time.sleep(max(.zero, until - time.now())) } catch { return .slept(false) }
                return .slept(true)
            }
            group.addTask { .woken(await self.wake(of: id)) }
            var hasSlept = false
            var wake = CallQueueState.Wake.interrupted
            while let event = await group.next() {
                switch event {
                case .slept(let isOver): hasSlept = isOver
                case .woken(let told): wake = told
                }
                group.cancelAll()
            }
            return (hasSlept, wake)
        }
        guard hasSlept, wake == .interrupted else { return wake }
        let now = time.now()
        state.withLock { $0.timeHasPassed(for: id, now: now) }
        return await self.wake(of: id)
    }
}
