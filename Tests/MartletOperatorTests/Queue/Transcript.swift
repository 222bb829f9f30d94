import KubernetesModel
import Redis

@testable import MartletOperator

/// A queue server's state machine with a clock that stands still unless it is told to go on.
struct Transcript {
    let start = ContinuousClock.now
    var now: ContinuousClock.Instant
    var state: QueueServerState
    private var underway: [QueueNodeID: QueueBatch] = [:]

    init(_ layout: QueueLayout = .sole) {
        now = start
        state = QueueServerState(layout)
    }

    mutating func advance(_ duration: Duration) { now += duration }

    mutating func observe(
        _ id: ObjectKey, _ query: QueueQuery, pods: Set<String> = [], every interval: Duration = .seconds(2)
    ) {
        receive(.observed(id, query, pods: pods, pollingEvery: interval))
    }

    mutating func receive(_ event: QueueServerState.Event) { state.receive(event, at: now) }

    mutating func step(_ node: QueueNodeID = .sole) -> QueueServerState.Step {
        let step = state.nextStep(of: node, at: now)
        if case .read(let batch) = step { underway[node] = batch }
        return step
    }

    /// The commands of the next step, or what else the step is.
    mutating func reads(_ node: QueueNodeID = .sole) -> [String] {
        let step = step(node)
        guard case .read(let batch) = step else { return ["\(step)"] }
        return batch.commands.map { $0.arguments.joined(separator: " ") }
    }

    mutating func answer(_ replies: [RESPValue]) { answer(.sole, replies) }

    mutating func answer(_ node: QueueNodeID, _ replies: [RESPValue]) {
        guard let batch = underway.removeValue(forKey: node) else { return }
        state.receive(.answered(node, batch, replies), at: now)
    }

    /// Observes, connects and answers the first read.
    mutating func settled(_ queries: [(ObjectKey, QueueQuery)], _ replies: [RESPValue]) {
        for (id, query) in queries { observe(id, query) }
        receive(.connected(.sole, .push))
        _ = step()
        answer(.sole, replies)
        _ = step()
    }

    /// Waiting and in flight.
    func counts(_ id: ObjectKey) -> [Int]? {
        state.observation(for: id)?.reading.map { [$0.waiting, $0.inFlight] }
    }

    func reason(_ id: ObjectKey) -> QueueFailure.Reason? { state.observation(for: id)?.failure?.reason }
}
