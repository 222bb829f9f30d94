/// Where the master is, and when to ask for it again: the pure half of a ``SentinelWatch``. It speaks to one sentinel at
/// a time; which, its session decides.
package struct SentinelState {
    package typealias Instant = ContinuousClock.Instant

    package enum Event {
        /// - pushes: whether it can be subscribed to on the connection that asks (RESP3).
        case connected(pushes: Bool)
        /// An attempt failed, or the connection ended.
        case lost(RedisError)
        case subscribed(RedisReplyError?)
        case answered(SentinelAnswer)
        /// The sentinel published something on one of ``channels``.
        case announced(payload: String)
        /// The master at the address was lost or is none.
        case doubted(RedisAddress)
    }

    package enum Step: Equatable {
        case tell(SentinelView)
        case subscribe
        case ask
        /// Leave this sentinel for the next.
        case leave
        case rest(until: Instant?)
    }

    private enum Link: Equatable {
        case down
        case unsubscribed
        case subscribing
        case ready(asking: Duration)
        case unwanted
        /// The end of the connection, which is being closed, is no further failure.
        case leaving
    }

    /// Whatever moves the master. The latter is said by the sentinel that leads a failover, a moment before the former.
    package static let channels = ["+switch-master", "+promoted-slave"]
    /// A sentinel that fell silent must be noticed, for it would be silent about a failover too: together with the time
    /// for an answer this is less than a failover takes.
    package static let interval = Duration.seconds(2)
    /// Where nothing is announced.
    package static let pollInterval = Duration.seconds(1)
    /// Between two questions, however many announcements and doubts there are.
    package static let shortestInterval = Duration.milliseconds(50)
    /// A sentinel that knows only of earlier failovers than another did is cut off, or all of them were set up anew.
    /// After this time without a better one it is the latter.
    package static let outdatedFor = Duration.seconds(10)

    private let name: String
    private let given: [RedisAddress]
    private var learned: [RedisAddress] = []
    private var view = SentinelView()
    private var told = SentinelView()
    private var link = Link.down
    private var isAsking = false
    private var isUrgent = false
    private var askedAt: Instant?
    private var epoch = 0
    /// When a sentinel last spoke for ``epoch``.
    private var confirmedAt: Instant?
    private var failures: [SentinelFailure] = []

    /// - Parameter given: at least one.
    package init(name: String, given: [RedisAddress]) {
        self.name = name
        self.given = given
    }

    /// The given ones first.
    package var sentinels: [RedisAddress] { given + learned }

    package mutating func receive(_ event: Event, at now: Instant) {
        switch event {
        case .connected(let pushes):
            link = pushes ? .unsubscribed : .ready(asking: Self.pollInterval)
            isAsking = false
            askedAt = nil
        case .lost(let error):
            let wasLeaving = link == .leaving || link == .unwanted
            link = .down
            isAsking = false
            if !wasLeaving { failed(.unreachable(withoutForeignAddress(error))) }
        case .subscribed(let refusal):
            guard link == .subscribing else { return }
            link = .ready(asking: refusal == nil ? Self.interval : Self.pollInterval)
        case .answered(let answer):
            isAsking = false
            answered(answer, at: now)
        case .announced(let payload):
            if payload.split(separator: " ").contains(Substring(name)) { isUrgent = true }
        case .doubted(let address):
            if address == view.master { isUrgent = true }
        }
    }

    package mutating func nextStep(at now: Instant) -> Step {
        if view != told {
            told = view
            return .tell(view)
        }
        switch link {
        case .down: return .rest(until: nil)
        case .unsubscribed:
            link = .subscribing
            return .subscribe
        case .subscribing: return .rest(until: nil)
        case .ready(let interval):
            guard !isAsking else { return .rest(until: nil) }
            if let due = askedAt.map({ $0 + (isUrgent ? Self.shortestInterval : interval) }), due > now {
                return .rest(until: due)
            }
            isAsking = true
            isUrgent = false
            askedAt = now
            return .ask
        case .unwanted:
            link = .leaving
            return .leave
        case .leaving: return .rest(until: nil)
        }
    }

    private mutating func answered(_ answer: SentinelAnswer, at now: Instant) {
        switch answer.master {
        case .failed(let failure):
            leave()
            failed(failure)
        case .at(let address):
            learned = Array(
                Set(answer.sentinels).subtracting(given).sorted { $0.description < $1.description }
                    .prefix(SentinelAnswer.maximumSentinels))
            let isOutdated = answer.epoch.map { $0 < epoch } ?? false
            if isOutdated, address != view.master, let confirmedAt, now < confirmedAt + Self.outdatedFor {
                return leave()
            }
            if !isOutdated || address != view.master {
                epoch = answer.epoch ?? epoch
                confirmedAt = now
            }
            failures = []
            view.master = address
            view.failure = nil
        }
    }

    private mutating func leave() {
        switch link {
        case .ready: link = .unwanted
        // The answer came from a connection that has ended since.
        case .down, .unsubscribed, .subscribing, .unwanted, .leaving: break
        }
    }

    /// Told once the given ones have failed, and again after each round of all, so that what is told does not change
    /// with each of them.
    private mutating func failed(_ failure: SentinelFailure) {
        failures.append(failure)
        let isRoundOver = failures.count >= sentinels.count
        guard isRoundOver || (view.failure == nil && failures.count >= given.count) else { return }
        view.failure = failures.first { failure in failures.allSatisfy { $0.gravity <= failure.gravity } }
        if isRoundOver { failures = [] }
    }

    private func withoutForeignAddress(_ error: RedisError) -> RedisError {
        switch error {
        case .lookupFailed(let address), .connectFailed(let address), .connectTimedOut(let address),
            .tlsHandshakeFailed(let address), .notMaster(let address):
            given.contains(address) ? error : .closed
        case .hostRefused, .tlsConfigurationInvalid, .handshakeRefused, .masterMoved, .sentinelFailed,
            .commandTimedOut, .protocolViolated, .closed:
            error
        }
    }
}
