internal import FoundationEssentials
internal import MartletDecisions

/// How long a call may wait for its turn under a key's rate limit before it is decided anew. While it waits its object is
/// not looked at, and what was right when the wait began may be wrong at its end. Pure.
enum TurnPatience {
    /// A list serves every endpoint of the key, and all of them wait for it: one that closes meanwhile must not.
    static let ofList = Duration.seconds(5)

    /// A create is sent while its intent is young or not at all: an operator that takes over counts from the intent's
    /// time, and would make a second endpoint beside one that was sent later.
    static func ofCreate(under intent: RecordedIntent?, at now: Date) -> Duration {
        guard let intent else { return .zero }
        return .seconds(max(0, EndpointTiming.intentLifetime - now.timeIntervalSince(intent.time)))
    }

    /// A closing waits as long as it takes. What opens or corrects must not stand in the way of the edge that follows, and
    /// the end of an idle endpoint's drain must not miss jobs that come after all. Nil: as long as it takes.
    static func ofUpdate(_ urgency: CallUrgency, until edge: Date?, at now: Date) -> Duration? {
        let left = edge.map { $0.timeIntervalSince(now) }.flatMap { $0 > 0 ? $0 : nil }
        switch urgency {
        case .closing: return nil
        case .cleanup: return .seconds(min(left ?? EndpointTiming.healthBusy, EndpointTiming.healthBusy))
        case .opening, .correction, .observation: return left.map { .seconds($0) }
        }
    }
}
