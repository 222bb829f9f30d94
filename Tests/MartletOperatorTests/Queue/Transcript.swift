import KubernetesModel
import Redis

@testable import MartletOperator

/// A queue server's state machine with a clock that stands still unless it is told to go on.
struct Transcript {
    let start = ContinuousClock.now
    var now: ContinuousClock.Instant
    var state = QueueServerState()
    private var underway: QueueBatch?

    init() { now = start }

    mutating func advance(_ duration: Duration) { now += duration }

    mutating func observe(_ id: ObjectKey, _ query: QueueQuery, every interval: Duration = .seconds(2)) {
        receive(.observed(id, query, pollingEvery: interval))
    }

    mutating func receive(_ event: QueueServerState.Event) { state.receive(event, at: now) }

    mutating func step() -> QueueServerState.Step {
        let step = state.nextStep(of: .sole, at: now)
        if case .read(let batch) = step { underway = batch }
        return step
    }

    /// The commands of the next step, or what else the step is.
    mutating func reads() -> [String] {
        let step = step()
        guard case .read(let batch) = step else { return ["\(step)"] }
        return batch.commands.map { $0.arguments.joined(separator: " ") }
    }

    mutating func answer(_ replies: [RESPValue]) {
        guard let batch = underway else { return }
        underway = nil
        state.receive(.answered(.sole, batch, replies), at: now)
    }

    /// Observes, connects and answers the first read.
    mutating func settled(_ queries: [(ObjectKey, QueueQuery)], _ replies: [RESPValue]) {
        for (id, query) in queries { observe(id, query) }
        receive(.connected(.sole, .push))
        _ = step()
        answer(replies)
        _ = step()
    }

    /// Waiting and in flight.
    func counts(_ id: ObjectKey) -> [Int]? {
        state.observation(for: id)?.reading.map { [$0.waiting, $0.inFlight] }
    }

    func reason(_ id: ObjectKey) -> QueueFailure.Reason? { state.observation(for: id)?.failure?.reason }
}
