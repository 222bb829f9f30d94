internal import ControllerRuntime
internal import KubernetesModel
internal import MartletAPI
internal import MartletDecisions

/// Tells people what happened, as events on the endpoint.
struct Announcer: Sendable {
    let events: EventRecorder

    /// The conditions whose change is news; `Ready` only sums them up.
    private static let newsworthy = [
        "Accepted", "QueueReadable", "WorkersScaled", "BusynessKnown", "ScheduleOpen", "OverrideAccepted",
        "RunPodReady",
    ]

    /// One event for each condition that changed sides or reason. It is named by what it changed from, which the object's
    /// status keeps until the change is in it: killed in between, the next operator finds the event told.
    func announce(_ conditions: [Condition], after old: [Condition], on endpoint: InferenceEndpoint) {
        for type in Self.newsworthy {
            guard let condition = conditions[type] else { continue }
            let previous = old[type]
            guard previous?.status != condition.status || previous?.reason != condition.reason else { continue }
            switch condition.status {
            case .no: break
            // The first word on a healthy object is no news.
            case .yes: guard let previous, previous.status != .unknown else { continue }
            case .unknown: continue
            }
            // That a schedule closes is what was asked for.
            let isWarning = condition.status == .no && type != "ScheduleOpen"
            events.record(
                isWarning ? .warning : .normal, reason: condition.reason,
                message: "\(type): \(condition.message)", about: endpoint,
                occurrence:
                    "\(type) \(previous?.lastTransitionTime.description ?? "") \(endpoint.metadata.generation ?? 0)")
        }
    }

    /// What was done, and what the decision wants said.
    func announce(_ decision: ScalingDecision, _ outcome: ScaleOutcome, on endpoint: InferenceEndpoint) {
        if case .scaled(let old, let new, let version) = outcome {
            events.record(
                .normal, reason: new > old ? "ScaledUp" : "ScaledDown",
                message: "Scaled from \(old) to \(new) replicas: \(decision.reason)", about: endpoint,
                occurrence: version?.rawValue)
        }
        for event in decision.events {
            events.record(
                event.isWarning ? .warning : .normal, reason: event.reason, message: event.message, about: endpoint)
        }
    }
}

extension ScalingEvent {
    /// The event's text.
    fileprivate var message: String {
        switch self {
        case .maxBusyExceeded(let pod, let seconds):
            "Pod \(pod) has been silent for \(seconds) s, longer than scaleDown.maxBusySeconds; it no longer counts as busy."
        case .drainEnded(let busy):
            "closing.drainSeconds are over; \(busy) busy workers are taken, with their Pods' own grace period."
        case .closedWithWaiting(let tasks):
            "\(tasks) tasks wait while the endpoint closes; they stay queued."
        }
    }
}
