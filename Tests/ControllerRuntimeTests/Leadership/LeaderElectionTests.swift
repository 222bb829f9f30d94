import Kubernetes
import KubernetesModel
import Testing

@testable import ControllerRuntime

/// A candidate whose time the test moves.
private struct Candidate {
    var election: LeaderElection
    var now = MonotonicInstant(sinceOrigin: .seconds(1000))
    var random = LowestRandom()

    init(isEligible: Bool = true) {
        election = LeaderElection(identity: "me", timing: .standard, now: now)
        if isEligible { tell(.eligible) }
    }

    @discardableResult
    mutating func tell(_ event: LeaderElection.Event, after wait: Duration = .zero) -> LeaderElection.Action? {
        now = now.advanced(by: wait)
        return election.receive(event, now: now, using: &random)
    }

    /// As leader, at version 1.
    static func leading() -> Candidate {
        var candidate = Candidate()
        candidate.tell(.observed(nil))
        candidate.tell(.claimed(lease(1, "me")))
        return candidate
    }

    var leads: Bool { election.permittedUntil.map { now < $0 } ?? false }
}

private func lease(_ version: Int, _ holder: String?, for seconds: Int = 15) -> LeaseRecord {
    LeaseRecord(version: ResourceVersion(rawValue: "\(version)"), holder: holder, duration: .seconds(seconds))
}

@Suite("Leader election") struct LeaderElectionTests {
    @Test("A Lease that is not there is created, one that was released is taken, both at once")
    func free() {
        var candidate = Candidate()
        #expect(candidate.tell(.observed(nil)) == .claim(over: nil))
        candidate = Candidate()
        #expect(candidate.tell(.observed(lease(7, nil))) == .claim(over: lease(7, nil)))
        #expect(candidate.tell(.claimed(lease(8, "me"))) == nil)
        #expect(candidate.leads)
    }

    @Test("Nothing is claimed before the Lease was seen, nor before this process can do the work")
    func notYet() {
        var candidate = Candidate()
        #expect(candidate.tell(.tick, after: .seconds(100)) == nil)
        candidate = Candidate(isEligible: false)
        #expect(candidate.tell(.observed(lease(7, nil))) == nil)
        #expect(candidate.election.nextTick == nil)
        #expect(candidate.tell(.eligible) == .claim(over: lease(7, nil)))
    }

    @Test("A holder has its whole duration from each sign of it, as seen here")
    func silentHolder() {
        var candidate = Candidate()
        #expect(candidate.tell(.observed(lease(1, "other"))) == nil)
        #expect(candidate.tell(.observed(lease(2, "other")), after: .seconds(14)) == nil)
        // Shown again without a change: no sign of life.
        #expect(candidate.tell(.observed(lease(2, "other")), after: .seconds(10)) == nil)
        #expect(candidate.tell(.tick, after: .milliseconds(4999)) == nil)
        #expect(candidate.election.nextTick == candidate.now.advanced(by: .milliseconds(1)))
        #expect(candidate.tell(.tick, after: .milliseconds(1)) == .claim(over: lease(2, "other")))
    }

    @Test("The holder's own duration counts, where it differs from ours")
    func foreignDuration() {
        var candidate = Candidate()
        candidate.tell(.observed(lease(1, "other", for: 60)))
        #expect(candidate.tell(.tick, after: .seconds(59)) == nil)
        #expect(candidate.tell(.tick, after: .seconds(1)) != nil)
    }

    @Test("A Lease that is deleted does not free those who wait from waiting")
    func deletedUnderHolder() {
        var candidate = Candidate()
        candidate.tell(.observed(lease(1, "other")))
        #expect(candidate.tell(.observed(nil), after: .seconds(5)) == nil)
        #expect(candidate.tell(.tick, after: .milliseconds(9999)) == nil)
        #expect(candidate.tell(.tick, after: .milliseconds(1)) == .claim(over: nil))
    }

    @Test("The lead counts from when the renewal was sent, not from when it was answered")
    func countsFromSending() {
        var candidate = Candidate()
        candidate.tell(.observed(nil))
        let sent = candidate.now
        candidate.tell(.claimed(lease(1, "me")), after: .seconds(4))
        #expect(candidate.election.permittedUntil == sent.advanced(by: .seconds(10)))
        // An answer that took longer than it is worth makes no leader.
        candidate = Candidate()
        candidate.tell(.observed(nil))
        candidate.tell(.claimed(lease(1, "me")), after: .seconds(10))
        #expect(candidate.election.permittedUntil == nil)
        #expect(
            candidate.election.request == .claim(sent: candidate.now), "it is the holder's, and may be renewed at once")
    }

    @Test("The holder renews every two seconds at the version that it wrote")
    func renewal() {
        var candidate = Candidate.leading()
        #expect(candidate.tell(.tick, after: .milliseconds(1799)) == nil)
        #expect(candidate.tell(.tick, after: .milliseconds(1)) == .claim(over: lease(1, "me")))
        candidate.tell(.claimed(lease(2, "me")))
        // The watch comes behind with what is known already.
        #expect(candidate.tell(.observed(lease(1, "me"))) == nil)
        #expect(candidate.tell(.tick, after: .seconds(2)) == .claim(over: lease(2, "me")))
    }

    @Test("A holder that can't renew stops at the deadline, and begins again with its own Lease")
    func cutOff() {
        var candidate = Candidate.leading()
        for _ in 0..<3 {
            #expect(candidate.tell(.tick, after: .seconds(2)) != nil)
            #expect(candidate.tell(.failed) == nil)
        }
        candidate.now = candidate.now.advanced(by: .milliseconds(3999))
        #expect(candidate.leads)
        candidate.now = candidate.now.advanced(by: .milliseconds(1))
        #expect(!candidate.leads, "also before anything is told")
        #expect(candidate.tell(.tick) != nil, "it still tries")
        #expect(candidate.election.role == .standby)
        candidate.tell(.claimed(lease(2, "me")), after: .seconds(1))
        #expect(candidate.leads)
    }

    @Test("A conflict is looked into; who finds another holder steps down at once and waits its turn")
    func overthrown() {
        var candidate = Candidate.leading()
        candidate.tell(.tick, after: .seconds(2))
        #expect(candidate.tell(.conflicted) == nil)
        #expect(candidate.leads)
        #expect(candidate.tell(.tick, after: .milliseconds(100)) == .read)
        #expect(candidate.tell(.read(lease(5, "other"))) == nil)
        #expect(candidate.election.role == .standby)
        #expect(candidate.tell(.tick, after: .milliseconds(14_999)) == nil)
        #expect(candidate.tell(.tick, after: .milliseconds(1)) == .claim(over: lease(5, "other")))
    }

    @Test("A renewal whose answer was lost shows as a conflict with oneself, and the lead goes on")
    func lostAnswer() {
        var candidate = Candidate.leading()
        candidate.tell(.tick, after: .seconds(2))
        candidate.tell(.failed, after: .seconds(5))
        #expect(candidate.tell(.tick, after: .seconds(2)) == .claim(over: lease(1, "me")))
        candidate.tell(.conflicted)
        #expect(candidate.tell(.tick, after: .milliseconds(200)) == .read)
        #expect(candidate.tell(.read(lease(2, "me"))) == .claim(over: lease(2, "me")))
        #expect(candidate.leads)
    }

    @Test("A watch that shows another holder makes the holder renew at once, and is not believed before")
    func watchAgainstHolder() {
        var candidate = Candidate.leading()
        #expect(
            candidate.tell(.observed(lease(0, "before me")), after: .milliseconds(50)) == .claim(over: lease(1, "me")))
        #expect(candidate.leads)
        candidate.tell(.claimed(lease(2, "me")))
        #expect(candidate.tell(.observed(nil)) == .claim(over: lease(2, "me")))
        #expect(candidate.tell(.vanished) == .claim(over: nil))
        candidate.tell(.claimed(lease(3, "me")))
        #expect(candidate.leads)
    }

    @Test("A read that the watch overtook is not believed by a standby, and repeated by a holder")
    func overtaken() {
        var candidate = Candidate()
        candidate.tell(.observed(lease(1, nil)))
        candidate.tell(.conflicted)
        #expect(candidate.tell(.tick, after: .seconds(1)) == .read)
        candidate.tell(.observed(lease(3, nil)))
        #expect(candidate.tell(.read(lease(2, "other"))) == .claim(over: lease(3, nil)))

        candidate = .leading()
        candidate.tell(.tick, after: .seconds(2))
        candidate.tell(.conflicted)
        #expect(candidate.tell(.tick, after: .seconds(1)) == .read)
        candidate.tell(.observed(lease(3, "other")))
        #expect(candidate.tell(.read(lease(2, "me"))) == .read)
    }

    @Test("Who resigns writes nothing from then on, and gives the Lease back when no write is under way")
    func resignation() {
        var candidate = Candidate.leading()
        #expect(candidate.tell(.resign) == nil)
        #expect(!candidate.leads)
        #expect(candidate.tell(.tick, after: .seconds(3)) == nil)
        #expect(candidate.tell(.drained(isClean: true)) == .release(lease(1, "me")))
        candidate.tell(.released)
        #expect(candidate.election.role == .resigned)
    }

    @Test("The Lease is kept while a write hangs, and nothing is claimed again")
    func resignationWithHangingWrite() {
        var candidate = Candidate.leading()
        candidate.tell(.resign)
        #expect(candidate.tell(.drained(isClean: false)) == nil)
        #expect(candidate.election.role == .resigned)
        #expect(candidate.tell(.tick, after: .seconds(100)) == nil)
    }

    @Test("A renewal under way is waited for before the Lease is given back")
    func resignationDuringRenewal() {
        var candidate = Candidate.leading()
        candidate.tell(.tick, after: .seconds(2))
        candidate.tell(.resign)
        #expect(candidate.tell(.drained(isClean: true)) == nil)
        #expect(candidate.tell(.claimed(lease(2, "me"))) == .release(lease(2, "me")))
        #expect(candidate.tell(.conflicted) == .read)
        #expect(candidate.tell(.read(lease(3, "other"))) == nil)
        #expect(candidate.election.role == .resigned)
    }

    @Test("A standby resigns without touching the Lease")
    func standbyResigns() {
        var candidate = Candidate()
        candidate.tell(.observed(lease(1, "other")))
        candidate.tell(.resign)
        #expect(candidate.tell(.drained(isClean: true)) == nil)
        #expect(candidate.election.role == .resigned)
    }
}
