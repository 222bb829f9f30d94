internal import ControllerRuntime
internal import FoundationEssentials
internal import KubernetesModel
internal import MartletDecisions
internal import Synchronization

/// What the Celery workers of one queue server have said, by the key prefix of their application.
final class WorkerRoster: Sendable {
    private struct Channel {
        var ledger = WorkerLedger()
        var refusal: QueueFailure?
    }
    private let channels = Mutex<[String: Channel]>([:])
    private let time: any TimeSource
    private let isPod: @Sendable (String) -> Bool

    /// `isPod`: whether a host is the name of exactly one worker Pod. Others are not kept: whoever may publish on the
    /// server can invent names.
    init(time: any TimeSource, isPod: @escaping @Sendable (String) -> Bool) {
        self.time = time
        self.isPod = isPod
    }

    /// Takes an event in; returns what must be decided again.
    func receive(_ event: WorkerEvent) -> RosterChange {
        let now = time.now
        return channels.withLock { channels in
            switch event {
            case .subscribed(let prefix):
                channels[prefix, default: Channel()].ledger.subscribed(at: now)
                channels[prefix]?.refusal = nil
                return .everyWorker
            case .lost(let prefix):
                channels[prefix, default: Channel()].ledger.subscriptionLost()
                return .everyWorker
            case .refused(let prefix, let failure):
                channels[prefix, default: Channel()].ledger.subscriptionLost()
                channels[prefix]?.refusal = failure
                return .everyWorker
            case .heartbeat(let prefix, let beat):
                let heartbeat = MartletDecisions.Heartbeat(
                    active: beat.active, processed: beat.processed, frequency: beat.frequency)
                return receive(.heartbeat(heartbeat), beat, prefix, &channels, now)
            case .online(let prefix, let beat): return receive(.online, beat, prefix, &channels, now)
            case .offline(let prefix, let beat): return receive(.offline, beat, prefix, &channels, now)
            }
        }
    }

    private func receive(
        _ event: MartletDecisions.WorkerEvent, _ beat: Heartbeat, _ prefix: String, _ channels: inout [String: Channel],
        _ now: Date
    ) -> RosterChange {
        guard isPod(beat.host) else { return .nothing }
        let host = channels[prefix, default: Channel()].ledger.receive(event, from: beat.hostname, at: now)
        return host.map { .worker(host: $0) } ?? .nothing
    }

    /// What is known of the workers in `pods`, in their order.
    func evidence(for pods: [Pod], keyPrefix: String, at now: Date) -> [WorkerEvidence] {
        let named = pods.map { (name: $0.metadata.name ?? "", startedAt: $0.startedAt?.date) }
        return channels.withLock { $0[keyPrefix]?.ledger }?.evidence(for: named, at: now)
            ?? pods.map { _ in .unheard }
    }

    /// Since when heartbeats are received without a gap; nil while they are not.
    func listeningSince(keyPrefix: String) -> Date? {
        channels.withLock { $0[keyPrefix]?.ledger.listeningSince }
    }

    /// Why the server does not let the heartbeats be heard.
    func refusal(keyPrefix: String) -> QueueFailure? {
        channels.withLock { $0[keyPrefix]?.refusal }
    }
}

/// Whose decision a worker event may change.
enum RosterChange: Sendable, Equatable {
    case nothing
    case worker(host: String)
    case everyWorker
}
