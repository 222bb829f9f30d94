import Kubernetes

/// When to take, renew and give back a Lease, as a value. The shell tells what happened and carries out what is asked;
/// nothing here waits or reads a clock.
///
/// Two never lead at once: a holder counts from the *start* of a renewal that succeeded, and only for the renew deadline;
/// the others count the whole duration from when they *saw* the record change, on their own clock, and take the Lease
/// only at the version that they saw. Times of other machines are never compared.
struct LeaderElection {
    enum Role: Equatable {
        case standby
        /// Writes may begin until then.
        case leading(until: MonotonicInstant)
        /// Begins no writes any more and waits for those on their way, then gives the Lease back.
        case resigning(isDrained: Bool)
        case resigned
    }

    /// The one request to the API server that is under way.
    enum Request: Equatable {
        case claim(sent: MonotonicInstant)
        /// `isOvertaken`: the watch has told something newer or older meanwhile, nobody knows which.
        case read(isOvertaken: Bool)
        case release
    }

    enum Event: Equatable {
        /// The watch shows this; nil: there is no Lease.
        case observed(LeaseRecord?)
        /// This process is ready to lead.
        case eligible
        /// Time has passed.
        case tick
        /// A claim was accepted; the Lease is as written.
        case claimed(LeaseRecord)
        /// The Lease is at another version than the one claimed or released.
        case conflicted
        /// The Lease that was claimed is not there.
        case vanished
        /// What a read found; nil: no Lease.
        case read(LeaseRecord?)
        /// The request under way has failed, or its answer is lost.
        case failed
        case released
        /// This process is about to end.
        case resign
        /// No write is on its way any more; `isClean` false: some are, and were waited for long enough.
        case drained(isClean: Bool)
    }

    enum Action: Equatable {
        /// Create the Lease, or patch it at that version.
        case claim(over: LeaseRecord?)
        case read
        case release(LeaseRecord)
    }

    let identity: String
    let timing: LeaseTiming
    private(set) var role = Role.standby
    private(set) var request: Request?
    /// What is known of the Lease; nil: there is none, or nothing is known yet.
    private(set) var record: LeaseRecord?
    private var isEligible = false
    /// The holder's time, as this process observed it; nil: nothing has been seen yet.
    private var heldUntil: MonotonicInstant?
    /// No claim before then: a renewal that is not due, or a pause after a failure.
    private var notBefore: MonotonicInstant
    private var mustRead = false

    init(identity: String, timing: LeaseTiming, now: MonotonicInstant) {
        self.identity = identity
        self.timing = timing
        notBefore = now
    }

    /// Until when writes may begin; nil: they may not.
    var permittedUntil: MonotonicInstant? {
        switch role {
        case .leading(let until): until
        case .standby, .resigning, .resigned: nil
        }
    }

    /// When `tick` is due; nil: not before something else happens.
    var nextTick: MonotonicInstant? {
        switch role {
        case .leading(let until): request == nil ? min(until, notBefore) : until
        case .standby where request == nil && mustRead: notBefore
        case .standby where request == nil && isEligible: heldUntil.map { max($0, notBefore) }
        case .standby, .resigning, .resigned: nil
        }
    }

    /// Takes note of what happened and answers with the request that is due.
    mutating func receive(
        _ event: Event, now: MonotonicInstant, using random: inout some RandomNumberGenerator
    ) -> Action? {
        lapse(now: now)
        note(event, now: now, using: &random)
        lapse(now: now)
        return next(now: now)
    }
}

extension LeaderElection {
    private mutating func lapse(now: MonotonicInstant) {
        if case .leading(let until) = role, until <= now { role = .standby }
    }

    private mutating func note(_ event: Event, now: MonotonicInstant, using random: inout some RandomNumberGenerator) {
        switch event {
        case .tick: break
        case .eligible: isEligible = true
        case .observed(let seen): observe(seen, now: now, using: &random)
        case .claimed(let written):
            let sent = finishClaim() ?? now
            record = written
            heldUntil = now
            notBefore = sent.advanced(by: timing.retryPeriod * Double.random(in: 0.9..<1.1, using: &random))
            lead(until: sent.advanced(by: timing.renewDeadline))
        case .conflicted:
            request = nil
            mustRead = true
            notBefore = now.advanced(by: LeaseTiming.conflictPause * Double.random(in: 0.5..<1, using: &random))
        case .vanished:
            request = nil
            record = nil
            notBefore = now
        case .read(let found):
            defer { request = nil }
            // A standby has taken over what the watch told; a holder has not, and asks once more.
            mustRead = request == .read(isOvertaken: true) && permittedUntil != nil
            if request == .read(isOvertaken: false) { learn(found, now: now, using: &random) }
        case .released:
            request = nil
            role = .resigned
        case .failed:
            endIfResigning()
            request = nil
            notBefore = now.advanced(by: timing.retryPeriod * Double.random(in: 0.9..<1.1, using: &random))
        case .resign:
            if role != .resigned { role = .resigning(isDrained: false) }
        case .drained(let isClean):
            if case .resigning = role { role = isClean ? .resigning(isDrained: true) : .resigned }
        }
    }

    /// What can't be given back now runs out by itself.
    private mutating func endIfResigning() {
        guard case .resigning = role else { return }
        switch request {
        case .read, .release: role = .resigned
        case .claim, nil: break
        }
    }

    private mutating func finishClaim() -> MonotonicInstant? {
        defer { request = nil }
        guard case .claim(let sent) = request else { return nil }
        return sent
    }

    private mutating func lead(until: MonotonicInstant) {
        switch role {
        case .standby, .leading: role = .leading(until: until)
        case .resigning, .resigned: break
        }
    }

    /// The watch may lag behind what our own requests have shown, so a holder does not believe it: a renewal will tell.
    private mutating func observe(
        _ seen: LeaseRecord?, now: MonotonicInstant, using random: inout some RandomNumberGenerator
    ) {
        if case .read = request { request = .read(isOvertaken: true) }
        switch role {
        case .leading where seen?.holder == identity: break
        case .leading: notBefore = min(notBefore, now)
        case .standby, .resigning: learn(seen, now: now, using: &random)
        case .resigned: break
        }
    }

    private mutating func learn(
        _ seen: LeaseRecord?, now: MonotonicInstant, using random: inout some RandomNumberGenerator
    ) {
        let isNew = heldUntil == nil || seen != record
        record = seen
        guard isNew else { return }
        guard let seen else {
            // Whoever held a Lease that was deleted may still write: its time runs on.
            heldUntil = heldUntil ?? now
            return
        }
        guard let holder = seen.holder, holder != identity else {
            heldUntil = now
            return
        }
        if case .leading = role { role = .standby }
        heldUntil = now.advanced(
            by: (seen.duration ?? timing.duration) + LeaseTiming.expirySpread * Double.random(in: 0..<1, using: &random)
        )
    }

    private mutating func next(now: MonotonicInstant) -> Action? {
        guard request == nil else { return nil }
        switch role {
        case .leading, .standby:
            guard now >= notBefore else { return nil }
            if mustRead {
                request = .read(isOvertaken: false)
                return .read
            }
            guard permittedUntil != nil || isEligible, let heldUntil, now >= heldUntil else { return nil }
            request = .claim(sent: now)
            return .claim(over: record)
        case .resigning(isDrained: false), .resigned: return nil
        case .resigning(isDrained: true):
            if mustRead {
                request = .read(isOvertaken: false)
                return .read
            }
            guard let record, record.holder == identity else {
                role = .resigned
                return nil
            }
            request = .release
            return .release(record)
        }
    }
}
