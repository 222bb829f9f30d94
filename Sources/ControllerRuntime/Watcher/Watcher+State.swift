import Kubernetes
import KubernetesModel

/// What a `Watcher` does next, as a value: list in pages, watch from the list's version, resume, wait, start over.
///
/// The shell carries each action out and gives back the event that ended it; nothing here waits or reads a clock.
struct WatcherMachine {
    /// Where the watcher stands. Each state says which action is under way.
    enum State: Equatable {
        /// Reading the page behind `after`; nil is the first one.
        case listing(after: PageToken?)
        /// Reading changes; `from` is the version of the last one heard of.
        case watching(from: ResourceVersion, since: MonotonicInstant)
        /// The same until a list that was asked for is due: changes must not be missed meanwhile.
        case watchingUntilList(from: ResourceVersion, at: MonotonicInstant)
        /// Waiting, to go on with that.
        case backingOff(then: Step)
    }

    /// What follows a wait.
    enum Step: Equatable {
        case list(after: PageToken?)
        case watch(from: ResourceVersion)
    }

    /// How the action under way went.
    enum Event: Equatable {
        /// A page is in; `next` leads to the following one, nil behind the last.
        case pageArrived(version: ResourceVersion, next: PageToken?)
        /// A change or a bookmark arrived; the watch goes on.
        case versionSeen(ResourceVersion)
        /// The server ended the watch as asked.
        case ended
        /// The watch outlived its time without a word from the server: the connection is dead.
        case wentSilent
        /// The request or its stream failed.
        case failed(Failure)
        /// The wait is over.
        case waited
        /// Somebody mistrusts the store.
        case relistAsked
    }

    /// What a failure demands.
    enum Failure: Equatable {
        /// The version or the page is no longer kept (410): only a new list helps.
        case gone
        /// The server asks for at least that much patience (429, 503).
        case throttled(Duration)
        case other
    }

    /// What the shell is to do.
    enum Action: Equatable {
        /// Read a page. The first (`after: nil`) discards what was read of an earlier list.
        case list(after: PageToken?)
        /// Watch; the server is asked to end it after `lasting`, the shell gives up after `atMost`.
        case watch(from: ResourceVersion, lasting: Duration, atMost: Duration)
        /// The same, with a list to follow, so that nobody need ask for one.
        case watchUntilList(from: ResourceVersion, lasting: Duration, atMost: Duration)
        case wait(Duration)
        /// Go on reading the watch.
        case read
    }

    /// Bounds of a watch's length, in seconds: less than the 300 s after which common proxies cut, spread so that a
    /// restarted API server isn't asked by every watcher at once for ever after.
    static let watchSeconds = 240...290
    /// What a watch may outlive its length by before its connection counts as half open: a lost FIN is noticed by this.
    static let silenceMargin: Duration = .seconds(10)
    /// A watch that lived as long has worked; one that ends earlier counts as a failure, so that none can spin.
    static let healthyAge: Duration = .seconds(10)
    /// The least time between the starts of two lists that somebody asked for.
    static let relistInterval: Duration = .seconds(1)
    /// So many failed watches in a row are taken to be the fault of the version or of one event, which a list steps over.
    static let failuresBeforeRelist = 5
    /// A longer `Retry-After` is a mistake, and obeying it an outage.
    static let longestPatience: Duration = .seconds(600)

    private(set) var state: State = .listing(after: nil)
    private let backoff: Backoff
    /// Failures in a row without a healthy watch between them.
    private var failures = 0
    /// The same for 410 alone: its first one is answered at once.
    private var gones = 0
    private var listStarted: MonotonicInstant

    /// Starts with a list, at `now`.
    init(now: MonotonicInstant, backoff: Backoff = .requests) {
        self.backoff = backoff
        self.listStarted = now
    }

    /// The action of a fresh machine.
    static let firstAction = Action.list(after: nil)

    /// Takes the outcome of the action under way and answers with the next.
    mutating func receive(
        _ event: Event, now: MonotonicInstant, using random: inout some RandomNumberGenerator
    ) -> Action {
        switch state {
        case .listing(let page): receiveListing(event, page: page, now: now, using: &random)
        case .watching(let version, let since):
            receiveWatching(event, from: version, since: since, now: now, using: &random)
        case .watchingUntilList(let version, let instant):
            receiveWatching(event, from: version, untilListAt: instant, now: now, using: &random)
        case .backingOff(let step): receiveWaiting(event, then: step, now: now, using: &random)
        }
    }

    private mutating func receiveListing(
        _ event: Event, page: PageToken?, now: MonotonicInstant, using random: inout some RandomNumberGenerator
    ) -> Action {
        switch event {
        case .pageArrived(version: _, next: let next?):
            state = .listing(after: next)
            return .list(after: next)
        case .pageArrived(let version, next: nil): return watch(from: version, now: now, using: &random)
        case .failed(.gone): return listAfterGone(now: now, using: &random)
        case .failed(let failure): return wait(for: failure, then: .list(after: page), using: &random)
        case .wentSilent: return wait(for: .other, then: .list(after: page), using: &random)
        case .versionSeen, .ended, .waited, .relistAsked:
            preconditionFailure("\(event) while listing")
        }
    }

    private mutating func receiveWatching(
        _ event: Event, from version: ResourceVersion, since: MonotonicInstant, now: MonotonicInstant,
        using random: inout some RandomNumberGenerator
    ) -> Action {
        if case .versionSeen(let newer) = event {
            state = .watching(from: newer, since: since)
            return .read
        }
        let wasHealthy = since.duration(to: now) >= Self.healthyAge
        if wasHealthy {
            failures = 0
            gones = 0
        }
        switch event {
        case .ended where wasHealthy: return watch(from: version, now: now, using: &random)
        case .ended, .wentSilent: return wait(for: .other, then: stepAfterFailure(version), using: &random)
        case .failed(.gone): return listAfterGone(now: now, using: &random)
        case .failed(let failure): return wait(for: failure, then: stepAfterFailure(version), using: &random)
        case .relistAsked:
            return watch(from: version, untilListAt: listStarted.advanced(by: Self.relistInterval), now: now)
        case .versionSeen, .pageArrived, .waited: preconditionFailure("\(event) while watching")
        }
    }

    private mutating func receiveWatching(
        _ event: Event, from version: ResourceVersion, untilListAt instant: MonotonicInstant, now: MonotonicInstant,
        using random: inout some RandomNumberGenerator
    ) -> Action {
        switch event {
        case .versionSeen(let newer):
            state = .watchingUntilList(from: newer, at: instant)
            return .read
        case .wentSilent: return watch(from: version, untilListAt: instant, now: now)
        case .failed(.gone): return listAfterGone(now: now, using: &random)
        case .ended: return wait(for: .other, then: .list(after: nil), using: &random)
        case .failed(let failure): return wait(for: failure, then: .list(after: nil), using: &random)
        case .pageArrived, .waited, .relistAsked: preconditionFailure("\(event) while watching until a list")
        }
    }

    private mutating func receiveWaiting(
        _ event: Event, then step: Step, now: MonotonicInstant, using random: inout some RandomNumberGenerator
    ) -> Action {
        guard event == .waited else { preconditionFailure("\(event) while backing off") }
        switch step {
        case .list(let page): return list(after: page, now: now)
        case .watch(let version): return watch(from: version, now: now, using: &random)
        }
    }

    private mutating func list(after page: PageToken?, now: MonotonicInstant) -> Action {
        if page == nil { listStarted = now }
        state = .listing(after: page)
        return .list(after: page)
    }

    private mutating func watch(
        from version: ResourceVersion, now: MonotonicInstant, using random: inout some RandomNumberGenerator
    ) -> Action {
        let length = Duration.seconds(Int.random(in: Self.watchSeconds, using: &random))
        state = .watching(from: version, since: now)
        return .watch(from: version, lasting: length, atMost: length + Self.silenceMargin)
    }

    private mutating func watch(
        from version: ResourceVersion, untilListAt instant: MonotonicInstant, now: MonotonicInstant
    ) -> Action {
        let rest = now.duration(to: instant)
        guard rest > .zero else { return list(after: nil, now: now) }
        state = .watchingUntilList(from: version, at: instant)
        return .watchUntilList(from: version, lasting: .seconds(Self.watchSeconds.lowerBound), atMost: rest)
    }

    private mutating func listAfterGone(
        now: MonotonicInstant, using random: inout some RandomNumberGenerator
    ) -> Action {
        gones += 1
        if gones == 1 { return list(after: nil, now: now) }
        return wait(for: .other, then: .list(after: nil), using: &random)
    }

    private func stepAfterFailure(_ version: ResourceVersion) -> Step {
        failures + 1 >= Self.failuresBeforeRelist ? .list(after: nil) : .watch(from: version)
    }

    private mutating func wait(
        for failure: Failure, then step: Step, using random: inout some RandomNumberGenerator
    ) -> Action {
        failures += 1
        state = .backingOff(then: step)
        let delay = backoff.delay(afterFailures: failures, using: &random)
        switch failure {
        case .throttled(let patience): return .wait(min(patience, Self.longestPatience) + delay)
        case .gone, .other: return .wait(delay)
        }
    }
}
